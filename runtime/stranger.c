/* What other launchers leave in the environment of their ranks. */
#include "stranger.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "err.h"

#if HAVE_PMIX
#define NO_PMIX "this library finds no libpmix.so.2 to meet the others"
#else
#define NO_PMIX "this library was built without PMIx to meet the others"
#endif

/* Slurm's count is that of the step: a batch script has SLURM_NTASKS as well, and is one process.
 * It comes last, since the others name the launcher more closely when they run inside a step. */
static const struct {
    const char *size, *launcher, *better; /* another way that the same launcher has */
} strangers[] = {
    {"OMPI_COMM_WORLD_SIZE", "Open MPI's mpiexec", ""},
    {"PMI_SIZE", "a launcher that speaks PMI (MPICH's mpiexec, or srun --mpi=pmi2)", ""},
    {"SLURM_STEP_NUM_TASKS", "Slurm's srun", " or srun --mpi=pmi2"},
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

/* Who speaks PMIx is met in boot_pmix.c, if there is one that can. */
static bool has_pmix(void)
{
    return getenv("PMIX_NAMESPACE") && getenv("PMIX_RANK");
}

/* PMIx tells the number of ranks to its library alone. */
static int check_uncounted(void)
{
    if (!has_pmix())
        return 0;
    ipcr_err_note(MPI_ERR_OTHER, "a launcher that speaks PMIx started it (PMIX_RANK), and " NO_PMIX
                                 ": start it with ipcrun, or unset PMIX_RANK for a world of one");
    return -ENOTSUP;
}

int ipcr_stranger_check(void)
{
    bool counted = false;
    /* A program that a rank of ours started is no rank, whatever surrounds the whole job. */
    if (getenv("IPCRUN_RANK"))
        return 0;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        int n = count_of(strangers[i].size);
        counted |= n > 0;
        if (n <= 1)
            continue;
        ipcr_err_note(MPI_ERR_OTHER,
                      "%s started it as one of %d ranks (%s), and %s: start it with ipcrun -n "
                      "%d%s, or unset %s for a world of one",
                      strangers[i].launcher, n, strangers[i].size,
                      has_pmix() ? NO_PMIX : "this library cannot meet the others that way", n,
                      strangers[i].better, strangers[i].size);
        return -ENOTSUP;
    }
    return counted ? 0 : check_uncounted();
}
