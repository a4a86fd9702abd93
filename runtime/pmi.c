/* Lines of PMI-1, out and in. */
#include "pmi.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "err.h"
#include "way.h"

enum { LINE_MAX_BYTES = 4096, QUOTED = 80 };

static struct {
    int fd;          /* 0: none */
    char space[300]; /* the name of this job's key-value space */
} pmi;

/* ---- lines ---- */

static int lost(void)
{
    ipcr_err_note(MPI_ERR_OTHER, "the launcher closed the socket that PMI_FD names");
    return -ECONNRESET;
}

static int nonsense(const char *asked, const char *line)
{
    ipcr_err_note(MPI_ERR_OTHER, "the launcher answers the PMI command '%.*s' with '%.*s'",
                  (int)strcspn(asked, " \n"), asked, QUOTED, line);
    return -EPROTO;
}

static int say(const char *line)
{
    return ipcr_way_send(pmi.fd, line, strlen(line)) ? 0 : lost();
}

/* One line without its end. The launcher speaks when it is asked and not else, so nothing stands
 * behind it. */
static int hear(const char *asked, char line[LINE_MAX_BYTES])
{
    size_t have = 0;
    do {
        ssize_t got = recv(pmi.fd, line + have, LINE_MAX_BYTES - 1 - have, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return lost();
        have += (size_t)got;
        line[have] = 0;
    } while (!memchr(line, '\n', have) && have < LINE_MAX_BYTES - 1);
    if (strlen(line) != have || line[have - 1] != '\n' || strchr(line, '\n') != line + have - 1)
        return nonsense(asked, line);
    line[have - 1] = 0;
    return 0;
}

/* The value of the word `name` of a line; false: there is none, or it is too long. */
static bool word(const char *line, const char *name, char *to, size_t room)
{
    size_t len = strlen(name);
    for (const char *p = line; *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        if (n > len && p[len] == '=' && memcmp(p, name, len) == 0) {
            if (n - len > room)
                return false;
            memcpy(to, p + len + 1, n - len - 1);
            to[n - len - 1] = 0;
            return true;
        }
        p += n;
    }
    return false;
}

static bool number(const char *line, const char *name, int *to)
{
    char text[16], *end;
    if (!word(line, name, text, sizeof text))
        return false;
    errno = 0;
    long n = strtol(text, &end, 10);
    *to = (int)n;
    return !errno && end != text && !*end && n >= INT_MIN && n <= INT_MAX;
}

/* Sends a command; the answer must be of the kind `want`. */
static int ask(const char *command, const char *want, char line[LINE_MAX_BYTES])
{
    char kind[40];
    int rc = say(command);
    if (rc == 0)
        rc = hear(command, line);
    if (rc < 0)
        return rc;
    return word(line, "cmd", kind, sizeof kind) && strcmp(kind, want) == 0
               ? 0
               : nonsense(command, line);
}

/* ---- commands ---- */

int ipcr_pmi_open(int fd)
{
    static const char hello[] = "cmd=init pmi_version=1 pmi_subversion=1\n";
    static const char whose[] = "cmd=get_my_kvsname\n";
    char line[LINE_MAX_BYTES];
    int bad = 0;
    pmi.fd = fd;
    int rc = ask(hello, "response_to_init", line);
    if (rc == 0 && (!number(line, "rc", &bad) || bad))
        rc = nonsense(hello, line);
    if (rc == 0)
        rc = ask(whose, "my_kvsname", line);
    if (rc == 0 && !word(line, "kvsname", pmi.space, sizeof pmi.space))
        rc = nonsense(whose, line);
    return rc;
}

void ipcr_pmi_close(void)
{
    memset(&pmi, 0, sizeof pmi);
}

int ipcr_pmi_number(const char *what, int *value)
{
    char command[64], line[LINE_MAX_BYTES];
    bool universe = strcmp(what, "universe_size") == 0;
    snprintf(command, sizeof command, "cmd=get_%s\n", what);
    int rc = ask(command, what, line);
    if (rc < 0)
        return rc;
    return number(line, universe ? "size" : what, value) ? 0 : nonsense(command, line);
}

int ipcr_pmi_put(const char *key, const char *value)
{
    char command[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
    int bad;
    snprintf(command, sizeof command, "cmd=put kvsname=%s key=%s value=%s\n", pmi.space, key,
             value);
    int rc = ask(command, "put_result", line);
    if (rc < 0)
        return rc;
    return number(line, "rc", &bad) && !bad ? 0 : nonsense(command, line);
}

int ipcr_pmi_barrier(void)
{
    char line[LINE_MAX_BYTES];
    return ask("cmd=barrier_in\n", "barrier_out", line);
}

int ipcr_pmi_get(const char *key, char value[IPCR_KVS_VALUE_MAX])
{
    char command[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
    int missing;
    snprintf(command, sizeof command, "cmd=get kvsname=%s key=%s\n", pmi.space, key);
    int rc = ask(command, "get_result", line);
    if (rc < 0)
        return rc;
    if (!number(line, "rc", &missing))
        return nonsense(command, line);
    if (missing)
        return -ENOENT;
    return word(line, "value", value, IPCR_KVS_VALUE_MAX) ? 0 : nonsense(command, line);
}

int ipcr_pmi_finalize(void)
{
    char line[LINE_MAX_BYTES];
    return ask("cmd=finalize\n", "finalize_ack", line);
}

void ipcr_pmi_abort(int code)
{
    char command[64];
    snprintf(command, sizeof command, "cmd=abort exitcode=%d\n", code);
    say(command);
}

/* ---- the map ---- */

struct block {
    int first, nodes, each;
};

/* "(0,4,2)" at *p, and the comma behind it. */
static bool read_block(const char **p, struct block *b)
{
    int n = 0;
    if (sscanf(*p, "(%9d,%9d,%9d)%n", &b->first, &b->nodes, &b->each, &n) != 3 || !n)
        return false;
    *p += n;
    *p += **p == ',';
    return b->first >= 0 && b->nodes > 0 && b->each > 0;
}

static int place(const struct block *b, int rank, int size, int *node_of)
{
    for (int node = 0; node < b->nodes && rank < size; node++)
        for (int i = 0; i < b->each && rank < size; i++)
            node_of[rank++] = b->first + node;
    return rank;
}

bool ipcr_pmi_places(const char *text, int size, int *node_of)
{
    static const char begin[] = "(vector,";
    if (strncmp(text, begin, sizeof begin - 1) != 0)
        return false;
    for (int rank = 0; rank < size;) {
        const char *p = text + sizeof begin - 1;
        struct block b;
        do {
            if (!read_block(&p, &b))
                return false;
            rank = place(&b, rank, size, node_of);
        } while (*p == '(');
        if (strcmp(p, ")") != 0)
            return false;
    }
    return true;
}
