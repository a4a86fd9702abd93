/* What the two sides of partitioned communication share: parts.c, parts_send.c and parts_recv.c.
 * Nobody else includes this. */
#ifndef IPCR_PARTS_H
#define IPCR_PARTS_H

#include "ctxid.h"
#include "datatype.h"
#include "p2p.h"
#include "partitioned.h"
#include "request.h"

/* The announcement of a partitioned send: parts of `bytes` bytes each, with tags from first_tag on.
 */
struct ipcr_part_offer {
    uint64_t bytes;
    int32_t parts;
    int32_t first_tag;
};

enum { IPCR_PART_TAGS = 1 << 30 }; /* from INT32_MIN on: no wildcard among them */

/* A message of partitioned communication on m's communicator, with m's rank and another tag. */
static inline struct ipcr_msg ipcr_part_msg(const struct ipcr_msg *m, int tag)
{
    struct ipcr_msg part = *m;
    part.tag = tag;
    part.ctx = m->comm->ctx | IPCR_CTX_PARTITIONED;
    part.mode = IPCR_STANDARD;
    return part;
}

/* The same for plain bytes. */
static inline struct ipcr_msg ipcr_part_bytes(const struct ipcr_msg *m, int tag, void *buf,
                                              size_t bytes)
{
    struct ipcr_msg part = ipcr_part_msg(m, tag);
    part.buf = buf;
    part.count = bytes;
    part.type = ipcr_type_of(MPI_BYTE);
    return part;
}

/* Where element n of a buffer lies. In integers: the buffer may be MPI_BOTTOM. */
static inline void *ipcr_part_element(const struct ipcr_msg *m, uint64_t n)
{
    return (void *)((uintptr_t)m->buf + n * (uintptr_t)m->type->extent);
}

/* A persistent request that keeps m. */
struct ipcr_req *ipcr_part_request(const struct ipcr_req_class *class, void *state,
                                   const struct ipcr_msg *m);

/* MPI_SUCCESS, or an error class (noted) for numbers that no request can have. */
int ipcr_part_check(const struct ipcr_msg *m, int partitions);

#endif
