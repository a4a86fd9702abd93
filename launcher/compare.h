/* `ipcrun --compare-ipc`: what each transport costs on this machine. What its files share:
 *   compare.c          what is measured in which order, and the exit status
 *   compare_data.c     metrics, layouts, how figures are written
 *   compare_machine.c  the machine and its cores
 *   compare_run.c      one measurement: a job of its own, bounded in time, read from a pipe
 *   compare_rank.c     the measuring program, written against MPI: ipcrun starts itself as it
 *   compare_load.c     its patterns of messages, their batches, the check of their contents
 *   compare_count.c    system calls of a rank, counted by tracing it
 *   compare_limit.c    what the machine does without any MPI (probe.h)
 *   compare_table.c, compare_json.c, compare_html.c, compare_chart.c   the outputs */
#ifndef IPCR_COMPARE_H
#define IPCR_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* ---- what was asked ---- */

struct ipcr_compare_asked {
    bool wanted, quick;
    char *only;        /* names of transports with commas between; NULL: all */
    char *json, *html; /* files ("-": stdout), NULL: none */
};

/* Measures, writes what was asked for; the exit status. */
int ipcr_compare(const struct ipcr_compare_asked *asked, const char *exe);

/* The hidden words by which ipcrun starts itself; false: argv has none of them. */
bool ipcr_compare_is_child(int argc, char **argv);
int ipcr_compare_child(int argc, char **argv);

/* ---- what is measured ---- */

/* Sizes from 1 byte on, each so many times the one before. */
enum {
    IPCR_COMPARE_FACTOR = 4,
    IPCR_COMPARE_QUICK_FACTOR = 64,
    IPCR_COMPARE_SIZES = 12,
    IPCR_COMPARE_LARGEST = 4 << 20,
    IPCR_COMPARE_LIMITS = 8
};

enum ipcr_metric {
    IPCR_LATENCY,   /* half a round trip */
    IPCR_ONE_WAY,   /* bandwidth, windows of messages in one direction, all pairs together */
    IPCR_BOTH_WAYS, /* in both at once */
    IPCR_RATE,      /* messages a second, one way, all pairs together */
    IPCR_CPU_SEND,  /* CPU time of a message in such windows, on either side */
    IPCR_CPU_RECV,
    IPCR_SWITCH_SEND, /* context switches of the same */
    IPCR_SWITCH_RECV,
    IPCR_SWITCH_PING, /* and of a message of a ping-pong, both sides together */
    IPCR_CALLS_SEND,  /* system calls of the same, counted in a pass of its own */
    IPCR_CALLS_RECV,
    IPCR_CALLS_PING,
    IPCR_WAKE_UP, /* from the send to a receiver that slept */
    IPCR_METRICS
};

struct ipcr_metric_row {
    const char *key, *unit, *text;
};
extern const struct ipcr_metric_row ipcr_metrics[IPCR_METRICS];

/* Where the ranks are. */
struct ipcr_layout {
    const char *key, *title;
    int ranks;
    int cores; /* that they share; 0: all there are */
};
enum { IPCR_LAYOUTS = 3 };
extern const struct ipcr_layout ipcr_layouts[IPCR_LAYOUTS];

/* Columns of the table of costs. Their sizes are measured in either pace. */
struct ipcr_cost {
    enum ipcr_metric metric;
    size_t bytes;
    const char *group;         /* neighbours of one group have the same pointer */
    const char *title, *brief; /* > sender, < receiver */
};
enum { IPCR_COSTS = 14 };
extern const struct ipcr_cost ipcr_costs[IPCR_COSTS];

/* A value for each size; NAN where nothing was measured. */
struct ipcr_series {
    double at[IPCR_COMPARE_SIZES];
};

struct ipcr_run {
    const char *transport;
    int row;        /* in the table of transports */
    int ranks;      /* 1: this transport only leads back to the same rank */
    double checked; /* bytes compared with what they had to be, by all ranks */
    long wrong;     /* messages that had other bytes */
    bool failed;    /* it crashed or did not end: a defect, and no limit of the machine */
    char *reason;   /* why nothing was measured, NULL: it was */
    char *skipped;  /* why larger sizes are missing, NULL: they are not */
    struct ipcr_series series[IPCR_METRICS];
};

struct ipcr_limit {
    char name[24];
    enum ipcr_metric metric;
    struct ipcr_series series;
};

struct ipcr_limits {
    int n;
    struct ipcr_limit at[IPCR_COMPARE_LIMITS];
};

struct ipcr_comparison {
    bool quick;
    size_t sizes[IPCR_COMPARE_SIZES];
    int nsizes;
    int core[2]; /* CPUs of the two cores that are used; the same twice if there is one */
    int cores;   /* usable ones */
    char date[32], cpu[80], kernel[80];
    double load;                         /* of the machine, before we began */
    struct ipcr_run *runs[IPCR_LAYOUTS]; /* [nruns] each */
    int nruns;
    struct ipcr_limits limits[IPCR_LAYOUTS];
    double seconds; /* that it took */
};

/* compare_machine.c: what the machine is, and the cores to use. */
void ipcr_compare_machine(struct ipcr_comparison *c);

/* compare_data.c */
/* The size after this one; 0: it was the last. */
size_t ipcr_compare_next(size_t bytes, int factor);
double ipcr_cost_of(const struct ipcr_comparison *c, const struct ipcr_run *run,
                    const struct ipcr_cost *cost);
/* "4 KiB", "1 B"; the texts of the last four calls live. */
const char *ipcr_compare_bytes(size_t bytes);
/* At most five digits, such as 0.16, 27.4, 12345 or 123k; "-" for NAN. */
const char *ipcr_compare_number(double v);

/* ---- one measurement (compare_run.c) ---- */

struct ipcr_job_plan {
    char *const *argv;
    const int *cpus; /* the job may use these alone; NULL: all */
    int ncpus;
    int limit_ms;
};

/* Runs argv[0] and hands each line of its stdout to take(). The exit status of the job, 128 + n for
 * a signal, IPCR_EXIT_TIMEOUT if it had to be killed. *why: the cause that it gave on stderr, to
 * be freed, NULL if none. */
int ipcr_compare_job(const struct ipcr_job_plan *plan, void (*take)(void *, char *), void *arg,
                     char **why);

/* ---- lines between children and parent ---- */

/* value METRIC BYTES NUMBER; limit LAYOUT METRIC BYTES NUMBER NAME; checked BYTES; wrong MESSAGES;
 * skip TEXT. Unknown lines are nobody's. */
int ipcr_compare_rank(int argc, char **argv);
int ipcr_compare_limits(int argc, char **argv);

/* ---- counting (compare_count.c): system calls of this process ---- */

int ipcr_count_start(void); /* 0, or a negative errno where tracing is not allowed */
unsigned long ipcr_count_now(void);
void ipcr_count_stop(void);

/* ---- outputs ---- */

void ipcr_compare_table(const struct ipcr_comparison *c, FILE *to);
void ipcr_compare_json(const struct ipcr_comparison *c, FILE *to);
void ipcr_compare_html(const struct ipcr_comparison *c, FILE *to);
/* compare_chart.c: the figure of a metric by size, nothing if it has no curve. */
const char *ipcr_chart_unit(enum ipcr_metric metric); /* as a page writes it */
void ipcr_chart_put(const struct ipcr_comparison *c, FILE *to, int layout, enum ipcr_metric metric);

#endif
