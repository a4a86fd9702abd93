/* Takes in what ranks write down for --trace. */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "util.h"

/* ---- the files ---- */

/* In the folder of the trace, where there is room for it; it vanishes with us. */
static FILE *open_spool(const char *path)
{
    char *name = ipcr_format("%s.XXXXXX", path);
    int fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        unlink(name);
    free(name);
    FILE *spool = fd >= 0 ? fdopen(fd, "w+") : NULL;
    if (fd >= 0 && !spool)
        close(fd);
    return spool;
}

bool ipcr_trace_create(struct ipcr_trace *t, const char *path, char *why, size_t room)
{
    *t = (struct ipcr_trace){.start_ns = ipcr_clock_ns()};
    t->to = fopen(path, "we");
    t->spool = t->to ? open_spool(path) : NULL;
    if (t->spool)
        return true;
    snprintf(why, room, "--trace: cannot write %.200s: %s", path, strerror(errno));
    return false;
}

void ipcr_trace_plan(struct ipcr_trace *t, const struct ipcr_plan *plan)
{
    t->size = plan->size;
    t->nodes = plan->nodes;
    t->hosts = plan->hosts.at;
    t->ranks = ipcr_alloc(sizeof *t->ranks * (size_t)plan->size);
    t->clocks = ipcr_alloc(sizeof *t->clocks * (size_t)plan->nodes);
    for (int i = 0; i < plan->size; i++)
        t->ranks[i].node = plan->node_of[i];
}

static void must_write(struct ipcr_trace *t, const void *bytes, size_t n)
{
    if (t->broken || fwrite(bytes, 1, n, t->spool) == n)
        return;
    t->broken = true;
    ipcr_say("--trace: what comes from now on is lost: %s", strerror(errno));
}

/* ---- events ---- */

static void take_names(struct ipcr_trace_rank *k, struct ipcr_reader *r)
{
    uint32_t n = ipcr_get_count(r, 5);
    for (uint32_t i = 0; i < n && k->nnames < IPCR_PROFILE_CALLS; i++) {
        k->names = ipcr_resize(k->names, sizeof *k->names * (k->nnames + 1u));
        snprintf(k->names[k->nnames++], IPCR_PROFILE_NAME, "%s", ipcr_get_text(r));
    }
}

void ipcr_trace_take(struct ipcr_trace *t, struct ipcr_reader *r)
{
    uint32_t rank = ipcr_get_u32(r);
    if (!t->spool || rank >= (uint32_t)t->size)
        return;
    take_names(&t->ranks[rank], r);
    size_t n;
    const void *events = ipcr_get_blob(r, &n);
    struct ipcr_trace_portion portion = {rank, (uint32_t)(n / sizeof(struct ipcr_trace_event))};
    if (r->bad || portion.n == 0)
        return;
    must_write(t, &portion, sizeof portion);
    must_write(t, events, portion.n * sizeof(struct ipcr_trace_event));
}
