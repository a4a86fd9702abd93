/* A job that is looked at, for the files of look.h. */
#ifndef IPCR_LOOK_JOB_H
#define IPCR_LOOK_JOB_H

#include <stdio.h>

#include "chan.h"
#include "jobview.h"

/* A head that was found, and what it last said. */
struct ipcr_job {
    uid_t uid;
    pid_t pid;
    struct ipcr_chan chan;
    bool answered;   /* the last question */
    const char *why; /* there will be no answer; NULL: there may */
    struct ipcr_jobview view;
};

/* Asks all jobs that are looked at, and waits for their answers; lets the loop run for so long.
 * Both come back early when the loop is stopped, or a job is over. */
void ipcr_look_ask(void);
void ipcr_look_wait(long ms);

/* Shows the job until the user has enough: the exit status. */
int ipcr_look_top(const struct ipcr_job *j, long every_ms);

/* One line about the job, without an end; and all about it. */
void ipcr_look_say_job(FILE *to, const struct ipcr_job *j);
void ipcr_look_say_ranks(FILE *to, const struct ipcr_job *j);

#endif
