/* Ranks that another launcher starts and that speak PMI with it (pmi.h). They meet as meeting.h
 * says. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "meeting.h"
#include "pmi.h"
#include "way.h"

static struct {
    int fd;    /* 0: none */
    bool over; /* the launcher has been told that this rank is done */
} boot;

/* The space is one for all ranks: who has put a key makes no difference. */
static int get(int owner, const char *key, char value[IPCR_KVS_VALUE_MAX])
{
    (void)owner;
    return ipcr_pmi_get(key, value);
}

static const struct ipcr_kvs kvs = {
    .name = "PMI", .put = ipcr_pmi_put, .fence = ipcr_pmi_barrier, .get = get};

/* ---- who and where ---- */

static bool variable(const char *name, int least, int most, int *value)
{
    const char *text = getenv(name);
    char *end;
    errno = 0;
    long n = text ? strtol(text, &end, 10) : 0;
    *value = (int)n;
    if (text && !errno && end != text && !*end && n >= least && n <= most)
        return true;
    ipcr_err_note(MPI_ERR_OTHER, "the launcher gave the variable PMI_FD, but %s is %s%s%s", name,
                  text ? "'" : "missing", text ? text : "", text ? "', which makes no sense" : "");
    return false;
}

/* Without the launcher's map every rank is a node: slow is better than wrong. */
static int find_places(const struct ipcr_job *job)
{
    char map[IPCR_KVS_VALUE_MAX];
    int *node_of = ipcr_meeting_begin(&kvs, job);
    if (!node_of)
        return -ENOMEM;
    int rc = ipcr_pmi_get("PMI_process_mapping", map);
    if (rc < 0 && rc != -ENOENT)
        return rc;
    if (rc == -ENOENT || !ipcr_pmi_places(map, job->size, node_of))
        for (int r = 0; r < job->size; r++)
            node_of[r] = r;
    return 0;
}

/* ---- beginning ---- */

static bool offered(void)
{
    return getenv("PMI_FD") && !getenv("IPCRUN_RANK");
}

static int read_numbers(struct ipcr_job *job)
{
    int rc = ipcr_pmi_number("appnum", &job->appnum);
    if (rc == 0)
        rc = ipcr_pmi_number("universe_size", &job->universe);
    if (job->universe < job->size) /* -1: the launcher does not say */
        job->universe = job->size;
    return rc;
}

static int open_pmi(struct ipcr_job *job)
{
    int fd;
    ipcr_meeting_prepare(job);
    if (!variable("PMI_FD", 3, 1 << 20, &fd) ||
        !variable("PMI_SIZE", 1, IPCR_RANKS_MAX, &job->size) ||
        !variable("PMI_RANK", 0, job->size - 1, &job->rank))
        return -EINVAL;
    int rc = ipcr_pmi_open(fd);
    if (rc < 0)
        return rc;
    boot.fd = fd;
    rc = read_numbers(job);
    if (rc == 0)
        rc = find_places(job);
    if (rc == 0)
        rc = ipcr_meeting_hold(job);
    if (rc < 0)
        return rc;
    unsetenv("PMI_FD");
    fcntl(boot.fd, F_SETFD, FD_CLOEXEC);
    ipcr_meeting_mark_children(job);
    return 0;
}

/* ---- end ---- */

/* The words first: the launcher may end this rank as soon as it knows. */
static bool die(int code, const char *text)
{
    if (text)
        dprintf(2, "%s", text);
    if (boot.fd && !boot.over)
        ipcr_pmi_abort(ipcr_way_status(code));
    return true;
}

static int finalize(void)
{
    boot.over = true;
    return ipcr_pmi_finalize();
}

/* MPICH's mpiexec looks at how its ranks end; srun, which alone gives this variable, does not. */
static void leaving(void)
{
    if (boot.fd && !boot.over && getenv("PMI_JOBID"))
        ipcr_pmi_abort(ipcr_way_status(0));
}

static void close_pmi(void)
{
    ipcr_pmi_close();
    if (boot.fd)
        close(boot.fd);
    ipcr_meeting_end();
    memset(&boot, 0, sizeof boot);
}

const struct ipcr_way ipcr_way_pmi = {.offered = offered,
                                      .open = open_pmi,
                                      .exchange = ipcr_meeting_exchange,
                                      .die = die,
                                      .finalize = finalize,
                                      .leaving = leaving,
                                      .close = close_pmi};
