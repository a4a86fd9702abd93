/* Allgather and allgatherv after Bruck: in step k each rank sends all it has to the rank 2^k behind
 * and appends what it gets from the rank 2^k ahead; a rotation puts the blocks in their places.
 *
 *   rank   0      1      2      3      4
 *          a      b      c      d      e
 *          ab     bc     cd     de     ea
 *          abcd   bcde   cdea   deab   eabc
 *          abcde  bcdea  cdeab  deabc  eabcd    the rest; then rotate
 *
 * Cost: ceil(log2 n) * latency + all blocks / bandwidth + a copy: any number of ranks, for short
 * blocks. Bruck et al., Efficient algorithms for all-to-all communications in multiport
 * message-passing systems, IEEE Trans. Parallel Distrib. Syst. 8 (1997). */
#include "coll.h"

/* end[i]: bytes of the i blocks from mine on, in the order of ranks. */
static size_t *measure(struct ipcr_coll *c)
{
    int n = c->comm->size;
    size_t *end = ipcr_coll_temp(c, ((size_t)n + 1) * sizeof *end);
    end[0] = 0;
    for (int i = 0; i < n; i++)
        end[i + 1] =
            end[i] + ipcr_part_size(ipcr_coll_rpart(c, ipcr_coll_mod(c->comm->rank + i, n)));
    return end;
}

void ipcr_allgather_bruck(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    size_t *end = measure(c);
    struct ipcr_part all = ipcr_part_bytes(ipcr_coll_temp(c, end[n]), end[n]);
    struct ipcr_part home = ipcr_coll_rpart(c, rank);
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_coll_spart(c, rank), home);
    ipcr_coll_copy(c, home, ipcr_part_slice(all, 0, end[1]));
    for (int have = 1; have < n; have *= 2) {
        int more = have < n - have ? have : n - have;
        ipcr_coll_exchange(c, ipcr_part_slice(all, 0, end[more]), ipcr_coll_mod(rank - have, n),
                           ipcr_part_slice(all, end[have], end[have + more] - end[have]),
                           ipcr_coll_mod(rank + have, n));
    }
    for (int i = 1; i < n; i++)
        ipcr_coll_copy(c, ipcr_part_slice(all, end[i], end[i + 1] - end[i]),
                       ipcr_coll_rpart(c, ipcr_coll_mod(rank + i, n)));
}
