// Median, minimum, maximum; the one format of all result lines.
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

struct stats stats_of(double *sample, int n, long count)
{
    qsort(sample, (size_t)n, sizeof *sample, compare);
    double median = n % 2 ? sample[n / 2] : (sample[n / 2 - 1] + sample[n / 2]) / 2;
    return (struct stats){median, sample[0], sample[n - 1], n, count};
}

struct stats stats_times(struct stats s, double scale)
{
    return (struct stats){s.median * scale, s.min * scale, s.max * scale, s.batches, s.count};
}

struct stats stats_rate(struct stats s, double scale)
{
    return (struct stats){scale / s.median, scale / s.max, scale / s.min, s.batches, s.count};
}

void stats_print_head(void)
{
    printf("# name           ranks    bytes       median          min          max   unit batches "
           "operations\n");
}

void stats_print(struct stats_label l, struct stats s)
{
    printf("%-16s %5d %8zu %12.4f %12.4f %12.4f %6s %7d %10ld\n", l.name, l.ranks, l.bytes,
           s.median, s.min, s.max, l.unit, s.batches, s.count);
    fflush(stdout);
}
