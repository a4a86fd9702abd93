/* One epoll instance and a clock (hub.h). */
#include "hub.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "err.h"

#define EVENTS     64
#define WARM_LOOKS 4 /* the last of so many asks for all */

uint64_t ipcr_hub_now_us(void)
{
    return ipcr_clock_ns() / 1000;
}

uint64_t ipcr_hub_now(void)
{
    return ipcr_hub_now_us() / 1000;
}

void ipcr_hub_watch(struct ipcr_hub *h, int fd, struct ipcr_source *source, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = source};
    if (epoll_ctl(h->epoll, EPOLL_CTL_MOD, fd, &e) == 0)
        return;
    if (errno != ENOENT || epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        ipcr_err_fatal("rank %d on %s cannot watch a connection: %s", h->job->rank, h->job->host,
                       strerror(errno));
}

static void set_pace(struct ipcr_hub *h, unsigned ms)
{
    if (ms == h->pace_ms)
        return;
    if (!h->pace_ms)
        h->ticked = ipcr_hub_now();
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    timerfd_settime(h->timer, 0, &(struct itimerspec){t, t}, NULL);
    h->pace_ms = ms;
}

void ipcr_hub_hurry(struct ipcr_hub *h, unsigned ms)
{
    if (!h->pace_ms || ms < h->pace_ms)
        set_pace(h, ms);
}

void ipcr_hub_stop_clock(struct ipcr_hub *h)
{
    set_pace(h, 0);
}

/* An alarm that turns out to be too early is cheaper than a system call for each change of mind, so
 * it is only ever brought forward. */
void ipcr_hub_alarm(struct ipcr_hub *h, uint64_t when_us)
{
    if (when_us == UINT64_MAX || (h->alarm && h->alarm <= when_us))
        return;
    struct itimerspec t = {
        .it_value = {(time_t)(when_us / 1000000), (long)(when_us % 1000000) * 1000 + 1}};
    timerfd_settime(h->timer, TFD_TIMER_ABSTIME, &t, NULL);
    h->alarm = when_us;
}

static int clock_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    struct ipcr_hub *h = (struct ipcr_hub *)((char *)self - offsetof(struct ipcr_hub, clock));
    (void)events, (void)budget;
    uint64_t times, now = ipcr_hub_now();
    if (read(h->timer, &times, sizeof times) < 0)
        return 0; /* set anew since it went off */
    h->alarm = 0;
    uint32_t elapsed = (uint32_t)(now - h->ticked);
    h->ticked = now;
    set_pace(h, h->tick ? h->tick(now, elapsed) : 0);
    return 0;
}

int ipcr_hub_open(struct ipcr_hub *h, const struct ipcr_job *job)
{
    *h = (struct ipcr_hub){.job = job, .clock.ready = clock_ready};
    h->epoll = epoll_create1(EPOLL_CLOEXEC);
    h->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (h->epoll < 0 || h->timer < 0)
        return -errno;
    ipcr_hub_watch(h, h->timer, &h->clock, EPOLLIN);
    return 0;
}

void ipcr_hub_close(struct ipcr_hub *h)
{
    close(h->timer);
    close(h->epoll);
}

/* Who is waited for is mostly who spoke last. */
static void heard(struct ipcr_hub *h, struct ipcr_source *s)
{
    h->warm = s->steady && s == h->last ? s : NULL;
    h->last = s;
}

static int poll_all(struct ipcr_hub *h, int budget)
{
    struct epoll_event event[EVENTS];
    int n = epoll_wait(h->epoll, event, EVENTS, 0), happened = 0;
    bool ticked = false;
    for (int i = 0; i < n; i++) {
        struct ipcr_source *s = event[i].data.ptr;
        if (s == &h->clock) {
            ticked = true;
            continue;
        }
        happened += s->ready(s, event[i].events, budget);
        heard(h, s);
    }
    if (ticked) /* last: answers that are there already are no timeouts */
        happened += clock_ready(&h->clock, EPOLLIN, budget);
    return happened;
}

int ipcr_hub_poll(struct ipcr_hub *h, int budget)
{
    if (h->warm && ++h->looks % WARM_LOOKS)
        return h->warm->ready(h->warm, EPOLLIN, budget);
    return poll_all(h, budget);
}

void ipcr_hub_wait(struct ipcr_hub *h, int ms)
{
    struct epoll_event event;
    epoll_wait(h->epoll, &event, 1, ms);
}
