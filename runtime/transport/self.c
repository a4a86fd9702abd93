/* self: a rank and itself. A fragment that is sent has arrived. The smallest transport, and the
 * template for another one. */
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "peer.h"
#include "transport.h"

#define SELF_FRAG (64u * 1024u)

static int self_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    (void)job;
    mine->len = 0;
    return 0;
}

static void self_close(void)
{
}

static int self_link(struct ipcr_peer *peer, const void *addr, size_t len)
{
    (void)peer, (void)addr, (void)len;
    return 0;
}

static void self_unlink(struct ipcr_peer *peer)
{
    (void)peer;
}

static enum ipcr_result self_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    if (!f->type) {
        ipcr_p2p_arrive(peer, &f->hdr, ipcr_frag_bytes(f), f->len);
        return IPCR_OK;
    }
    /* An arrival may send again (CTS, DATA), so the packed bytes cannot lie in a static buffer. */
    void *packed = malloc(f->len ? f->len : 1);
    if (!packed)
        return IPCR_AGAIN;
    ipcr_frag_copy(f, packed);
    ipcr_p2p_arrive(peer, &f->hdr, packed, f->len);
    free(packed);
    return IPCR_OK;
}

static int self_poll(int budget)
{
    (void)budget;
    return 0;
}

static int self_pull(struct ipcr_peer *peer, const struct ipcr_pull *part, int n)
{
    (void)peer;
    for (int i = 0; i < n; i++)
        memmove(part[i].local, (const void *)(uintptr_t)part[i].remote, part[i].len);
    return 0;
}

const struct ipcr_transport ipcr_transport_self = {
    .name = "self",
    .eager_max = SELF_FRAG,
    .frag_max = SELF_FRAG,
    .reach = IPCR_REACH_SELF,
    .open = self_open,
    .close = self_close,
    .link = self_link,
    .unlink = self_unlink,
    .send = self_send,
    .poll = self_poll,
    .pull = self_pull,
};
