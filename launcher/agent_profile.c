/* The agent's view of what its ranks write down about themselves (runtime/profile.h). */
#include "agent.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "profile.h"
#include "seg.h"
#include "stats.h"

static int map_profiles(struct ipcr_agent *a)
{
    a->profiles = ipcr_alloc(sizeof(struct ipcr_profile *) * (size_t)a->nranks);
    for (int i = 0; i < a->nranks; i++) {
        off_t at = (off_t)ipcr_seg_profile_offset(a->nranks, i);
        void *p = mmap(NULL, sizeof(struct ipcr_profile), PROT_READ | PROT_WRITE, MAP_SHARED,
                       a->seg_fd, at);
        if (p == MAP_FAILED)
            return -errno;
        a->profiles[i] = p;
    }
    return 0;
}

int ipcr_agent_profile_open(struct ipcr_agent *a)
{
    struct ipcr_seg_head head = {.profile = (a->plan.stats ? IPCR_PROFILE_STATS : 0u) |
                                            (a->plan.trace ? IPCR_PROFILE_TRACE : 0u)};
    if (!head.profile)
        return 0;
    if (pwrite(a->seg_fd, &head, sizeof head, 0) != sizeof head)
        return -errno;
    return map_profiles(a);
}

void ipcr_agent_profile_tell(const struct ipcr_rank *r)
{
    struct ipcr_agent *a = r->agent;
    const struct ipcr_tally *t = &a->profiles[r->local]->tally;
    if (!t->opened_ns)
        return;
    ipcr_stats_put(ipcr_chan_begin(&a->head, IPCR_MSG_STATS), (uint32_t)r->rank, a->plan.size, t);
    ipcr_chan_end(&a->head);
}
