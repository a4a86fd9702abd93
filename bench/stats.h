// Samples to figures, figures to lines. Knows nothing of MPI; shared by all measuring programs.
//
// A result line has nine words:  NAME RANKS BYTES MEDIAN MIN MAX UNIT BATCHES OPERATIONS
// (median, min and max over batches; operations in each batch). Lines that begin with # are
// comments; `# distance BEFORE AFTER` is about the next line.
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>

struct stats {
    double median, min, max;
    int batches;
    long count;            // operations a batch
    double distance_ns[2]; // of the two ranks' cores before and after (distance.h); 0: unknown
};

struct stats_label {
    const char *name;
    int ranks;
    size_t bytes;
    const char *unit;
};

// Sorts the samples in place. n is at least 1.
struct stats stats_of(double *sample, int n, long count);

// The same figures times `scale`; `scale` divided by them (so that the smallest becomes the
// largest).
struct stats stats_times(struct stats s, double scale);
struct stats stats_rate(struct stats s, double scale);

void stats_print_head(void);
void stats_print(struct stats_label label, struct stats s);

#endif
