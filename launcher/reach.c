/* The choice of a way to other hosts. */
#include "reach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

/* What other launchers are told to use in place of ssh, as on Kubernetes. */
static const char *const agents[] = {"IPCRUN_SSH", "OMPI_MCA_plm_rsh_agent",
                                     "PRTE_MCA_plm_ssh_agent", "HYDRA_LAUNCHER_EXEC",
                                     "I_MPI_HYDRA_BOOTSTRAP_EXEC"};

static bool says(const char *text)
{
    return text && *text;
}

/* Open MPI's is a list of which the first that exists is meant: "ssh : rsh". */
static char *command_of_environment(void)
{
    for (size_t i = 0; i < sizeof agents / sizeof *agents; i++) {
        const char *text = getenv(agents[i]);
        if (!says(text))
            continue;
        return i == 0 ? ipcr_copy(text) : ipcr_format("%.*s", (int)strcspn(text, ":"), text);
    }
    return NULL;
}

/* A scheduler's own program counts, limits and ends what it starts; ssh does as well. */
static const struct ipcr_spawn_way *way_of_scheduler(const struct ipcr_allocation *a)
{
    const struct ipcr_spawn_way *way = a->by && a->by->way ? ipcr_spawn_find(a->by->way) : NULL;
    return way && ipcr_is_in_path(way->program) ? way : ipcr_spawn_row(0);
}

bool ipcr_reach_choose(struct ipcr_reach *r, const char *launcher, const char *command,
                       const struct ipcr_allocation *a, char *why, size_t room)
{
    const char *set = getenv("IPCRUN_LAUNCHER");
    const char *name = launcher ? launcher : command ? "ssh" : says(set) ? set : "auto";
    struct ipcr_words w = {0};
    r->way = strcmp(name, "auto") == 0 ? way_of_scheduler(a) : ipcr_spawn_find(name);
    if (!r->way) {
        snprintf(why, room,
                 "IPCRUN_LAUNCHER is '%.40s'; it must be auto, ssh, rsh, slurm, lsf or sge", name);
        return false;
    }
    r->command = command                       ? ipcr_copy(command)
                 : r->way == ipcr_spawn_row(0) ? command_of_environment()
                                               : NULL;
    bool ok = !r->command || (ipcr_words_split(&w, r->command) && w.n > 0);
    if (!ok)
        snprintf(why, room, "'%.100s' is no command to reach hosts with", r->command);
    ipcr_words_free(&w);
    return ok;
}
