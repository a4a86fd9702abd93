// pi: the area under 4 / (1 + x^2) from 0 to 1 is pi; every rank adds up its share of the strips.
//
// The idea: broadcast the problem, compute apart, reduce to one result. Rank 0 alone reads the
// command line (on another host a rank might see other arguments), MPI_Bcast tells everybody, and
// MPI_Reduce adds the parts up. MPI_Gather then shows who contributed what.
#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

// The strips first, first + step, first + 2 step, ... of n.
static double area(long n, int first, int step)
{
    double sum = 0;
    for (long i = first; i < n; i += step) {
        double x = ((double)i + 0.5) / (double)n;
        sum += 4 / (1 + x * x);
    }
    return sum / (double)n;
}

static int report(long n, int size, double pi, const double *parts)
{
    double error = fabs(pi - M_PI);
    // The midpoint rule errs by about 1 / (12 n^2); on top of that comes rounding in n additions.
    double allowed = 0.1 / ((double)n * (double)n) + 1e-13 + 1e-15 * sqrt((double)n);
    for (int r = 0; r < size && r < 32; r++)
        printf("rank %3d adds %.12f  %.*s\n", r, parts[r], (int)(parts[r] / pi * size * 20 + 0.5),
               "----------------------------------------");
    printf("pi = %.15f from %ld strips, off by %.1e\n", pi, n, error);
    if (!(error <= allowed))
        printf("pi: WRONG: off by %.3e, more than the %.3e that the method may err\n", error,
               allowed);
    else
        printf("pi: verified: the error is within the method's bound of %.1e\n", allowed);
    return !(error <= allowed);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, wrong = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    long n = 0;
    if (rank == 0)
        n = argc > 1 ? atol(argv[1]) : 20000000;
    MPI_Bcast(&n, 1, MPI_LONG, 0, MPI_COMM_WORLD);
    if (n < 1) {
        if (rank == 0)
            fprintf(stderr, "usage: pi [number of strips, at least 1]\n");
        MPI_Finalize();
        return 2;
    }

    double part = area(n, rank, size), pi = 0;
    double *parts = malloc((size_t)size * sizeof *parts);
    MPI_Reduce(&part, &pi, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    MPI_Gather(&part, 1, MPI_DOUBLE, parts, 1, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    if (rank == 0)
        wrong = report(n, size, pi, parts);
    free(parts);
    MPI_Bcast(&wrong, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return wrong;
}
