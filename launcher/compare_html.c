/* The comparison as one page that needs nothing else. */
#include <math.h>

#include "compare.h"
#include "page.h"

/* The colour of a curve is the transport's row in their table; beyond eight they are the same ones,
 * broken. */
#define HUE(n) "path.s" #n "{stroke:var(--s" #n ")}circle.s" #n "{fill:var(--s" #n ")}\n"
static const char style[] =
    ".line{fill:none;stroke-width:2;stroke-linejoin:round}.lead{fill:none;stroke-width:1}\n"
    ".line.d{stroke-dasharray:7 3}.line.limit{stroke-width:1.5;stroke-dasharray:2 3}\n"
    ".limit{stroke:var(--soft);fill:none}circle{stroke:none}\n" HUE(0) HUE(1) HUE(2) HUE(3) HUE(4)
        HUE(5) HUE(6) HUE(7);

/* ---- tables ---- */

static void put_row(FILE *to, const struct ipcr_comparison *c, const char *name,
                    const struct ipcr_series *s)
{
    fprintf(to, "<tr><th>%s", name);
    for (int i = 0; i < c->nsizes; i++)
        fprintf(to, "<td>%s", ipcr_compare_number(s->at[i]));
    fputc('\n', to);
}

static void put_sizes(FILE *to, const struct ipcr_comparison *c, int layout,
                      enum ipcr_metric metric)
{
    fprintf(to, "<div class=scroll><table><caption>%s, %s</caption><thead><tr><th>",
            ipcr_metrics[metric].text, ipcr_chart_unit(metric));
    for (int i = 0; i < c->nsizes; i++)
        fprintf(to, "<th>%s", ipcr_compare_bytes(c->sizes[i]));
    fprintf(to, "</thead>\n");
    for (int i = 0; i < c->nruns; i++)
        if (!c->runs[layout][i].reason)
            put_row(to, c, c->runs[layout][i].transport, &c->runs[layout][i].series[metric]);
    for (int i = 0; i < c->limits[layout].n; i++)
        if (c->limits[layout].at[i].metric == metric)
            put_row(to, c, c->limits[layout].at[i].name, &c->limits[layout].at[i].series);
    fprintf(to, "</table></div>\n");
}

static void put_costs(FILE *to, const struct ipcr_comparison *c, int layout)
{
    fprintf(
        to,
        "<div class=scroll><table><caption>what a message costs (CPU time and waking up in µs)</caption><thead><tr><th>");
    for (int i = 0, n = 1; i < IPCR_COSTS; i += n, n = 1) {
        while (i + n < IPCR_COSTS && ipcr_costs[i + n].group == ipcr_costs[i].group)
            n++;
        fprintf(to, "<th class=group colspan=%d>%s", n, ipcr_costs[i].group);
    }
    fprintf(to, "<tr><th>");
    for (int i = 0; i < IPCR_COSTS; i++)
        fprintf(to, "<th>%s", ipcr_costs[i].title);
    fprintf(to, "</thead>\n");
    for (int i = 0; i < c->nruns; i++) {
        const struct ipcr_run *run = &c->runs[layout][i];
        if (run->reason)
            continue;
        fprintf(to, "<tr><th>%s", run->transport);
        for (int k = 0; k < IPCR_COSTS; k++)
            fprintf(to, "<td>%s", ipcr_compare_number(ipcr_cost_of(c, run, &ipcr_costs[k])));
        fputc('\n', to);
    }
    fprintf(to, "</table></div>\n");
}

/* ---- the page ---- */

static void put_remarks(FILE *to, const struct ipcr_comparison *c, int layout)
{
    for (int i = 0; i < c->nruns; i++) {
        const struct ipcr_run *run = &c->runs[layout][i];
        if (run->wrong)
            fprintf(to, "<p><strong>%s: %ld messages were wrong</strong></p>\n", run->transport,
                    run->wrong);
        if (!run->reason && !run->skipped)
            continue;
        fprintf(to, "<p class=soft>%s%s: ", run->transport, run->reason ? ", not measured" : "");
        ipcr_page_text(to, run->reason ? run->reason : run->skipped);
        fprintf(to, "</p>\n");
    }
}

static void put_layout(FILE *to, const struct ipcr_comparison *c, int layout)
{
    static const enum ipcr_metric shown[] = {IPCR_LATENCY, IPCR_ONE_WAY, IPCR_BOTH_WAYS,
                                             IPCR_CPU_SEND};
    fprintf(to, "<h2>%s</h2>\n<div class=charts>\n", ipcr_layouts[layout].title);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        ipcr_chart_put(c, to, layout, shown[i]);
    fprintf(to, "</div>\n");
    put_remarks(to, c, layout);
    put_costs(to, c, layout);
    fprintf(to, "<details><summary>the figures of the curves</summary>\n");
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        put_sizes(to, c, layout, shown[i]);
    fprintf(to, "</details>\n");
}

void ipcr_compare_html(const struct ipcr_comparison *c, FILE *to)
{
    ipcr_page_begin(to, "What each transport costs", style);
    fprintf(to, "<p class=soft>");
    ipcr_page_text(to, c->cpu);
    fprintf(to, ", %d usable cores, %s, %s. The load before was %.2f.</p>\n", c->cores, c->kernel,
            c->date, c->load);
    fprintf(to,
            "<p>The same MPI program over each transport of ipcrun. Solid and broken lines are "
            "transports; dotted ones are the machine without MPI: the limit. Medians of five "
            "batches; latency is half a round trip, bandwidths are those of all pairs together. "
            "What arrived was compared byte by byte. System calls were counted in a pass of "
            "its own under ptrace, where a rank that polls makes fewer of them.</p>\n");
    for (int l = 0; l < IPCR_LAYOUTS; l++)
        put_layout(to, c, l);
    ipcr_page_end(to);
}
