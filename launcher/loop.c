/* The event loop over epoll and signalfd. */
#include "loop.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"

enum { LOOP_BATCH = 32 };

static int epoll_fd = -1;
static bool stopped;
static struct ipcr_timer *timers; /* unsorted: there are a handful */
/* Events fetched and not yet delivered. A watch that stops meanwhile is taken out of here. */
static struct epoll_event batch[LOOP_BATCH];
static int batch_len;

static struct ipcr_watch signal_watch = {.fd = -1};
static void (*signal_fn)(int sig, int32_t pid);

int64_t ipcr_now_ms(void)
{
    return (int64_t)(ipcr_clock_ns() / 1000000);
}

int ipcr_loop_open(void)
{
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return epoll_fd < 0 ? -errno : 0;
}

/* An agent is forked from the head: it gives up the head's loop and opens one of its own. */
void ipcr_loop_close(void)
{
    if (signal_watch.fd >= 0)
        close(signal_watch.fd);
    if (epoll_fd >= 0)
        close(epoll_fd);
    signal_watch = (struct ipcr_watch){.fd = -1};
    epoll_fd = -1;
    timers = NULL;
    batch_len = 0;
}

static void batch_drop(const struct ipcr_watch *w)
{
    for (int i = 0; i < batch_len; i++)
        if (batch[i].data.ptr == w)
            batch[i].data.ptr = NULL;
}

int ipcr_loop_watch(struct ipcr_watch *w, uint32_t events)
{
    if (events == w->events && w->watched == (events != 0))
        return 0;
    struct epoll_event e = {.events = events, .data.ptr = w};
    int op = !events ? EPOLL_CTL_DEL : w->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (!events)
        batch_drop(w);
    if ((events || w->watched) && epoll_ctl(epoll_fd, op, w->fd, &e) < 0)
        return -errno;
    w->watched = events != 0;
    w->events = events;
    return 0;
}

void ipcr_loop_cancel(struct ipcr_timer *t)
{
    if (!t->armed)
        return;
    t->armed = false;
    for (struct ipcr_timer **p = &timers; *p; p = &(*p)->next)
        if (*p == t) {
            *p = t->next;
            return;
        }
}

void ipcr_loop_timer(struct ipcr_timer *t, int64_t ms)
{
    ipcr_loop_cancel(t);
    t->due_ms = ipcr_now_ms() + ms;
    t->armed = true;
    t->next = timers;
    timers = t;
}

static void deliver_signals(struct ipcr_watch *w, uint32_t ready)
{
    (void)ready;
    struct signalfd_siginfo info;
    while (read(w->fd, &info, sizeof info) == (ssize_t)sizeof info)
        signal_fn((int)info.ssi_signo, (int32_t)info.ssi_pid);
}

int ipcr_loop_signals(const sigset_t *set, void (*fn)(int sig, int32_t pid))
{
    sigprocmask(SIG_BLOCK, set, NULL);
    signal_fn = fn;
    signal_watch.fn = deliver_signals;
    signal_watch.fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_watch.fd < 0)
        return -errno;
    return ipcr_loop_watch(&signal_watch, EPOLLIN);
}

static int wait_ms(void)
{
    if (!timers)
        return -1;
    int64_t due = timers->due_ms;
    for (struct ipcr_timer *t = timers->next; t; t = t->next)
        if (t->due_ms < due)
            due = t->due_ms;
    int64_t ms = due - ipcr_now_ms();
    return ms < 0 ? 0 : ms > 3600000 ? 3600000 : (int)ms;
}

static void run_timers(void)
{
    int64_t now = ipcr_now_ms();
    for (;;) {
        struct ipcr_timer *due = NULL;
        for (struct ipcr_timer *t = timers; t; t = t->next)
            if (t->due_ms <= now && (!due || t->due_ms < due->due_ms))
                due = t;
        if (!due || stopped)
            return;
        ipcr_loop_cancel(due);
        due->fn(due);
    }
}

void ipcr_loop_run(void)
{
    stopped = false;
    while (!stopped) {
        int n = epoll_wait(epoll_fd, batch, LOOP_BATCH, wait_ms());
        batch_len = n > 0 ? n : 0;
        for (int i = 0; i < batch_len && !stopped; i++) {
            struct ipcr_watch *w = batch[i].data.ptr;
            if (w)
                w->fn(w, batch[i].events);
        }
        batch_len = 0;
        if (timers)
            run_timers();
    }
}

void ipcr_loop_stop(void)
{
    stopped = true;
}
