/* What a launcher that speaks PMI-1 says: the first byte tells the map of ranks from the answers to
 * commands. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "pmi.h"

enum { RANKS = 40 };

static const char hello[] = "pcmd=response_to_init pmi_version=1 pmi_subversion=1 rc=0\n"
                            "cmd=my_kvsname kvsname=k\ncmd=appnum rc=0 appnum=3\n"
                            "cmd=barrier_out\ncmd=get_result rc=0 msg=success value=x\n";
static const char *const seeds[] = {hello, "m(vector,(0,2,3),(2,1,1))"};

static void read_map(const char *text)
{
    int node_of[RANKS];
    if (!ipcr_pmi_places(text, RANKS, node_of))
        return;
    for (int i = 0; i < RANKS; i++)
        if (node_of[i] < 0)
            abort();
}

static void converse(int fd)
{
    char value[IPCR_KVS_VALUE_MAX];
    int number;
    if (ipcr_pmi_open(fd) == 0 && ipcr_pmi_number("appnum", &number) == 0 &&
        ipcr_pmi_barrier() == 0 && ipcr_pmi_get("key", value) == 0 &&
        !memchr(value, 0, sizeof value))
        abort();
    ipcr_pmi_close();
}

/* Answers, whatever will be asked; then nothing more. */
static void read_answers(const char *text)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
        send(pair[1], text, strlen(text), MSG_DONTWAIT) < 0 || shutdown(pair[1], SHUT_WR) < 0)
        abort();
    converse(pair[0]);
    close(pair[0]);
    close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    char *text = malloc(size);
    if (!text)
        abort();
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    if (*data == 'm')
        read_map(text);
    else
        read_answers(text);
    free(text);
    return 0;
}

size_t fuzz_seed(int i, uint8_t *to, size_t room)
{
    return fuzz_seed_text(seeds, sizeof seeds / sizeof *seeds, i, to, room);
}
