/* pipe: ranks of one node, over anonymous pipes.
 *
 * The node's agent makes one for each ordered pair of ranks, and each rank inherits the reading
 * ends of those that lead to it and the writing ends of those that lead away: 2 * (n - 1)
 * descriptors in each rank, 2 * n * (n - 1) in the agent while it starts n ranks.
 *
 * A pipe holds 64 KiB, in pages that the kernel hands from writer to reader after one copy in and
 * before one copy out. A full one refuses (EAGAIN). Its reader sees the end when the writer is
 * gone; its writer sees an error when the reader is (conn.c). */
#include "nodestream.h"

extern const struct ipcr_transport ipcr_transport_pipe;

static int pipe_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    mine->len = 0;
    return ipcr_nodestream_inherit(job, &ipcr_transport_pipe);
}

const struct ipcr_transport ipcr_transport_pipe = {
    .name = "pipe",
    .eager_max = 32 * 1024,
    .frag_max = 64 * 1024, /* what a pipe holds: a larger piece would only lie in the tail */
    .reach = IPCR_REACH_NODE,
    .inherit = IPCR_INHERIT_PIPES,
    .open = pipe_open,
    .close = ipcr_nodestream_close,
    .link = ipcr_nodestream_link,
    .unlink = ipcr_nodestream_unlink,
    .send = ipcr_nodestream_send,
    .unsent = ipcr_nodestream_unsent,
    .poll = ipcr_nodestream_poll,
    .wait_fd = ipcr_nodestream_wait_fd,
};
