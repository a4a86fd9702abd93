/* unix: ranks of one node, over Unix-domain sockets.
 *
 * The node's agent makes a pair of connected sockets for each pair of ranks and each rank inherits
 * its ends. So there is no name that another user could take, nothing to prove, nothing to wait for
 * and nothing to clean up; and it works where a sandbox lets no rank call socket(). The price is
 * descriptors: one for each other rank, and n * (n - 1) in the agent while it starts n ranks.
 *
 * The kernel copies each byte twice, into its own buffers and out of them, and wakes the reader. A
 * full buffer refuses (EAGAIN); a peer that dies closes its end. */
#include "nodestream.h"

extern const struct ipcr_transport ipcr_transport_unix;

static int unix_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    mine->len = 0;
    return ipcr_nodestream_inherit(job, &ipcr_transport_unix);
}

const struct ipcr_transport ipcr_transport_unix = {
    .name = "unix",
    .eager_max = IPCR_STREAM_EAGER,
    .frag_max = 256 * 1024, /* as tcp: what a socket buffer takes at once, about */
    .reach = IPCR_REACH_NODE,
    .inherit = IPCR_INHERIT_SOCKETS,
    .open = unix_open,
    .close = ipcr_nodestream_close,
    .link = ipcr_nodestream_link,
    .unlink = ipcr_nodestream_unlink,
    .send = ipcr_nodestream_send,
    .unsent = ipcr_nodestream_unsent,
    .poll = ipcr_nodestream_poll,
    .wait_fd = ipcr_nodestream_wait_fd,
};
