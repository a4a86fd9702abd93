/* Terminals: of ranks that run under a debugger (--gdb), and one on the way to the head. */
#ifndef IPCR_TTY_H
#define IPCR_TTY_H

#include "agent.h"

/* A new one, of the size in the plan. False with errno. */
bool ipcr_tty_open(const struct ipcr_agent *a, int *master, int *slave);
/* What is typed for the rank goes to fd, which it owns from now on. */
void ipcr_tty_attach(struct ipcr_rank *r, int fd);
/* TYPED from the head. */
void ipcr_tty_typed(struct ipcr_agent *a, struct ipcr_reader *r);
void ipcr_tty_close(struct ipcr_rank *r);

/* Of the control channel, which srun --unbuffered leads through one: if fd is a terminal, it
 * changes no byte from now on. */
void ipcr_tty_raw(int fd);

#endif
