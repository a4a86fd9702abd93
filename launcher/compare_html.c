/* The comparison as one page that needs nothing else. */
#include <math.h>

#include "compare.h"

/* Hues in a fixed order, one for each row of the table of transports, in steps of their own for a
 * dark page; beyond eight the same ones, broken. Text is never in these colours. */
static const char style[] =
    "<style>\n"
    ":root{color-scheme:light dark;--page:#fcfcfb;--ink:#0b0b0b;--soft:#52514e;--grid:#e4e3df;\n"
    "--s0:#2a78d6;--s1:#e34948;--s2:#1baf7a;--s3:#eda100;--s4:#4a3aa7;--s5:#eb6834;--s6:#008300;\n"
    "--s7:#e87ba4}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#1a1a19;--ink:#fff;--soft:#c3c2b7;\n"
    "--grid:#3a3936;--s0:#3987e5;--s1:#e66767;--s2:#199e70;--s3:#c98500;--s4:#9085e9;--s5:#d95926;\n"
    "--s6:#33a02c;--s7:#d55181}}\n"
    "body{margin:2rem auto;padding:0 1.5rem;max-width:1320px;background:var(--page);\n"
    "color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.5rem 0 .5rem}\n"
    "p{max-width:75ch;margin:.5rem 0}.soft{color:var(--soft)}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));\n"
    "gap:1.5rem}figure{margin:0}figcaption{font-weight:600;margin:.5rem 0}\n"
    "svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}\n"
    ".grid{stroke:var(--grid);stroke-width:1;fill:none}.tick{fill:var(--soft)}.name{fill:var(--ink)}\n"
    ".line{fill:none;stroke-width:2;stroke-linejoin:round}.lead{fill:none;stroke-width:1}\n"
    ".line.d{stroke-dasharray:7 3}.line.limit{stroke-width:1.5;stroke-dasharray:2 3}\n"
    ".limit{stroke:var(--soft);fill:none}circle{stroke:none}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;font-size:13px;\n"
    "font-variant-numeric:tabular-nums}th,td{padding:.2rem .6rem;text-align:right}\n"
    "th{font-weight:500;color:var(--soft)}th:first-child{text-align:left;color:var(--ink)}\n"
    "thead tr:last-child th{border-bottom:1px solid var(--grid)}\n"
    "thead .group{text-align:center;border-left:1px solid var(--grid)}\n"
    "caption{text-align:left;font-weight:600;font-size:15px;padding:.3rem 0}\n"
    "summary{cursor:pointer;color:var(--soft)}\n";

static void put_style(FILE *to)
{
    fputs(style, to);
    for (int i = 0; i < 8; i++)
        fprintf(to, "path.s%d{stroke:var(--s%d)}circle.s%d{fill:var(--s%d)}\n", i, i, i, i);
    fputs("</style>\n", to);
}

static void put_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", to);
        else if (*text == '<')
            fputs("&lt;", to);
        else
            fputc(*text, to);
    }
}

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
        put_text(to, run->reason ? run->reason : run->skipped);
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
    fprintf(to, "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
                "<meta name=viewport content='width=device-width'>\n"
                "<title>What each transport costs</title>\n");
    put_style(to);
    fprintf(to, "</head><body>\n<h1>What each transport costs</h1>\n<p class=soft>");
    put_text(to, c->cpu);
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
    fprintf(to, "</body></html>\n");
}
