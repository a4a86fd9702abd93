/* The sentences of OpenSSH's client: it has one exit status for all that can go wrong. */
#include "sshwords.h"

#include <stddef.h>
#include <string.h>

/* A machine that boots refuses connections; a pod has no name until it runs; an sshd with
 * MaxStartups logins under way hangs up on the next one, in words that differ by version. */
static const struct {
    const char *part;
    enum ipcr_sshwords meaning;
} sentences[] = {
    {"Read from remote host", IPCR_SSH_FINAL}, /* it was let in, and has lost the connection */
    {"Connection refused", IPCR_SSH_NOT_YET},
    {"Could not resolve hostname", IPCR_SSH_NOT_YET},
    {"kex_exchange_identification", IPCR_SSH_BUSY},
    {"Connection closed by", IPCR_SSH_BUSY},
    {"Connection reset by", IPCR_SSH_BUSY},
    {"Not allowed at this time", IPCR_SSH_BUSY},
    {"Host key verification failed", IPCR_SSH_UNKNOWN_KEY},
};

enum ipcr_sshwords ipcr_sshwords_judge(const char *line)
{
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (strstr(line, sentences[i].part))
            return sentences[i].meaning;
    return IPCR_SSH_FINAL;
}
