/* The hosts that a scheduler has given to the job that ipcrun runs in. Each scheduler is a row of
 * the table in scheduler.c; sched_slurm.c and sched_lists.c read what it says. */
#ifndef IPCR_SCHEDULER_H
#define IPCR_SCHEDULER_H

#include "hosts.h"

struct ipcr_allocation;

struct ipcr_scheduler {
    const char *name;    /* as for --scheduler */
    const char *title;   /* for people */
    const char *hosts;   /* a variable that says where the hosts stand: without it there are none */
    const char *job;     /* a variable with the job's name; NULL: it has none */
    const char *program; /* that starts jobs, for --info; NULL: none on this side */
    const char *way;     /* spawn.h: how agents are started, if its program is here; NULL: ssh */
    bool open;           /* other hosts may be named as well: this is only a default */
    /* Fills hosts and own. False with a sentence in `why`. */
    bool (*read)(struct ipcr_allocation *a, char *why, size_t room);
};

struct ipcr_allocation {
    const struct ipcr_scheduler *by; /* NULL: none */
    struct ipcr_hosts hosts;
    const char *own; /* the name by which the scheduler knows this host; NULL: not said */
};

/* Row i of the table; NULL behind the last. */
const struct ipcr_scheduler *ipcr_scheduler_row(int i);

/* Are we inside a job of it? */
bool ipcr_scheduler_is_here(const struct ipcr_scheduler *s);

/* The name of its job, or NULL. */
const char *ipcr_scheduler_job(const struct ipcr_scheduler *s);

/* Reads its allocation; false with a sentence. To be freed in any case. */
bool ipcr_scheduler_read(struct ipcr_allocation *a, const struct ipcr_scheduler *s, char *why,
                         size_t room);

/* Is it something for --scheduler? */
bool ipcr_scheduler_is_name(const char *name);

/* Finds the allocation. `wanted`: the name of a row, none (or user), or auto (or NULL): the
 * first that is here. by is NULL when there is none. False with a sentence. */
bool ipcr_scheduler_find(struct ipcr_allocation *a, const char *wanted, char *why, size_t room);

/* All hosts of the allocation where the user has named none; else those that he has named, which
 * must be among them, with the slots that they have there unless he has said how many. */
bool ipcr_scheduler_hosts(const struct ipcr_allocation *a, struct ipcr_hosts *h, char *why,
                          size_t room);

/* Is this process one of several that srun has started? Then each would start the job once more.
 * False with a sentence, which is empty in all copies but the first. */
bool ipcr_scheduler_is_single(char *why, size_t room);

void ipcr_allocation_free(struct ipcr_allocation *a);

/* What rows have. */
bool ipcr_sched_slurm(struct ipcr_allocation *a, char *why, size_t room);
bool ipcr_sched_lsf(struct ipcr_allocation *a, char *why, size_t room);
bool ipcr_sched_sge(struct ipcr_allocation *a, char *why, size_t room);
/* The host file that the row's variable names. */
bool ipcr_sched_file(struct ipcr_allocation *a, char *why, size_t room);

#endif
