/* The running reduction. */
#include "acc.h"

void ipcr_acc_begin(struct ipcr_acc *a, struct ipcr_coll *c, size_t count, void *home)
{
    *a = (struct ipcr_acc){.c = c, .now = ipcr_part(ipcr_coll_mine(c), count, c->rtype)};
    a->room[0] = home;
    a->borrowed = a->now.buf != home;
}

static void *room(struct ipcr_acc *a, int which)
{
    if (!a->room[which])
        a->room[which] = ipcr_coll_temp_like(a->c, a->now.count, a->now.type);
    return a->room[which];
}

static struct ipcr_part range_at(const struct ipcr_acc *a, void *buf, struct ipcr_range r)
{
    return ipcr_part_slice(ipcr_part(buf, a->now.count, a->now.type), r.first, r.count);
}

/* The result of a merge lies where its right operand was. A first operand from the left therefore
 * goes to the second room: mine is copied home and the result is there. */
static void *space(struct ipcr_acc *a, bool right)
{
    if (a->borrowed)
        return room(a, right ? 0 : 1);
    return room(a, a->now.buf == a->room[0] ? 1 : 0);
}

static void merge(struct ipcr_acc *a, void *theirs, struct ipcr_range r, bool right)
{
    struct ipcr_coll *c = a->c;
    if (right) {
        ipcr_coll_reduce(c, range_at(a, a->now.buf, r).buf, range_at(a, theirs, r));
        a->now.buf = theirs;
        a->borrowed = false;
        return;
    }
    if (a->borrowed) {
        ipcr_coll_copy(c, range_at(a, a->now.buf, r), range_at(a, room(a, 0), r));
        a->now.buf = a->room[0];
        a->borrowed = false;
    }
    ipcr_coll_reduce(c, range_at(a, theirs, r).buf, range_at(a, a->now.buf, r));
}

void ipcr_acc_recv(struct ipcr_acc *a, int from, struct ipcr_range range, bool right)
{
    void *theirs = space(a, right);
    ipcr_coll_recv(a->c, range_at(a, theirs, range), from);
    ipcr_coll_round(a->c);
    merge(a, theirs, range, right);
}

void ipcr_acc_exchange(struct ipcr_acc *a, int with, struct ipcr_range give, struct ipcr_range keep)
{
    ipcr_coll_send(a->c, range_at(a, a->now.buf, give), with);
    ipcr_acc_recv(a, with, keep, with > a->c->comm->rank);
}

void ipcr_acc_fold(struct ipcr_acc *a, const struct ipcr_fold *f)
{
    if (f->other < 0)
        return;
    struct ipcr_range all = {0, a->now.count};
    if (f->v >= 0) {
        ipcr_acc_recv(a, f->other, all, f->other > f->rank);
        return;
    }
    ipcr_coll_send(a->c, a->now, f->other);
    ipcr_coll_round(a->c);
}

void ipcr_acc_unfold(struct ipcr_acc *a, const struct ipcr_fold *f)
{
    if (f->other < 0)
        return;
    if (f->v >= 0)
        ipcr_coll_send(a->c, a->now, f->other);
    else
        ipcr_coll_recv(a->c, ipcr_part(a->room[0], a->now.count, a->now.type), f->other);
    ipcr_coll_round(a->c);
}

void ipcr_acc_settle(struct ipcr_acc *a, struct ipcr_range range)
{
    if (a->now.buf == a->room[0])
        return;
    ipcr_coll_copy(a->c, range_at(a, a->now.buf, range), range_at(a, a->room[0], range));
    a->now.buf = a->room[0];
    a->borrowed = false;
}

void ipcr_acc_halve(struct ipcr_acc *a, const struct ipcr_fold *f, struct ipcr_halving *h)
{
    h->steps = 0;
    h->kept[0] = (struct ipcr_range){0, a->now.count};
    for (int distance = 1; distance < f->pof2; distance *= 2) {
        struct ipcr_range whole = h->kept[h->steps];
        struct ipcr_range low = {whole.first, whole.count / 2};
        struct ipcr_range high = {whole.first + low.count, whole.count - low.count};
        bool upper = f->v & distance;
        h->given[h->steps] = upper ? low : high;
        h->kept[h->steps + 1] = upper ? high : low;
        ipcr_acc_exchange(a, ipcr_fold_rank(f, f->v ^ distance), h->given[h->steps],
                          h->kept[h->steps + 1]);
        h->steps++;
    }
}
