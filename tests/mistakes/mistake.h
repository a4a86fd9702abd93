/* What all programs of this folder share: each makes one mistake, unless it is started with the
 * argument `fixed`, and then does the same correctly. */
#ifndef MISTAKE_H
#define MISTAKE_H

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size;
static bool fixed;

static inline void begin(int argc, char **argv)
{
    fixed = argc > 1 && strcmp(argv[1], "fixed") == 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
}

#endif
