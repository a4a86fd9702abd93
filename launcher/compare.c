/* `ipcrun --compare-ipc`: which transports in which layouts; where the lines of the children go. */
#include "compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"
#include "transport.h"
#include "util.h"

/* A rank stops by itself before a size for which it has no time (compare_rank.c); these bound one
 * that hangs. */
enum { JOB_S = 40, QUICK_JOB_S = 20, GRACE_MS = 5000 };

/* ---- lines of the children ---- */

static int metric_named(const char *key)
{
    int i = 0;
    while (i < IPCR_METRICS && strcmp(ipcr_metrics[i].key, key) != 0)
        i++;
    return i < IPCR_METRICS ? i : -1;
}

static int size_index(const struct ipcr_comparison *c, size_t bytes)
{
    int i = 0;
    while (i < c->nsizes && c->sizes[i] != bytes)
        i++;
    return i < c->nsizes ? i : -1;
}

struct reading { /* what the lines are about */
    struct ipcr_comparison *c;
    struct ipcr_run *run;
};

static void take_rank_line(void *arg, char *line)
{
    struct reading *r = arg;
    char key[32];
    size_t bytes;
    double value;
    if (sscanf(line, "value %31s %zu %lf", key, &bytes, &value) == 3) {
        int metric = metric_named(key), at = size_index(r->c, bytes);
        if (metric >= 0 && at >= 0)
            r->run->series[metric].at[at] = value;
    } else if (strncmp(line, "skip ", 5) == 0) {
        free(r->run->skipped);
        r->run->skipped = ipcr_copy(line + 5);
    } else if (sscanf(line, "checked %lf", &value) == 1) {
        r->run->checked = value;
    } else {
        sscanf(line, "wrong %ld", &r->run->wrong);
    }
}

static void clear(struct ipcr_series *s)
{
    for (int i = 0; i < IPCR_COMPARE_SIZES; i++)
        s->at[i] = NAN;
}

static struct ipcr_limit *limit_named(struct ipcr_limits *l, const char *name,
                                      enum ipcr_metric metric)
{
    for (int i = 0; i < l->n; i++)
        if (strcmp(l->at[i].name, name) == 0 && l->at[i].metric == metric)
            return &l->at[i];
    if (l->n == IPCR_COMPARE_LIMITS)
        return NULL;
    struct ipcr_limit *new = &l->at[l->n++];
    new->metric = metric;
    snprintf(new->name, sizeof new->name, "%s", name);
    clear(&new->series);
    return new;
}

static void take_limit_line(void *arg, char *line)
{
    struct ipcr_comparison *c = arg;
    char layout[32], key[32], name[24];
    size_t bytes;
    double value;
    if (sscanf(line, "limit %31s %31s %zu %lf %23[^\n]", layout, key, &bytes, &value, name) != 5)
        return;
    int metric = metric_named(key), at = size_index(c, bytes);
    for (int i = 0; i < IPCR_LAYOUTS && metric >= 0 && at >= 0; i++) {
        if (strcmp(ipcr_layouts[i].key, layout) != 0)
            continue;
        struct ipcr_limit *l = limit_named(&c->limits[i], name, (enum ipcr_metric)metric);
        if (l)
            l->series.at[at] = value;
    }
}

/* ---- one run ---- */

static void judge(struct ipcr_run *run, int status, char *why)
{
    if (status == 0 && run->checked > 0) {
        free(why);
        return;
    }
    run->failed = status > 128 || status == IPCR_EXIT_TIMEOUT;
    run->reason = why ? why : ipcr_format("the measuring job ended with status %d", status);
}

static void run_one(struct ipcr_comparison *c, const char *exe, const struct ipcr_layout *layout,
                    struct ipcr_run *run)
{
    int seconds = c->quick ? QUICK_JOB_S : JOB_S;
    char ranks[12], limit[12], setting[64], cpus[32] = "-", *why;
    snprintf(ranks, sizeof ranks, "%d", run->ranks);
    snprintf(limit, sizeof limit, "%d", seconds);
    snprintf(setting, sizeof setting, "IPCRUN_TRANSPORT=%s", run->transport);
    if (layout->cores)
        snprintf(cpus, sizeof cpus, "%d,%d", c->core[0], c->core[layout->cores - 1]);
    const char *argv[] = {
        exe,         "--scheduler", "none",           "-n",    ranks,
        "--bind-to", "none",        "--env",          setting, "--timeout",
        limit,       exe,           "--compare-rank", cpus,    c->quick ? "quick" : "normal",
        NULL};
    struct ipcr_job_plan plan = {.argv = (char *const *)argv,
                                 .cpus = layout->cores ? c->core : NULL,
                                 .ncpus = layout->cores,
                                 .limit_ms = seconds * 1000 + GRACE_MS};
    struct reading reading = {c, run};
    int status = ipcr_compare_job(&plan, take_rank_line, &reading, &why);
    judge(run, status, why);
}

static void measure_limits(struct ipcr_comparison *c, const char *exe)
{
    char cpus[32], *why;
    snprintf(cpus, sizeof cpus, "%d,%d", c->core[0], c->core[1]);
    const char *argv[] = {exe, "--compare-limits", cpus, c->quick ? "quick" : "normal", NULL};
    struct ipcr_job_plan plan = {.argv = (char *const *)argv, .limit_ms = JOB_S * 1000};
    if (ipcr_compare_job(&plan, take_limit_line, c, &why) != 0)
        ipcr_say("the limits of the machine were not all measured%s%s", why ? ": " : "",
                 why ? why : "");
    free(why);
}

/* ---- which runs ---- */

static bool in_list(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *p = list; *p; p += *p == ',') {
        size_t n = strcspn(p, ",");
        if (n == len && memcmp(p, name, n) == 0)
            return true;
        p += n;
    }
    return false;
}

static bool is_transport(const char *name, size_t len)
{
    for (int i = 0; ipcr_transports[i]; i++)
        if (strlen(ipcr_transports[i]->name) == len && !memcmp(ipcr_transports[i]->name, name, len))
            return true;
    return false;
}

static char *all_transports(void)
{
    char *all = ipcr_copy(ipcr_transports[0]->name);
    for (int i = 1; ipcr_transports[i]; i++) {
        char *longer = ipcr_format("%s, %s", all, ipcr_transports[i]->name);
        free(all);
        all = longer;
    }
    return all;
}

/* Every word of the list has to be a transport. */
static bool check_list(const char *list)
{
    for (const char *p = list; *p; p += *p == ',') {
        size_t n = strcspn(p, ",");
        if (!is_transport(p, n)) {
            char *all = all_transports();
            ipcr_say("--compare-ipc=%s: there is no transport '%.*s'; there are %s", list, (int)n,
                     p, all);
            free(all);
            return false;
        }
        p += n;
    }
    return true;
}

static void make_runs(struct ipcr_comparison *c, const char *only)
{
    int all = 0;
    while (ipcr_transports[all])
        all++;
    for (int l = 0; l < IPCR_LAYOUTS; l++)
        c->runs[l] = ipcr_alloc(sizeof **c->runs * (size_t)all);
    for (int i = 0; i < all; i++) {
        const struct ipcr_transport *t = ipcr_transports[i];
        if (only && !in_list(only, t->name))
            continue;
        /* What cannot reach another rank is measured between a rank and itself. */
        for (int l = 0; l < IPCR_LAYOUTS; l++) {
            struct ipcr_run *run = &c->runs[l][c->nruns];
            run->transport = t->name;
            run->row = i;
            run->ranks = t->reach == IPCR_REACH_SELF ? 1 : ipcr_layouts[l].ranks;
            for (int m = 0; m < IPCR_METRICS; m++)
                clear(&run->series[m]);
        }
        c->nruns++;
    }
}

static void free_runs(struct ipcr_comparison *c)
{
    for (int l = 0; l < IPCR_LAYOUTS; l++) {
        for (int i = 0; i < c->nruns; i++) {
            free(c->runs[l][i].reason);
            free(c->runs[l][i].skipped);
        }
        free(c->runs[l]);
    }
}

/* Why a run is not tried at all; NULL: it is. */
static const char *why_not(const struct ipcr_comparison *c, const struct ipcr_layout *layout,
                           const struct ipcr_run *run)
{
    if (run->ranks == 1 && layout->cores != 1)
        return "from a rank to itself only: see 2 ranks on one core";
    if (layout->cores == 2 && (c->core[0] == c->core[1] || c->cores < 2))
        return "this needs two cores that may be used";
    return NULL;
}

/* ---- the whole ---- */

/* One line on a terminal that is written over; nothing in a log. */
static void progress(const struct ipcr_comparison *c, int step, const char *what, const char *where)
{
    if (!isatty(2))
        return;
    dprintf(2, "\r\033[K");
    if (what)
        dprintf(2, "%d of %d: %s%s%s", step, c->nruns * IPCR_LAYOUTS + 1, what, *where ? ", " : "",
                where);
}

static void measure_all(struct ipcr_comparison *c, const char *exe)
{
    int step = 1;
    progress(c, step, "the limits of this machine", "");
    measure_limits(c, exe);
    for (int i = 0; i < c->nruns; i++)
        for (int l = 0; l < IPCR_LAYOUTS; l++) {
            struct ipcr_run *run = &c->runs[l][i];
            progress(c, ++step, run->transport, ipcr_layouts[l].title);
            const char *why = why_not(c, &ipcr_layouts[l], run);
            if (why)
                run->reason = ipcr_copy(why);
            else
                run_one(c, exe, &ipcr_layouts[l], run);
        }
    progress(c, 0, NULL, "");
}

static bool write_to(const char *path, void (*output)(const struct ipcr_comparison *, FILE *),
                     const struct ipcr_comparison *c)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *f = standard ? stdout : fopen(path, "we");
    if (!f) {
        ipcr_say("cannot write %s: %m", path);
        return false;
    }
    output(c, f);
    bool ok = !ferror(f) && fflush(f) == 0;
    if (!standard)
        ok &= fclose(f) == 0;
    if (!ok)
        ipcr_say("cannot write %s: %m", standard ? "the output" : path);
    return ok;
}

/* Wrong bytes, a crash, a job that did not end: defects. A transport that the machine does not have
 * is none. */
static bool all_sound(const struct ipcr_comparison *c)
{
    bool sound = true;
    for (int l = 0; l < IPCR_LAYOUTS; l++)
        for (int i = 0; i < c->nruns; i++)
            sound &= !c->runs[l][i].failed && c->runs[l][i].wrong == 0;
    return sound;
}

static bool write_outputs(const struct ipcr_comparison *c, const struct ipcr_compare_asked *asked)
{
    bool piped = (asked->json && strcmp(asked->json, "-") == 0) ||
                 (asked->html && strcmp(asked->html, "-") == 0);
    bool ok = piped || write_to("-", ipcr_compare_table, c);
    if (asked->json)
        ok &= write_to(asked->json, ipcr_compare_json, c);
    if (asked->html)
        ok &= write_to(asked->html, ipcr_compare_html, c);
    return ok;
}

int ipcr_compare(const struct ipcr_compare_asked *asked, const char *exe)
{
    struct ipcr_comparison c = {.quick = asked->quick};
    if (asked->only && !check_list(asked->only))
        return IPCR_EXIT_USAGE;
    int factor = c.quick ? IPCR_COMPARE_QUICK_FACTOR : IPCR_COMPARE_FACTOR;
    for (size_t bytes = 1; bytes; bytes = ipcr_compare_next(bytes, factor))
        c.sizes[c.nsizes++] = bytes;
    double start = ipcr_probe_now();
    ipcr_compare_machine(&c);
    make_runs(&c, asked->only);
    measure_all(&c, exe);
    c.seconds = ipcr_probe_now() - start;
    bool ok = write_outputs(&c, asked);
    ok &= all_sound(&c);
    free_runs(&c);
    return ok ? 0 : IPCR_EXIT_LOST;
}

bool ipcr_compare_is_child(int argc, char **argv)
{
    return argc > 1 &&
           (strcmp(argv[1], "--compare-rank") == 0 || strcmp(argv[1], "--compare-limits") == 0);
}

int ipcr_compare_child(int argc, char **argv)
{
    if (strcmp(argv[1], "--compare-rank") == 0)
        return ipcr_compare_rank(argc, argv);
    return ipcr_compare_limits(argc, argv);
}
