/* What a rank does, on its way from the agent to the head. */
#include "sleeper.h"

#include <stdio.h>
#include <string.h>

static void put_runs(struct ipcr_buf *b, const struct ipcr_sleeper *s)
{
    ipcr_put_u8(b, s->nruns);
    for (int i = 0; i < s->nruns; i++) {
        ipcr_put_u32(b, s->runs[i].first);
        ipcr_put_u32(b, s->runs[i].stride);
        ipcr_put_u32(b, s->runs[i].count);
    }
}

static void put_ways(struct ipcr_buf *b, const struct ipcr_sleeper *s)
{
    ipcr_put_u8(b, s->nways);
    for (int i = 0; i < s->nways; i++) {
        ipcr_put_text(b, s->ways[i].name);
        ipcr_put_u64(b, s->ways[i].messages);
        ipcr_put_u64(b, s->ways[i].bytes);
    }
}

void ipcr_put_sleeper(struct ipcr_buf *b, const struct ipcr_sleeper *s)
{
    ipcr_put_u32(b, s->rank);
    ipcr_put_u8(b, s->state);
    ipcr_put_i32(b, s->pid);
    ipcr_put_u32(b, s->gen);
    ipcr_put_u32(b, s->ms);
    ipcr_put_i32(b, s->peer);
    ipcr_put_i32(b, s->tag);
    ipcr_put_u8(b, s->kind);
    ipcr_put_u32(b, s->ctx);
    ipcr_put_u64(b, s->sent);
    ipcr_put_u64(b, s->arrived);
    ipcr_put_text(b, s->call);
    ipcr_put_text(b, s->comm);
    ipcr_put_text(b, s->where);
    ipcr_put_i32(b, s->near_source);
    ipcr_put_i32(b, s->near_tag);
    ipcr_put_text(b, s->near_comm);
    ipcr_put_text(b, s->several);
    put_runs(b, s);
    ipcr_put_u64(b, s->slept_ms);
    ipcr_put_u64(b, s->cpu_ms);
    put_ways(b, s);
}

static void get_runs(struct ipcr_reader *r, struct ipcr_sleeper *s)
{
    s->nruns = ipcr_get_u8(r);
    if (s->nruns > IPCR_SLEEPER_RUNS) {
        s->nruns = 0;
        r->bad = true;
    }
    for (int i = 0; i < s->nruns; i++) {
        s->runs[i].first = ipcr_get_u32(r);
        s->runs[i].stride = ipcr_get_u32(r);
        s->runs[i].count = ipcr_get_u32(r);
    }
}

static void get_ways(struct ipcr_reader *r, struct ipcr_sleeper *s)
{
    s->nways = ipcr_get_u8(r);
    if (s->nways > IPCR_SLEEPER_WAYS) {
        s->nways = 0;
        r->bad = true;
    }
    for (int i = 0; i < s->nways; i++) {
        snprintf(s->ways[i].name, sizeof s->ways[i].name, "%s", ipcr_get_text(r));
        s->ways[i].messages = ipcr_get_u64(r);
        s->ways[i].bytes = ipcr_get_u64(r);
    }
}

bool ipcr_get_sleeper(struct ipcr_reader *r, struct ipcr_sleeper *s)
{
    s->rank = ipcr_get_u32(r);
    s->state = ipcr_get_u8(r);
    s->pid = ipcr_get_i32(r);
    s->gen = ipcr_get_u32(r);
    s->ms = ipcr_get_u32(r);
    s->peer = ipcr_get_i32(r);
    s->tag = ipcr_get_i32(r);
    s->kind = ipcr_get_u8(r);
    s->ctx = ipcr_get_u32(r);
    s->sent = ipcr_get_u64(r);
    s->arrived = ipcr_get_u64(r);
    snprintf(s->call, sizeof s->call, "%s", ipcr_get_text(r));
    snprintf(s->comm, sizeof s->comm, "%s", ipcr_get_text(r));
    snprintf(s->where, sizeof s->where, "%s", ipcr_get_text(r));
    s->near_source = ipcr_get_i32(r);
    s->near_tag = ipcr_get_i32(r);
    snprintf(s->near_comm, sizeof s->near_comm, "%s", ipcr_get_text(r));
    snprintf(s->several, sizeof s->several, "%s", ipcr_get_text(r));
    get_runs(r, s);
    s->slept_ms = ipcr_get_u64(r);
    s->cpu_ms = ipcr_get_u64(r);
    get_ways(r, s);
    return !r->bad;
}

bool ipcr_sleeper_is_collective(const char *call)
{
    static const char *const parts[] = {"arrier", "cast",     "educe", "ather",   "catter",
                                        "toall",  "MPI_Scan", "xscan", "MPI_Comm"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(call, parts[i]))
            return true;
    return false;
}

/* Does the next rank continue the run? The second of a run decides about the stride. */
static bool continues(struct ipcr_span *run, uint32_t rank)
{
    if (run->count == 1 && rank > run->first)
        run->stride = rank - run->first;
    return rank > run->first && rank - run->first == run->stride * run->count;
}

int ipcr_sleeper_runs(struct ipcr_span *runs, int most, const int *ranks, int n)
{
    int used = 0;
    for (int i = 0; i < n; i++) {
        uint32_t rank = (uint32_t)ranks[i];
        if (used && continues(&runs[used - 1], rank))
            runs[used - 1].count++;
        else if (used == most)
            return 0;
        else
            runs[used++] = (struct ipcr_span){rank, 1, 1};
    }
    return used;
}

static bool is_in_run(const struct ipcr_span *run, uint32_t rank)
{
    uint32_t from = rank - run->first;
    return rank >= run->first && run->stride && from % run->stride == 0 &&
           from / run->stride < run->count;
}

bool ipcr_sleeper_is_member(const struct ipcr_sleeper *s, uint32_t rank)
{
    for (int i = 0; i < s->nruns; i++)
        if (is_in_run(&s->runs[i], rank))
            return true;
    return false;
}
