/* The words of srun. Each node gets an srun of its own, that is a step with one task: its stdin and
 * stdout are then that task's, byte for byte. One srun for all would copy its stdin to every task,
 * or give it to one, and mix what they write. What that costs: 60 ms for each start, of which 16
 * are under way at a time. */
#include "spawn.h"

#include <string.h>

/* The job's other steps may have all its CPUs: agents and ranks share them (--overlap). A step that
 * says nothing of CPUs gets all that the job has on its node. Without --unbuffered, what does not
 * end with a line would stay on the way. */
static const char *const srun_options[] = {"--ntasks=1",  "--nodes=1",   "--mpi=none",
                                           "--overlap",   "--input=all", "--output=all",
                                           "--error=all", "--chdir=/",   "--unbuffered"};

/* What a job's own options have left in the environment would speak of these steps, too: of more
 * tasks a node, of the CPUs of one rank, of the core that the shell is bound to, of a label in
 * front of what we read. */
const char *const ipcr_spawn_srun_hidden[] = {"SLURM_NTASKS",
                                              "SLURM_NPROCS",
                                              "SLURM_NTASKS_PER_NODE",
                                              "SLURM_NTASKS_PER_CORE",
                                              "SLURM_NTASKS_PER_SOCKET",
                                              "SLURM_NTASKS_PER_GPU",
                                              "SLURM_NTASKS_PER_TRES",
                                              "SLURM_TRES_PER_TASK",
                                              "SLURM_CPUS_PER_TASK",
                                              "SRUN_CPUS_PER_TASK",
                                              "SLURM_CPUS_PER_GPU",
                                              "SLURM_GPUS_PER_TASK",
                                              "SLURM_THREADS_PER_CORE",
                                              "SLURM_EXACT",
                                              "SLURM_EXCLUSIVE",
                                              "SLURM_DISTRIBUTION",
                                              "SLURM_ARBITRARY_NODELIST",
                                              "SLURM_HOSTFILE",
                                              "SLURM_CPU_BIND",
                                              "SLURM_CPU_BIND_LIST",
                                              "SLURM_CPU_BIND_TYPE",
                                              "SLURM_CPU_BIND_VERBOSE",
                                              "SLURM_MULTI_PROG",
                                              "SLURM_PROLOG",
                                              "SLURM_EPILOG",
                                              "SLURM_TASK_PROLOG",
                                              "SLURM_TASK_EPILOG",
                                              "SLURM_LABELIO",
                                              "SLURM_PTY_PORT",
                                              "SLURM_PTY_WIN_COL",
                                              "SLURM_PTY_WIN_ROW",
                                              "SLURM_TIMELIMIT",
                                              NULL};

void ipcr_spawn_add_srun(const struct ipcr_remote *remote, struct ipcr_words *w)
{
    for (size_t i = 0; i < sizeof srun_options / sizeof *srun_options; i++)
        ipcr_words_add(w, ipcr_copy(srun_options[i]));
    ipcr_words_add(w, ipcr_format("--nodelist=%s", remote->host));
    ipcr_words_add(w, ipcr_copy(remote->exe));
    ipcr_words_add(w, ipcr_copy("--agent"));
}

/* That its task has failed, after the task or slurmstepd has said why. */
bool ipcr_spawn_srun_is_echo(const char *line)
{
    return strncmp(line, "srun: ", 6) == 0 && strstr(line, ": task ");
}
