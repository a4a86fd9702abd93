/* Streams of bytes between two ranks whose hosts have no way to each other: through the control
 * channels, which there is in any case. Slow is better than dead.
 *
 *     caller --socket pair-- agent --channel-- head --channel-- agent --loopback-- callee
 *
 * The caller's TCP transport has tried all addresses in vain. It hands one end of a socket pair to
 * its agent (CALL), whose colleague connects to the port where the callee listens, as a rank of
 * another host would have. So the two ranks have an ordinary connection, prove to each other who
 * they are, and know nothing more of the detour; and agents and head need not know what goes
 * through them.
 *
 * Frames: u32 caller, u32 callee, u32 number, u8 step (below), blob. The caller's agent counts the
 * streams: caller and number name one in all three places. The head keeps nothing of them.
 *
 * Memory is bounded by the sender: of each stream it has at most a window under way, which the
 * other agent has not handed to its rank yet (TOOK); beyond that it reads no more from its rank. So
 * agents and head always take what comes, and control messages wait behind 4 MB at most for each
 * host. */
#ifndef IPCR_DETOUR_H
#define IPCR_DETOUR_H

#include "agent.h"
#include "head.h"

enum ipcr_detour_step {
    IPCR_DETOUR_CALL, /* u16 port, instead of the blob: connect to the callee */
    IPCR_DETOUR_DATA, /* blob */
    IPCR_DETOUR_TOOK, /* u32, instead of the blob: so many bytes were handed to the rank */
    IPCR_DETOUR_END,  /* no more data will come */
    IPCR_DETOUR_DEAF  /* nobody reads data any more */
};

/* agent_detour.c: a rank asks (CALL of proto.h), */
void ipcr_detour_call(struct ipcr_rank *r, struct ipcr_reader *body);
/* the head passes a frame on. */
void ipcr_detour_frame(struct ipcr_agent *a, struct ipcr_reader *r);

/* detour.c: passes a frame on to the other host of the two. */
void ipcr_detour_route(const struct ipcr_node *from, struct ipcr_reader *r);
/* Names the hosts that have no way to each other, once a job, if that was not done yet. */
void ipcr_detour_warn(void);

#endif
