/* The event loop of head and agent: descriptors, timers, signals; one thread, one loop a process.
 *
 * Watches and timers are embedded in the objects they belong to; the loop never allocates and never
 * owns. A callback may stop any watch or timer, its own too, and free the object around it. */
#ifndef IPCR_LOOP_H
#define IPCR_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct ipcr_watch {
    void (*fn)(struct ipcr_watch *w, uint32_t ready); /* ready: EPOLLIN, EPOLLOUT, EPOLLHUP, ... */
    void *owner;
    int fd;          /* the caller's: the loop does not close it */
    uint32_t events; /* what is asked for now; 0: nothing, not even hangups */
    bool watched;    /* registered with the kernel */
};

struct ipcr_timer {
    void (*fn)(struct ipcr_timer *t);
    void *owner;
    int64_t due_ms; /* ipcr_now_ms() time */
    struct ipcr_timer *next;
    bool armed;
};

/* 0 or a negative errno. */
int ipcr_loop_open(void);
void ipcr_loop_close(void);

/* Asks for `events` on w->fd from now on (0: stop). 0 or a negative errno (-EPERM: a regular file,
 * which is always ready and cannot be watched). */
int ipcr_loop_watch(struct ipcr_watch *w, uint32_t events);

/* Calls t->fn once, `ms` milliseconds from now; an armed timer is moved. */
void ipcr_loop_timer(struct ipcr_timer *t, int64_t ms);
void ipcr_loop_cancel(struct ipcr_timer *t);

/* Delivers these signals (blocked from now on) to fn(signal, sender's pid). Once a process. */
int ipcr_loop_signals(const sigset_t *set, void (*fn)(int sig, int32_t pid));

/* Runs until ipcr_loop_stop(). */
void ipcr_loop_run(void);
void ipcr_loop_stop(void);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t ipcr_now_ms(void);

#endif
