/* What the buffers, counts and displacements of a collective call mean, block by block. */
#include "coll.h"
#include "topo.h"

void *ipcr_coll_temp_like(struct ipcr_coll *c, size_t count, const struct ipcr_type *type)
{
    ptrdiff_t lb;
    size_t span = ipcr_type_span(type, count, &lb);
    return ipcr_part_at(ipcr_coll_temp(c, span), -lb);
}

/* One side of a call: what differs between sending and receiving. */
struct side {
    const void *buf;
    struct ipcr_type *type;
    struct ipcr_counts counts, displs;
    const MPI_Datatype *types;
};

static struct ipcr_part block(struct side s, int i)
{
    size_t count = (size_t)ipcr_counts_at(s.counts, i);
    int64_t displ = ipcr_counts_at(s.displs, i);
    if (s.types) /* alltoallw: displacements are bytes */
        return ipcr_part(ipcr_part_at(s.buf, displ), count, ipcr_type_of(s.types[i]));
    return ipcr_part(ipcr_part_at(s.buf, displ * s.type->extent), count, s.type);
}

struct ipcr_part ipcr_coll_sblock(const struct ipcr_coll *c, int i)
{
    return block((struct side){c->sbuf, c->stype, c->scounts, c->sdispls, c->stypes}, i);
}

struct ipcr_part ipcr_coll_rblock(const struct ipcr_coll *c, int i)
{
    return block((struct side){c->rbuf, c->rtype, c->rcounts, c->rdispls, c->rtypes}, i);
}

int ipcr_coll_targets(const struct ipcr_coll *c)
{
    struct ipcr_neighbors near = {0};
    if (!ipcr_coll_is_neighborly(c->kind))
        return c->comm->remote_size;
    ipcr_topo_neighbors(c->comm, &near);
    return near.out;
}

int ipcr_coll_sources(const struct ipcr_coll *c)
{
    struct ipcr_neighbors near = {0};
    if (!ipcr_coll_is_neighborly(c->kind))
        return c->comm->remote_size;
    ipcr_topo_neighbors(c->comm, &near);
    return near.in;
}

size_t *ipcr_coll_shares(struct ipcr_coll *c)
{
    int n = c->comm->size;
    size_t *first = ipcr_coll_temp(c, ((size_t)n + 1) * sizeof *first);
    first[0] = 0;
    for (int i = 0; i < n; i++)
        first[i + 1] =
            first[i] + (c->rcounts.v ? (size_t)ipcr_counts_at(c->rcounts, i) : c->rcount);
    return first;
}

struct ipcr_part ipcr_coll_image(struct ipcr_coll *c, struct ipcr_part p)
{
    size_t bytes = ipcr_part_size(p);
    if (p.type->dense)
        return ipcr_part_bytes(ipcr_part_at(p.buf, p.type->true_lb), bytes);
    return ipcr_part_bytes(ipcr_coll_temp(c, bytes), bytes);
}

struct ipcr_part ipcr_coll_pack(struct ipcr_coll *c, struct ipcr_part p)
{
    struct ipcr_part image = ipcr_coll_image(c, p);
    if (!p.type->dense)
        ipcr_coll_copy(c, p, image);
    return image;
}

void ipcr_coll_unpack(struct ipcr_coll *c, struct ipcr_part image, struct ipcr_part p)
{
    if (!p.type->dense)
        ipcr_coll_copy(c, image, p);
}
