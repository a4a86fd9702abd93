/* What Slurm says in the environment of an allocation (salloc, sbatch) and of a step (srun). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nodelist.h"
#include "scheduler.h"

/* The number of a variable; `without` if there is none. */
static long number_of(const char *variable, long without)
{
    long n;
    const char *text = getenv(variable);
    return text && ipcr_number(text, 0, IPCR_SLOTS_MAX, &n) ? n : without;
}

/* Inside a step on some of the nodes, this is the step's and says nothing of the others. */
static const char *tasks_of_job(void)
{
    const char *step = getenv("SLURM_STEP_NODELIST"), *job = getenv("SLURM_JOB_NODELIST");
    return step && strcmp(step, job) != 0 ? NULL : getenv("SLURM_TASKS_PER_NODE");
}

/* Tasks of each node as they were asked for; where nobody has said, as its CPUs have room. */
static bool read_counts(int *counts, int n, char *why, size_t room)
{
    const char *tasks = tasks_of_job(), *cpus = getenv("SLURM_JOB_CPUS_PER_NODE");
    if (tasks)
        return ipcr_nodelist_counts(counts, n, tasks, why, room);
    if (cpus && !ipcr_nodelist_counts(counts, n, cpus, why, room))
        return false;
    int each = (int)number_of("SLURM_CPUS_PER_TASK", 1);
    for (int i = 0; i < n; i++)
        counts[i] = cpus && each > 0 && counts[i] > each ? counts[i] / each : 1;
    return true;
}

bool ipcr_sched_slurm(struct ipcr_allocation *a, char *why, size_t room)
{
    struct ipcr_words names = {0};
    bool ok = ipcr_nodelist_names(&names, getenv("SLURM_JOB_NODELIST"), why, room);
    int *counts = ipcr_alloc(sizeof *counts * (size_t)(names.n + 1));
    ok = ok && read_counts(counts, names.n, why, room);
    for (int i = 0; ok && i < names.n; i++)
        ok = ipcr_hosts_add(&a->hosts, names.at[i], counts[i], why, room);
    a->own = getenv("SLURMD_NODENAME");
    free(counts);
    ipcr_words_free(&names);
    return ok;
}

/* A batch script has SLURM_NTASKS as well, and is one process; the step's count is what tells. */
bool ipcr_scheduler_is_single(char *why, size_t room)
{
    long n = number_of("SLURM_STEP_NUM_TASKS", 1);
    if (n <= 1 || getenv("IPCRUN_RANK"))
        return true;
    *why = 0;
    if (number_of("SLURM_PROCID", 0) == 0)
        snprintf(
            why, room,
            "srun has started ipcrun %ld times, and each would run the whole job: start it once, "
            "without srun (or with --scheduler none, for %ld separate jobs)",
            n, n);
    return false;
}
