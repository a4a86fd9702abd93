/* An intercommunicator between the even and the odd ranks. */
#ifndef BETWEEN_H
#define BETWEEN_H

#include "mistake.h"

static MPI_Comm side, between;

static inline void begin_between(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &side);
    MPI_Intercomm_create(side, 0, MPI_COMM_WORLD, 1 - rank % 2, 0, &between);
    MPI_Comm_set_name(between, "between");
}

static inline void end_between(void)
{
    MPI_Comm_free(&between);
    MPI_Comm_free(&side);
    MPI_Finalize();
}

#endif
