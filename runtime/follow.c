/* Threads that sleep while another one leads. */
#include "follow.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "bell.h"
#include "lock.h"

struct sleeper { /* on its own stack */
    const struct ipcr_req *on;
    struct sleeper *next;
    _Atomic uint32_t woken;
};

int ipcr_followers, ipcr_follow_seekers;

static struct sleeper *first, **last = &first; /* who sleep, the longest first */
static int awake;                              /* in a wait: those who do not follow */

bool ipcr_follow_others_awake(void)
{
    return awake > 1;
}

void ipcr_follow_enter(void)
{
    awake++;
}

/* The word is set and the sleeper gone from the list in one hold of the lock, without which it does
 * not return: it is there until the system call is over. Whoever wakes it counts it as awake, so
 * that nobody else is woken in its place. */
static void wake(struct sleeper **place)
{
    struct sleeper *s = *place;
    *place = s->next;
    if (last == &s->next)
        last = place;
    ipcr_followers--;
    ipcr_follow_seekers -= !s->on;
    awake++;
    atomic_store_explicit(&s->woken, 1, memory_order_relaxed);
    ipcr_bell_futex_wake(&s->woken, 1);
}

void ipcr_follow_leave(void)
{
    if (--awake == 0 && first)
        wake(&first);
}

static void wake_all_on(const struct ipcr_req *on)
{
    for (struct sleeper **place = &first; *place;)
        if ((*place)->on == on)
            wake(place);
        else
            place = &(*place)->next;
}

void ipcr_follow_wake_for(const struct ipcr_req *done)
{
    if (__builtin_expect(ipcr_followers != ipcr_follow_seekers, 0))
        wake_all_on(done);
}

void ipcr_follow_wake_seekers(void)
{
    if (__builtin_expect(ipcr_follow_seekers != 0, 0))
        wake_all_on(NULL);
}

void ipcr_follow(const struct ipcr_req *on)
{
    struct sleeper s = {.on = on};
    *last = &s;
    last = &s.next;
    ipcr_followers++;
    ipcr_follow_seekers += !on;
    awake--;
    unsigned held = ipcr_lock_pause();
    while (!atomic_load_explicit(&s.woken, memory_order_relaxed)) /* or a signal came */
        ipcr_bell_futex_wait(&s.woken, 0);
    ipcr_lock_resume(held);
}
