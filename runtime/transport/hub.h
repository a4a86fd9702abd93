/* What a transport on descriptors waits for: one epoll instance in which everything that can happen
 * is a source, and a clock that ticks only while somebody needs it. A sleeping rank waits for the
 * epoll instance. Each such transport has a hub of its own. */
#ifndef IPCR_HUB_H
#define IPCR_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "job.h"

#define IPCR_HUB_SOON_MS 250u

/* The first member of what it belongs to. ready() hands at most about `budget` fragments up and
 * returns how many things happened. What it belongs to must not be freed in it: events that name it
 * may have been fetched already. */
struct ipcr_source {
    int (*ready)(struct ipcr_source *self, uint32_t events, int budget);
    bool steady; /* lives as long as the hub, and may be called without an event: EPOLLIN then */
};

struct ipcr_hub {
    const struct ipcr_job *job;
    int epoll, timer;
    struct ipcr_source clock;
    unsigned pace_ms; /* of the clock; 0: stopped */
    uint64_t alarm;   /* microseconds; 0: not set */
    uint64_t ticked;
    struct ipcr_source *last, *warm; /* see ipcr_hub_poll() */
    unsigned looks;
    /* Lets `elapsed_ms` pass; the time to the next tick, 0: none is needed. Optional. */
    unsigned (*tick)(uint64_t now, uint32_t elapsed_ms);
};

/* 0, or a negative errno. */
int ipcr_hub_open(struct ipcr_hub *h, const struct ipcr_job *job);
void ipcr_hub_close(struct ipcr_hub *h);
/* Watches fd for events (EPOLLIN, EPOLLOUT; errors in any case), for the first time or from now
 * on. */
void ipcr_hub_watch(struct ipcr_hub *h, int fd, struct ipcr_source *source, uint32_t events);
/* The clock is to tick within so long, IPCR_HUB_SOON_MS mostly: there is something new that time
 * may change. */
void ipcr_hub_hurry(struct ipcr_hub *h, unsigned ms);
void ipcr_hub_stop_clock(struct ipcr_hub *h);
/* The clock is to tick once, at this time or before; for a hub that uses no pace. */
void ipcr_hub_alarm(struct ipcr_hub *h, uint64_t when_us);
/* Handles what is there, without waiting; how many things happened. A source from which the last
 * two events came is warm: most looks ask it alone, which spares one of two system calls. */
int ipcr_hub_poll(struct ipcr_hub *h, int budget);
/* Waits at most that long for anything to happen, and handles nothing. */
void ipcr_hub_wait(struct ipcr_hub *h, int ms);

/* Milliseconds and microseconds of the monotonic clock. */
uint64_t ipcr_hub_now(void);
uint64_t ipcr_hub_now_us(void);

#endif
