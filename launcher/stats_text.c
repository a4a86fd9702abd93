/* The profiles of a job as tables for a terminal. */
#include "stats.h"

#include <inttypes.h>

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

/* ---- times ---- */

static void put_times(FILE *to, const char *name, const struct ipcr_stats_rank *r)
{
    fprintf(to, "%8s %10.3f %10.3f %10.3f %10.3f", name, seconds(r->wall_ns), seconds(r->mpi_ns),
            seconds(ipcr_stats_moved(r)), seconds(ipcr_stats_waited(r)));
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        fprintf(to, " %10.3f", seconds(r->wait_ns[i]));
    fprintf(to, "%s\n", r->closed ? "" : "  did not leave MPI");
}

static void add_times(struct ipcr_stats_rank *sum, const struct ipcr_stats_rank *r)
{
    sum->closed = true;
    sum->wall_ns += r->wall_ns;
    sum->mpi_ns += r->mpi_ns;
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        sum->wait_ns[i] += r->wait_ns[i];
}

static void put_all_times(const struct ipcr_stats *s, FILE *to)
{
    struct ipcr_stats_rank sum = {0};
    char name[16];
    fprintf(to, "ipcrun: time of each rank in seconds, and what it waited for\n");
    fprintf(to, "%8s %10s %10s %10s %10s", "rank", "all", "in MPI", "moving", "waiting");
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        fprintf(to, " %10s", ipcr_stats_waits[i]);
    fputc('\n', to);
    for (int i = 0; i < s->size; i++) {
        if (!s->ranks[i].there)
            continue;
        snprintf(name, sizeof name, "%d", i);
        put_times(to, name, &s->ranks[i]);
        add_times(&sum, &s->ranks[i]);
    }
    put_times(to, "sum", &sum);
}

/* In a collective everybody waits for whoever comes last, and that rank for nobody. Said where the
 * others lose by it a twentieth of their time, and wait ten times as long as it does. */
static void put_last(const struct ipcr_stats *s, FILE *to)
{
    uint64_t sum = 0, wall = 0;
    int last = -1, others = -1;
    for (int i = 0; i < s->size; i++) {
        const struct ipcr_stats_rank *r = &s->ranks[i];
        if (!r->there)
            continue;
        uint64_t waited = r->wait_ns[IPCR_WAIT_COLLECTIVE];
        if (last < 0 || waited < s->ranks[last].wait_ns[IPCR_WAIT_COLLECTIVE])
            last = i;
        sum += waited;
        wall += r->wall_ns;
        others++;
    }
    if (others < 1)
        return;
    uint64_t least = s->ranks[last].wait_ns[IPCR_WAIT_COLLECTIVE];
    double mean = (double)(sum - least) / others;
    if (mean > 10 * (double)least && mean * (others + 1) > 0.05 * (double)wall)
        fprintf(to,
                "ipcrun: in collectives rank %d waited %.3f s, the others %.3f s on average: they "
                "waited for it\n",
                last, seconds(least), mean / 1e9);
}

/* ---- messages ---- */

static const struct ipcr_stats_peer *main_peer(const struct ipcr_stats_rank *r)
{
    const struct ipcr_stats_peer *most = NULL;
    for (uint32_t i = 0; i < r->npeers; i++)
        if (r->peers[i].flow.sent.messages &&
            (!most || r->peers[i].flow.sent.bytes > most->flow.sent.bytes))
            most = &r->peers[i];
    return most;
}

static void put_flows(FILE *to, const char *name, const struct ipcr_stats_rank *r)
{
    fprintf(to, "%8s %12" PRIu64 " %14" PRIu64 " %12" PRIu64 " %14" PRIu64, name,
            r->sent[0].messages, r->sent[0].bytes, r->received[0].messages, r->received[0].bytes);
    fprintf(to, " %12" PRIu64 " %14" PRIu64, r->sent[1].messages, r->sent[1].bytes);
    const struct ipcr_stats_peer *most = main_peer(r);
    if (most)
        fprintf(to, "  most to %u: %s", most->rank, ipcr_stats_bytes(most->flow.sent.bytes));
    fputc('\n', to);
}

static void add_flows(struct ipcr_profile_flow *sum, const struct ipcr_profile_flow *f)
{
    for (int i = 0; i < 2; i++) {
        sum[i].messages += f[i].messages;
        sum[i].bytes += f[i].bytes;
    }
}

static void put_all_flows(const struct ipcr_stats *s, FILE *to)
{
    struct ipcr_stats_rank sum = {0};
    char name[16];
    fprintf(to, "ipcrun: messages and bytes of each rank; those of collectives apart\n");
    fprintf(to, "%8s %12s %14s %12s %14s %12s %14s\n", "rank", "sent", "bytes", "received", "bytes",
            "collective", "bytes");
    for (int i = 0; i < s->size; i++) {
        if (!s->ranks[i].there)
            continue;
        snprintf(name, sizeof name, "%d", i);
        put_flows(to, name, &s->ranks[i]);
        add_flows(sum.sent, s->ranks[i].sent);
        add_flows(sum.received, s->ranks[i].received);
    }
    put_flows(to, "sum", &sum);
}

/* ---- calls ---- */

static void put_calls(const struct ipcr_stats *s, FILE *to)
{
    fprintf(to, "ipcrun: MPI calls of all ranks, in seconds\n");
    fprintf(to, "    %-34s %12s %10s %10s\n", "call", "calls", "time", "waiting");
    for (int i = 0; i < s->ncalls; i++) {
        const struct ipcr_stats_call *c = &s->calls[i];
        fprintf(to, "    %-34s %12" PRIu64 " %10.3f %10.3f  most in rank %d: %.3f\n", c->name,
                c->calls, seconds(c->ns), seconds(c->wait_ns), c->most_rank, seconds(c->most_ns));
    }
}

void ipcr_stats_text(const struct ipcr_stats *s, FILE *to)
{
    put_all_times(s, to);
    put_last(s, to);
    put_all_flows(s, to);
    put_calls(s, to);
}
