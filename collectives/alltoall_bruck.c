/* Alltoall after Bruck: blocks travel in steps of powers of two. Block i of a rank, the one for the
 * rank i ahead, takes step k (of distance 2^k) if bit k of i is set; all that take the same step
 * form one message.
 *
 *   distance 1:  blocks  .1.3.5.7     after all steps place i holds
 *   distance 2:  blocks  ..23..67     what comes from the rank i behind
 *   distance 4:  blocks  ....4567
 *
 * Cost: ceil(log2 n) * (latency + n/2 blocks / bandwidth) and two copies of those: for very short
 * blocks and many ranks. Bruck et al., Efficient algorithms for all-to-all communications in
 * multiport message-passing systems, IEEE Trans. Parallel Distrib. Syst. 8 (1997). */
#include "coll.h"

/* Copies the blocks that take this step from their places into a message, or back; returns the
 * bytes of the message. */
static size_t convert(struct ipcr_coll *c, struct ipcr_part places, struct ipcr_part message,
                      int distance, bool out)
{
    size_t block = c->rcount * c->rtype->size, at = 0;
    for (int i = 1; i < c->comm->size; i++) {
        if (!(i & distance))
            continue;
        struct ipcr_part place = ipcr_part_slice(places, (size_t)i * block, block);
        struct ipcr_part slot = ipcr_part_slice(message, at, block);
        ipcr_coll_copy(c, out ? place : slot, out ? slot : place);
        at += block;
    }
    return at;
}

void ipcr_alltoall_bruck(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    size_t block = c->rcount * c->rtype->size, bytes = (size_t)n * block;
    struct ipcr_part places = ipcr_part_bytes(ipcr_coll_temp(c, bytes), bytes);
    struct ipcr_part out = ipcr_part_bytes(ipcr_coll_temp(c, bytes / 2), bytes / 2);
    struct ipcr_part in = ipcr_part_bytes(ipcr_coll_temp(c, bytes / 2), bytes / 2);
    for (int i = 1; i < n; i++)
        ipcr_coll_copy(c, ipcr_coll_spart(c, ipcr_coll_mod(rank + i, n)),
                       ipcr_part_slice(places, (size_t)i * block, block));
    for (int distance = 1; distance < n; distance *= 2) {
        size_t size = convert(c, places, out, distance, true);
        ipcr_coll_exchange(c, ipcr_part_slice(out, 0, size), ipcr_coll_mod(rank + distance, n),
                           ipcr_part_slice(in, 0, size), ipcr_coll_mod(rank - distance, n));
        convert(c, places, in, distance, false);
    }
    ipcr_coll_copy(c, ipcr_coll_spart(c, rank), ipcr_coll_rpart(c, rank));
    for (int i = 1; i < n; i++)
        ipcr_coll_copy(c, ipcr_part_slice(places, (size_t)i * block, block),
                       ipcr_coll_rpart(c, ipcr_coll_mod(rank - i, n)));
}
