/* The table of tools, and handing on to those that are on. */
#include "observe.h"

#include <stddef.h>

#include "tool_chaos.h"
#include "tool_replay.h"

/* One row per tool; a test in a build of its own may put others here. */
const struct ipcr_observer *const ipcr_observers[] = {
    &ipcr_tool_chaos,   &ipcr_tool_check,  &ipcr_tool_compare,
    &ipcr_tool_profile, &ipcr_tool_replay, NULL,
};

enum { MOST = 12 };

bool ipcr_observed;
static const struct ipcr_observer *on[MOST];
static int ons;

void ipcr_observe_open(void)
{
    for (int i = 0; ipcr_observers[i] && ons < MOST; i++) {
        if (ipcr_observers[i]->open())
            on[ons++] = ipcr_observers[i];
    }
    ipcr_observed = ons > 0;
}

void ipcr_observe_close(void)
{
    /* Off first: what a tool does to deliver its findings is not to be observed. */
    int n = ons;
    ons = 0;
    ipcr_observed = false;
    for (int i = 0; i < n; i++) {
        if (on[i]->close)
            on[i]->close();
    }
}

#define TELL(what, ...)                   \
    do {                                  \
        for (int i = 0; i < ons; i++)     \
            if (on[i]->what)              \
                on[i]->what(__VA_ARGS__); \
    } while (0)

void ipcr_observe_enter(const char *call, const void *caller)
{
    TELL(enter, call, caller);
}

void ipcr_observe_leave(void)
{
    TELL(leave);
}

void ipcr_observe_idle(void)
{
    TELL(idle);
}

void ipcr_observe_busy(void)
{
    TELL(busy);
}

void ipcr_observe_send(const struct ipcr_msg *m, const struct ipcr_peer *peer, uint64_t bytes,
                       const struct ipcr_req *req)
{
    TELL(send, m, peer, bytes, req);
}

void ipcr_observe_post(const struct ipcr_req *req)
{
    TELL(post, req);
}

void ipcr_observe_match(const struct ipcr_req *req, const struct ipcr_peer *peer,
                        const struct ipcr_unexpected *u)
{
    TELL(match, req, peer, u);
}

void ipcr_observe_complete(const struct ipcr_req *req)
{
    TELL(complete, req);
}

void ipcr_observe_back(const struct ipcr_req *req, bool told)
{
    TELL(back, req, told);
}

uint16_t ipcr_observe_mark(const struct ipcr_msg *m)
{
    for (int i = 0; i < ons; i++)
        if (on[i]->mark)
            return on[i]->mark(m);
    return 0;
}

void ipcr_observe_object(enum ipcr_object kind, const void *object, bool made)
{
    TELL(object, kind, object, made);
}

void ipcr_observe_collective(const struct ipcr_coll *c)
{
    TELL(collective, c);
}

void ipcr_observe_meeting(struct ipcr_comm *comm)
{
    TELL(meeting, comm);
}
