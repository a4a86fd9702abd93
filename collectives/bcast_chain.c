/* Broadcast down a pipelined chain: the message is cut into segments; each rank receives one while
 * it hands the previous one to the next rank.
 *
 *   round   0     1     2     3      (relative to the root)
 *     0     a>    a
 *     1     b>   ba>    a
 *     2     c>   cb>   ba>    a
 *
 * Cost: (n - 2 + segments) * (latency + segment / bandwidth): for very long messages each byte is
 * received and sent once per rank, which is the least possible. */
#include "coll.h"

/* Long enough to make the latency of a round small, short enough to stay in the caches. */
enum { SEGMENT = 64 * 1024 };

static struct ipcr_part segment(struct ipcr_part image, size_t k)
{
    size_t first = k * SEGMENT, left = image.count - first;
    return ipcr_part_slice(image, first, left < SEGMENT ? left : SEGMENT);
}

void ipcr_bcast_chain(struct ipcr_coll *c)
{
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    int n = c->comm->size, rank = c->comm->rank, v = ipcr_coll_mod(rank - c->root, n);
    struct ipcr_part image = v ? ipcr_coll_image(c, all) : ipcr_coll_pack(c, all);
    size_t segments = (image.count + SEGMENT - 1) / SEGMENT;
    for (size_t k = 0; k <= segments; k++) {
        if (v > 0 && k < segments)
            ipcr_coll_recv(c, segment(image, k), ipcr_coll_mod(rank - 1, n));
        if (v < n - 1 && k > 0)
            ipcr_coll_send(c, segment(image, k - 1), ipcr_coll_mod(rank + 1, n));
        ipcr_coll_round(c);
    }
    if (v)
        ipcr_coll_unpack(c, image, all);
}
