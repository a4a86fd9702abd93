/* Ranks that another launcher starts and that speak PMIx with it (pmixlib.h). They meet as
 * meeting.h says. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "err.h"
#include "meeting.h"
#include "pmixlib.h"
#include "way.h"

static bool joined; /* from PMIx_Init to PMIx_Finalize */

static const struct ipcr_kvs kvs = {
    .name = "PMIx", .put = ipcr_pmixlib_put, .fence = ipcr_pmixlib_fence, .get = ipcr_pmixlib_get};

/* ---- who and where ---- */

static int read_numbers(struct ipcr_job *job)
{
    int rc = ipcr_pmixlib_number(IPCR_PMIX_SIZE, &job->size);
    if (rc == -ENOENT)
        return ipcr_way_trouble(EPROTO, "the launcher's PMIx does not tell the number of ranks");
    if (rc == 0 && (job->size > IPCR_RANKS_MAX || job->rank >= job->size)) {
        ipcr_err_note(MPI_ERR_OTHER, "the launcher's PMIx makes this rank %d of %d", job->rank,
                      job->size);
        return -EPROTO;
    }
    if (rc == 0)
        rc = ipcr_pmixlib_number(IPCR_PMIX_APPNUM, &job->appnum);
    if (rc == 0 || rc == -ENOENT)
        rc = ipcr_pmixlib_number(IPCR_PMIX_UNIVERSE, &job->universe);
    if (job->universe < job->size)
        job->universe = job->size;
    return rc == -ENOENT ? 0 : rc;
}

static void place_key(int rank, char key[IPCR_KVS_KEY_MAX])
{
    snprintf(key, IPCR_KVS_KEY_MAX, "ipcr-place-%d", rank);
}

static int put_place(const struct ipcr_job *job)
{
    char key[IPCR_KVS_KEY_MAX], text[16];
    int lowest;
    int rc = ipcr_pmixlib_lowest(&lowest);
    if (rc < 0)
        return rc;
    place_key(job->rank, key);
    snprintf(text, sizeof text, "%d", lowest);
    return ipcr_pmixlib_put(key, text);
}

static int get_place(int rank, int *node)
{
    char key[IPCR_KVS_KEY_MAX], text[IPCR_KVS_VALUE_MAX], rest;
    place_key(rank, key);
    int rc = ipcr_meeting_get(rank, key, text);
    if (rc < 0)
        return rc;
    bool good = sscanf(text, "%9d%c", node, &rest) == 1 && *node >= 0 && *node < IPCR_RANKS_MAX;
    return good ? 0 : ipcr_meeting_bad(key);
}

/* Launchers tell each rank which ranks are on its own node, but not all tell of the others'. So the
 * ranks tell each other the lowest rank beside them, which serves as the number of a node. */
static int find_places(const struct ipcr_job *job)
{
    int *node_of = ipcr_meeting_begin(&kvs, job);
    if (!node_of)
        return -ENOMEM;
    int rc = put_place(job);
    if (rc == 0)
        rc = ipcr_pmixlib_fence();
    for (int r = 0; rc == 0 && r < job->size; r++)
        rc = get_place(r, &node_of[r]);
    return rc;
}

/* ---- beginning ---- */

/* Without the library, boot_alone.c looks whether the launcher meant several ranks. */
static bool offered(void)
{
    return getenv("PMIX_NAMESPACE") && getenv("PMIX_RANK") && !getenv("IPCRUN_RANK") &&
           ipcr_pmixlib_find();
}

static int open_pmix(struct ipcr_job *job)
{
    ipcr_meeting_prepare(job);
    int rc = ipcr_pmixlib_open(getenv("PMIX_NAMESPACE"), &job->rank);
    if (rc < 0)
        return rc;
    joined = true;
    rc = read_numbers(job);
    if (rc == 0)
        rc = find_places(job);
    if (rc == 0)
        rc = ipcr_meeting_hold(job);
    if (rc < 0)
        return rc;
    unsetenv("PMIX_NAMESPACE");
    unsetenv("PMIX_RANK");
    ipcr_meeting_mark_children(job);
    return 0;
}

/* ---- end ---- */

/* The words first: the launcher may end this rank as soon as it knows. */
static bool die(int code, const char *text)
{
    if (text)
        dprintf(2, "%s", text);
    if (joined)
        ipcr_pmixlib_abort(ipcr_way_status(code));
    return true;
}

static int finalize(void)
{
    joined = false;
    return ipcr_pmixlib_finalize();
}

static void close_pmix(void)
{
    ipcr_meeting_end();
}

const struct ipcr_way ipcr_way_pmix = {.offered = offered,
                                       .open = open_pmix,
                                       .exchange = ipcr_meeting_exchange,
                                       .die = die,
                                       .finalize = finalize,
                                       .close = close_pmix};
