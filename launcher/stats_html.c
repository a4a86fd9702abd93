/* The profiles of a job as one page that needs nothing else. */
#include "stats.h"

#include <inttypes.h>

#include "page.h"

static double seconds(uint64_t ns)
{
    return (double)ns / 1e9;
}

static void put_calls(const struct ipcr_stats *s, FILE *to)
{
    fprintf(to, "<div class=scroll><table><caption>MPI calls of all ranks, seconds</caption>"
                "<thead><tr><th>call<th>calls<th>time<th>waiting<th>most in one rank<th>which"
                "</thead>\n");
    for (int i = 0; i < s->ncalls; i++) {
        const struct ipcr_stats_call *c = &s->calls[i];
        fprintf(to, "<tr><th>");
        ipcr_page_text(to, c->name);
        fprintf(to, "<td>%" PRIu64 "<td>%.3f<td>%.3f<td>%.3f<td>%d\n", c->calls, seconds(c->ns),
                seconds(c->wait_ns), seconds(c->most_ns), c->most_rank);
    }
    fprintf(to, "</table></div>\n");
}

static void put_rank(FILE *to, int rank, const struct ipcr_stats_rank *r)
{
    fprintf(to, "<tr><th>%d<td>%.3f<td>%.3f<td>%.3f", rank, seconds(r->wall_ns), seconds(r->mpi_ns),
            seconds(ipcr_stats_moved(r)));
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        fprintf(to, "<td>%.3f", seconds(r->wait_ns[i]));
    for (int i = 0; i < 2; i++)
        fprintf(to, "<td>%" PRIu64 "<td>%s<td>%" PRIu64 "<td>%s", r->sent[i].messages,
                ipcr_stats_bytes(r->sent[i].bytes), r->received[i].messages,
                ipcr_stats_bytes(r->received[i].bytes));
    fprintf(to, "<td>%s\n", r->closed ? "" : "did not leave MPI");
}

static void put_ranks(const struct ipcr_stats *s, FILE *to)
{
    fprintf(to,
            "<details><summary>the figures of each rank</summary><div class=scroll><table>"
            "<thead><tr><th><th class=group colspan=3>time, seconds"
            "<th class=group colspan=%d>waiting for"
            "<th class=group colspan=4>the program's messages"
            "<th class=group colspan=4>those of collectives<th class=group>"
            "<tr><th>rank<th>all<th>in MPI<th>moving",
            IPCR_WAIT_KINDS);
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        fprintf(to, "<th>%s", ipcr_stats_waits[i]);
    for (int i = 0; i < 2; i++)
        fprintf(to, "<th>sent<th>bytes<th>received<th>bytes");
    fprintf(to, "<th></thead>\n");
    for (int i = 0; i < s->size; i++)
        if (s->ranks[i].there)
            put_rank(to, i, &s->ranks[i]);
    fprintf(to, "</table></div></details>\n");
}

static void put_summary(const struct ipcr_stats *s, FILE *to)
{
    uint64_t wall = 0, mpi = 0, waited = 0;
    struct ipcr_profile_flow sent = {0};
    int there = 0;
    for (int i = 0; i < s->size; i++) {
        const struct ipcr_stats_rank *r = &s->ranks[i];
        struct ipcr_profile_flow f = ipcr_stats_flow(r->sent);
        there += r->there;
        wall += r->wall_ns;
        mpi += r->mpi_ns;
        waited += ipcr_stats_waited(r);
        sent.messages += f.messages;
        sent.bytes += f.bytes;
    }
    double all = wall ? (double)wall / 100 : 1;
    fprintf(to,
            "<p>%d ranks. Of their time %.1f %% was spent in MPI calls, %.1f %% waiting there. "
            "They sent %" PRIu64 " messages, %s.</p>\n",
            there, (double)mpi / all, (double)waited / all, sent.messages,
            ipcr_stats_bytes(sent.bytes));
}

void ipcr_stats_html(const struct ipcr_stats *s, FILE *to)
{
    ipcr_page_begin(to, "What a job did in MPI", ipcr_stats_style);
    put_summary(s, to);
    fprintf(to,
            "<p class=soft>Waiting is charged to what ended it: a message that came, a receiver "
            "that took one, data of a message that was known already. Collectives within a "
            "host may use memory instead of messages; that is not counted as messages.</p>\n"
            "<div class=charts>\n");
    ipcr_stats_draw_balance(s, to);
    ipcr_stats_draw_matrix(s, to);
    ipcr_stats_draw_sizes(s, to);
    fprintf(to, "</div>\n");
    put_calls(s, to);
    put_ranks(s, to);
    ipcr_page_end(to);
}
