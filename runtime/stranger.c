/* What other launchers leave in the environment of their ranks. */
#include "stranger.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "err.h"

/* Slurm's count is that of the step: a batch script has SLURM_NTASKS as well, and is one process.
 * It comes last, since the others name the launcher more closely when they run inside a step. */
static const struct {
    const char *size, *launcher;
} strangers[] = {
    {"OMPI_COMM_WORLD_SIZE", "Open MPI's mpiexec"},
    {"PMI_SIZE", "a launcher that speaks PMI (MPICH's mpiexec, or srun --mpi=pmi2)"},
    {"SLURM_STEP_NUM_TASKS", "Slurm's srun"},
};

/* 0 for what is no count: the variable may be somebody else's. */
static int count_of(const char *variable)
{
    const char *text = getenv(variable);
    if (!text)
        return 0;
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    return errno || end == text || *end || n < 0 || n > INT_MAX ? 0 : (int)n;
}

int ipcr_stranger_check(void)
{
    /* A program that a rank of ours started is no rank, whatever surrounds the whole job. */
    if (getenv("IPCRUN_RANK"))
        return 0;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        int n = count_of(strangers[i].size);
        if (n <= 1)
            continue;
        ipcr_err_note(MPI_ERR_OTHER,
                      "%s started it as one of %d ranks (%s), and this library cannot meet the "
                      "others that way: start it with ipcrun -n %d, or unset %s for a world of one",
                      strangers[i].launcher, n, strangers[i].size, n, strangers[i].size);
        return -ENOTSUP;
    }
    return 0;
}
