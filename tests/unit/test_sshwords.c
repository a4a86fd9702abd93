/* What OpenSSH's client says: what may pass by itself, what does not, and keys that nobody knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sshwords.h"

/* As OpenSSH 8.4 to 9.7 write them. */
static const struct {
    const char *line;
    enum ipcr_sshwords meaning;
} lines[] = {
    {"ssh: connect to host h8 port 22: Connection refused", IPCR_SSH_NOT_YET},
    {"ssh: Could not resolve hostname h8: Name or service not known", IPCR_SSH_NOT_YET},
    {"ssh: Could not resolve hostname h8: Temporary failure in name resolution", IPCR_SSH_NOT_YET},
    {"kex_exchange_identification: Connection closed by remote host", IPCR_SSH_BUSY},
    {"kex_exchange_identification: read: Connection reset by peer", IPCR_SSH_BUSY},
    {"Connection closed by 10.77.0.1 port 22", IPCR_SSH_BUSY},
    {"Not allowed at this time", IPCR_SSH_BUSY},
    {"Host key verification failed.", IPCR_SSH_UNKNOWN_KEY},
    {"root@10.77.0.1: Permission denied (publickey).", IPCR_SSH_FINAL},
    {"Read from remote host h8: Connection reset by peer", IPCR_SSH_FINAL},
    {"Connection to 10.77.0.1 closed by remote host.", IPCR_SSH_FINAL},
    {"ssh: connect to host h9 port 22: No route to host", IPCR_SSH_FINAL},
    {"command-line: line 0: Bad configuration option: nonsense", IPCR_SSH_FINAL},
    {"", IPCR_SSH_FINAL},
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(ipcr_sshwords_judge(lines[i].line), lines[i].meaning);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
