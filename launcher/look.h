/* Looking at jobs that run: ipcrun --status and --top, from another terminal.
 *   look.c         which job, and the conversation with its head
 *   look_status.c  a job in plain text
 *   look_top.c     a job on a terminal, again and again;  top.c  the picture;  screen.c  the
 * terminal */
#ifndef IPCR_LOOK_H
#define IPCR_LOOK_H

enum ipcr_look { IPCR_LOOK_NOT, IPCR_LOOK_STATUS, IPCR_LOOK_TOP };

struct ipcr_look_asked {
    int what;      /* enum ipcr_look */
    char *job;     /* owned; pid of its ipcrun, or its id; NULL: the one that runs */
    long every_ms; /* 0: once */
};

/* The exit status: 0 shown, 1 there is no such job or it does not answer, 2 it must be said which.
 */
int ipcr_look(const struct ipcr_look_asked *asked);

#endif
