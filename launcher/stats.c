/* Profiles of ranks: on their way from the agent, and at the head. */
#include "stats.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "util.h"

const char *const ipcr_stats_waits[IPCR_WAIT_KINDS] = {"message", "receiver", "transfer",
                                                       "collective", "other"};

/* ---- the agent's side ---- */

static void put_flows(struct ipcr_buf *b, const struct ipcr_profile_flow *f, int n)
{
    for (int i = 0; i < n; i++) {
        ipcr_put_u64(b, f[i].messages);
        ipcr_put_u64(b, f[i].bytes);
    }
}

static void put_calls(struct ipcr_buf *b, const struct ipcr_tally *t)
{
    uint32_t n = atomic_load(&t->ncalls);
    n = n < IPCR_PROFILE_CALLS ? n : IPCR_PROFILE_CALLS;
    ipcr_put_u32(b, n);
    for (uint32_t i = 0; i < n; i++) {
        char name[IPCR_PROFILE_NAME];
        snprintf(name, sizeof name, "%.*s", IPCR_PROFILE_NAME - 1, t->calls[i].name);
        ipcr_put_text(b, name);
        ipcr_put_u64(b, t->calls[i].calls);
        ipcr_put_u64(b, t->calls[i].ns);
        ipcr_put_u64(b, t->calls[i].wait_ns);
    }
}

static bool talks(const struct ipcr_profile_peer *p)
{
    return p->sent.messages || p->received.messages;
}

static void put_peers(struct ipcr_buf *b, const struct ipcr_tally *t, int size)
{
    uint32_t n = 0;
    size = size < IPCR_PROFILE_PEERS ? size : IPCR_PROFILE_PEERS;
    for (int i = 0; i < size; i++)
        n += talks(&t->peers[i]);
    ipcr_put_u32(b, n);
    for (int i = 0; i < size; i++) {
        if (!talks(&t->peers[i]))
            continue;
        ipcr_put_u32(b, (uint32_t)i);
        put_flows(b, &t->peers[i].sent, 1);
        put_flows(b, &t->peers[i].received, 1);
    }
}

void ipcr_stats_put(struct ipcr_buf *b, uint32_t rank, int size, const struct ipcr_tally *t)
{
    ipcr_put_u32(b, rank);
    ipcr_put_u8(b, t->closed_ns != 0);
    ipcr_put_u64(b, (t->closed_ns ? t->closed_ns : ipcr_clock_ns()) - t->opened_ns);
    ipcr_put_u64(b, t->mpi_ns);
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        ipcr_put_u64(b, t->wait_ns[i]);
    put_flows(b, t->sent, 2);
    put_flows(b, t->received, 2);
    for (int i = 0; i < IPCR_PROFILE_SIZES; i++)
        ipcr_put_u64(b, t->sizes[i]);
    put_calls(b, t);
    put_peers(b, t, size);
}

/* ---- the head's side ---- */

static void get_flows(struct ipcr_reader *r, struct ipcr_profile_flow *f, int n)
{
    for (int i = 0; i < n; i++) {
        f[i].messages = ipcr_get_u64(r);
        f[i].bytes = ipcr_get_u64(r);
    }
}

static struct ipcr_stats_call *call_named(struct ipcr_stats *s, const char *name)
{
    for (int i = 0; i < s->ncalls; i++)
        if (strcmp(s->calls[i].name, name) == 0)
            return &s->calls[i];
    s->calls = ipcr_resize(s->calls, sizeof *s->calls * (size_t)(s->ncalls + 1));
    struct ipcr_stats_call *c = &s->calls[s->ncalls++];
    *c = (struct ipcr_stats_call){0};
    snprintf(c->name, sizeof c->name, "%s", name);
    return c;
}

static void get_calls(struct ipcr_stats *s, int rank, struct ipcr_reader *r)
{
    uint32_t n = ipcr_get_count(r, 29);
    for (uint32_t i = 0; i < n && i < IPCR_PROFILE_CALLS; i++) {
        const char *name = ipcr_get_text(r);
        uint64_t calls = ipcr_get_u64(r), ns = ipcr_get_u64(r), wait_ns = ipcr_get_u64(r);
        if (r->bad)
            return;
        struct ipcr_stats_call *c = call_named(s, name);
        c->calls += calls;
        c->ns += ns;
        c->wait_ns += wait_ns;
        if (ns >= c->most_ns) {
            c->most_ns = ns;
            c->most_rank = rank;
        }
    }
}

static void get_peers(struct ipcr_stats_rank *k, int size, struct ipcr_reader *r)
{
    uint32_t n = ipcr_get_count(r, 36);
    k->peers = ipcr_alloc(sizeof *k->peers * (n + 1u));
    for (uint32_t i = 0; i < n; i++) {
        struct ipcr_stats_peer *p = &k->peers[k->npeers];
        p->rank = ipcr_get_u32(r);
        get_flows(r, &p->flow.sent, 1);
        get_flows(r, &p->flow.received, 1);
        k->npeers += p->rank < (uint32_t)size;
    }
}

void ipcr_stats_open(struct ipcr_stats *s, int size)
{
    *s = (struct ipcr_stats){.size = size, .ranks = ipcr_alloc(sizeof *s->ranks * (size_t)size)};
}

void ipcr_stats_take(struct ipcr_stats *s, struct ipcr_reader *r)
{
    uint32_t rank = ipcr_get_u32(r);
    if (rank >= (uint32_t)s->size || s->ranks[rank].there)
        return;
    struct ipcr_stats_rank *k = &s->ranks[rank];
    k->closed = ipcr_get_u8(r);
    k->wall_ns = ipcr_get_u64(r);
    k->mpi_ns = ipcr_get_u64(r);
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        k->wait_ns[i] = ipcr_get_u64(r);
    get_flows(r, k->sent, 2);
    get_flows(r, k->received, 2);
    for (int i = 0; i < IPCR_PROFILE_SIZES; i++)
        s->sizes[i] += ipcr_get_u64(r);
    get_calls(s, (int)rank, r);
    get_peers(k, s->size, r);
    k->there = !r->bad;
}

static int by_time(const void *a, const void *b)
{
    const struct ipcr_stats_call *x = a, *y = b;
    if (x->ns != y->ns)
        return x->ns < y->ns ? 1 : -1;
    return strcmp(x->name, y->name);
}

void ipcr_stats_sort(struct ipcr_stats *s)
{
    if (s->ncalls)
        qsort(s->calls, (size_t)s->ncalls, sizeof *s->calls, by_time);
}

void ipcr_stats_free(struct ipcr_stats *s)
{
    for (int i = 0; i < s->size; i++)
        free(s->ranks[i].peers);
    free(s->ranks);
    free(s->calls);
    *s = (struct ipcr_stats){0};
}

/* ---- for those who show it ---- */

uint64_t ipcr_stats_waited(const struct ipcr_stats_rank *r)
{
    uint64_t sum = 0;
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        sum += r->wait_ns[i];
    return sum;
}

static uint64_t beyond(uint64_t all, uint64_t part)
{
    return all > part ? all - part : 0;
}

uint64_t ipcr_stats_computed(const struct ipcr_stats_rank *r)
{
    return beyond(r->wall_ns, r->mpi_ns);
}

uint64_t ipcr_stats_moved(const struct ipcr_stats_rank *r)
{
    return beyond(r->mpi_ns, ipcr_stats_waited(r));
}

struct ipcr_profile_flow ipcr_stats_flow(const struct ipcr_profile_flow pair[2])
{
    return (struct ipcr_profile_flow){pair[0].messages + pair[1].messages,
                                      pair[0].bytes + pair[1].bytes};
}

const char *ipcr_stats_bytes(uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    static char texts[4][16];
    static unsigned next;
    char *text = texts[next++ % 4];
    double n = (double)bytes;
    int unit = 0;
    for (; n >= 999.5; unit++)
        n /= 1000;
    snprintf(text, sizeof texts[0], "%.*f %s", unit && n < 99.95 ? 1 : 0, n, units[unit]);
    return text;
}
