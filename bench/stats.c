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
    return (struct stats){
        .median = median, .min = sample[0], .max = sample[n - 1], .batches = n, .count = count};
}

struct stats stats_times(struct stats s, double scale)
{
    s.median *= scale;
    s.min *= scale;
    s.max *= scale;
    return s;
}

struct stats stats_rate(struct stats s, double scale)
{
    double least = s.min;
    s.median = scale / s.median;
    s.min = scale / s.max;
    s.max = scale / least;
    return s;
}

void stats_print_head(void)
{
    printf("# name           ranks    bytes       median          min          max   unit batches "
           "operations\n");
}

void stats_print(struct stats_label l, struct stats s)
{
    if (s.distance_ns[0] > 0)
        printf("# distance %.1f %.1f\n", s.distance_ns[0], s.distance_ns[1]);
    printf("%-16s %5d %8zu %12.4f %12.4f %12.4f %6s %7d %10ld\n", l.name, l.ranks, l.bytes,
           s.median, s.min, s.max, l.unit, s.batches, s.count);
    fflush(stdout);
}
