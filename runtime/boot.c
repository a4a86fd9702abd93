/* Which way this process was started (way.h), and the calls that are passed on to it. */
#include "boot.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "proto.h"
#include "way.h"

struct ipcr_job ipcr_job;

/* The first that offers itself. A rank of ipcrun may run inside another launcher's job, so the
 * agent comes first. */
static const struct ipcr_way *const ways[] = {
    &ipcr_way_agent,
    &ipcr_way_pmi,
#if HAVE_PMIX
    &ipcr_way_pmix,
#endif
    &ipcr_way_alone,
};

static const struct ipcr_way *way;
static pid_t owner; /* a child that was forked is no rank */

int ipcr_way_trouble(int error, const char *what)
{
    ipcr_err_note(MPI_ERR_OTHER, "%s", what);
    return -error;
}

int ipcr_way_status(int code)
{
    return code & 0xff ? code & 0xff : 1;
}

bool ipcr_way_send(int fd, const void *bytes, size_t n)
{
    for (const char *p = bytes; n;) {
        ssize_t put = send(fd, p, n, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}

int ipcr_boot_open(struct ipcr_job *job)
{
    int i = 0;
    while (!ways[i]->offered())
        i++;
    way = ways[i];
    owner = getpid();
    return way->open(job);
}

int ipcr_boot_exchange(const void *mine, size_t len, const void **table, size_t *lens)
{
    if (len > IPCR_BLOB_MAX)
        return ipcr_way_trouble(EMSGSIZE, "an address is too long to be exchanged");
    return way->exchange(mine, len, table, lens);
}

/* What the program printed goes out first; but a stream that another thread holds is left alone. */
static void flush_output(void)
{
    FILE *const files[] = {stdout, stderr};
    for (int i = 0; i < 2; i++)
        if (ftrylockfile(files[i]) == 0) {
            fflush_unlocked(files[i]);
            funlockfile(files[i]);
        }
}

static bool is_rank(void)
{
    return way && owner == getpid();
}

_Noreturn void ipcr_boot_abort(int code, const char *text)
{
    flush_output();
    bool told = is_rank() && way->die(code, text);
    if (!told && text)
        dprintf(2, "%s", text);
    _exit(ipcr_way_status(code));
}

void ipcr_boot_finding(const char *call, const void *caller, const char *text)
{
    if (is_rank() && way->finding)
        way->finding(call, caller, text);
    else
        dprintf(2, "check: %s on rank %d: %s\n", call, ipcr_job.rank, text);
}

bool ipcr_boot_has_detour(void)
{
    return is_rank() && way->detour;
}

int ipcr_boot_detour(int rank, uint16_t port)
{
    return ipcr_boot_has_detour() ? way->detour(rank, port) : -ENOTSUP;
}

int ipcr_boot_finalize(void)
{
    return way->finalize();
}

void ipcr_boot_leaving(void)
{
    if (is_rank() && way->leaving)
        way->leaving();
}

void ipcr_boot_close(void)
{
    if (way)
        way->close();
    way = NULL;
}
