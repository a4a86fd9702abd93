/* Two real-time signals, taken from the program for the time between MPI_Init and MPI_Finalize:
 * blocked in all threads, read from a descriptor. */
#ifndef IPCR_SIGCLAIM_H
#define IPCR_SIGCLAIM_H

#include <signal.h>

#define IPCR_SIGNAL_WORD   (SIGRTMAX - 3)
#define IPCR_SIGNAL_CREDIT (SIGRTMAX - 4) /* read first: the kernel gives out low numbers first */

struct ipcr_sigclaim {
    int fd; /* signalfd; -1: none */
    sigset_t ours, before;
};

/* 0, or -EBUSY (noted) where the program handles one of them, or has a thread that does not block
 * them and so would swallow some; or another negative errno. */
int ipcr_sigclaim(struct ipcr_sigclaim *c);
/* They are ignored from now on: one that comes late must not end the program. */
void ipcr_sigclaim_release(struct ipcr_sigclaim *c);

#endif
