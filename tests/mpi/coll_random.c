// Random collectives (arguments: seed, how many) on random communicators with random roots, lengths
// and operations, back to back without barriers, mixed with point-to-point messages in flight.
// Every rank derives the same sequence from the seed and knows what it must get.
#include "check.h"

enum { COMMS = 4, LONGEST = 20000, TAG = 5 };

struct place {
    MPI_Comm comm;
    int rank, size;
    int *world; // ranks of the members in MPI_COMM_WORLD
};

static struct place places[COMMS];

// What one call is about; the same on all ranks.
struct call {
    const struct place *place;
    int kind, root, count;
    uint64_t seed;
};

// Element i that `rank` of the place contributes to a call.
static int item(const struct call *c, int rank, long i)
{
    return (int)(mix3(c->seed, (uint64_t)c->place->world[rank], (uint64_t)i) % 2001) - 1000;
}

static int *mine(const struct call *c, long count)
{
    int *data = need(sizeof *data * (size_t)count);
    for (long i = 0; i < count; i++)
        data[i] = item(c, c->place->rank, i);
    return data;
}

static int sum(const struct call *c, int last, long i)
{
    int all = 0;
    for (int r = 0; r <= last; r++)
        all += item(c, r, i);
    return all;
}

static int expect(const struct call *c, const char *what, long i, int got, int want)
{
    if (got == want)
        return 1;
    FAIL("%s of %d ranks, root %d, count %d: element %ld is %d; should be %d", what, c->place->size,
         c->root, c->count, i, got, want);
    return 0;
}

// The first ranks of a place get sums of all, or of those up to themselves.
static void check_sums(const struct call *c, const char *what, const int *got, int last, long from)
{
    for (long i = 0; i < c->count; i++)
        if (!expect(c, what, i, got[i], sum(c, last, from + i)))
            return;
}

// Block r of `got` is what rank r contributed from element `from` on.
static void check_blocks(const struct call *c, const char *what, const int *got, long from)
{
    for (int r = 0; r < c->place->size; r++)
        for (long i = 0; i < c->count; i++)
            if (!expect(c, what, r * (long)c->count + i, got[r * (long)c->count + i],
                        item(c, r, from + i)))
                return;
}

static void reduction(const struct call *c, int *in, int *out)
{
    const struct place *p = c->place;

    switch (c->kind) {
    case 0:
        OK(MPI_Reduce(in, out, c->count, MPI_INT, MPI_SUM, c->root, p->comm));
        if (p->rank == c->root)
            check_sums(c, "Reduce", out, p->size - 1, 0);
        break;
    case 1:
        OK(MPI_Allreduce(in, out, c->count, MPI_INT, MPI_SUM, p->comm));
        check_sums(c, "Allreduce", out, p->size - 1, 0);
        break;
    case 2:
        OK(MPI_Scan(in, out, c->count, MPI_INT, MPI_SUM, p->comm));
        check_sums(c, "Scan", out, p->rank, 0);
        break;
    case 3:
        OK(MPI_Exscan(in, out, c->count, MPI_INT, MPI_SUM, p->comm));
        if (p->rank > 0)
            check_sums(c, "Exscan", out, p->rank - 1, 0);
        break;
    default:
        OK(MPI_Reduce_scatter_block(in, out, c->count, MPI_INT, MPI_SUM, p->comm));
        check_sums(c, "Reduce_scatter_block", out, p->size - 1, (long)p->rank * c->count);
    }
}

static void movement(const struct call *c, int *in, int *out)
{
    const struct place *p = c->place;

    switch (c->kind) {
    case 5:
        OK(MPI_Bcast(in, c->count, MPI_INT, c->root, p->comm));
        for (long i = 0; i < c->count; i++)
            if (!expect(c, "Bcast", i, in[i], item(c, c->root, i)))
                return;
        break;
    case 6:
        OK(MPI_Gather(in, c->count, MPI_INT, out, c->count, MPI_INT, c->root, p->comm));
        if (p->rank == c->root)
            check_blocks(c, "Gather", out, 0);
        break;
    case 7:
        OK(MPI_Scatter(in, c->count, MPI_INT, out, c->count, MPI_INT, c->root, p->comm));
        for (long i = 0; i < c->count; i++)
            if (!expect(c, "Scatter", i, out[i], item(c, c->root, (long)p->rank * c->count + i)))
                return;
        break;
    case 8:
        OK(MPI_Allgather(in, c->count, MPI_INT, out, c->count, MPI_INT, p->comm));
        check_blocks(c, "Allgather", out, 0);
        break;
    case 9:
        OK(MPI_Alltoall(in, c->count, MPI_INT, out, c->count, MPI_INT, p->comm));
        check_blocks(c, "Alltoall", out, (long)p->rank * c->count);
        break;
    default:
        OK(MPI_Barrier(p->comm));
    }
}

static void run_call(const struct call *c)
{
    long room = (long)(c->count + 1) * c->place->size;
    int *in = mine(c, room), *out = mine(c, room);

    if (c->kind < 5)
        reduction(c, in, out);
    else
        movement(c, in, out);
    free(out);
    free(in);
}

// Members of a place, and which rank of the world each is.
static void make_place(struct place *p, int colour, int key)
{
    OK(MPI_Comm_split(MPI_COMM_WORLD, colour, key, &p->comm));
    OK(MPI_Comm_rank(p->comm, &p->rank));
    OK(MPI_Comm_size(p->comm, &p->size));
    p->world = need(sizeof(int) * (size_t)p->size);
    OK(MPI_Allgather(&me, 1, MPI_INT, p->world, 1, MPI_INT, p->comm));
}

static int random_count(uint64_t *state, int size)
{
    static const int bounds[] = {2, 10, 300, 3000, LONGEST};
    int bound = bounds[rnd(state, 5)];

    return (int)rnd(state, (uint64_t)(bound > 300 ? bound / size + 1 : bound));
}

// A message around the ring that is in flight while collectives run.
struct traffic {
    MPI_Request requests[2];
    int in[64], out[64];
};

static void launch(struct traffic *t, int round)
{
    for (int i = 0; i < 64; i++)
        t->out[i] = me * 10000 + round * 64 + i;
    OK(MPI_Irecv(t->in, 64, MPI_INT, MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &t->requests[0]));
    OK(MPI_Isend(t->out, 64, MPI_INT, (me + 1) % np, TAG, MPI_COMM_WORLD, &t->requests[1]));
}

static void land(struct traffic *t, int round)
{
    OK(MPI_Waitall(2, t->requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < 64; i++)
        EQ(t->in[i], (me + np - 1) % np * 10000 + round * 64 + i);
}

int main(int argc, char **argv)
{
    static struct traffic traffic;
    uint64_t state;
    long calls;

    check_begin(&argc, &argv);
    state = (uint64_t)argument(argc, argv, 1, 1);
    calls = argument(argc, argv, 2, 400);
    make_place(&places[0], 0, me);
    make_place(&places[1], 0, -me);
    make_place(&places[2], me % 2, me);
    make_place(&places[3], me < np / 2, (me * 3) % 5);
    for (long i = 0; i < calls && check_failures == 0; i++) {
        struct call c = {&places[rnd(&state, COMMS)], (int)rnd(&state, 11), 0, 0, 0};
        if (i % 10 == 0)
            launch(&traffic, (int)(i / 10));
        // Split places differ in size, so what depends on it is drawn from numbers all have.
        c.root = (int)(rnd(&state, 5040) % (uint64_t)c.place->size);
        c.count = random_count(&state, np);
        c.seed = rnd(&state, UINT64_MAX);
        run_call(&c);
        if (i % 10 == 9 || i == calls - 1)
            land(&traffic, (int)(i / 10));
    }
    for (int i = 0; i < COMMS; i++) {
        free(places[i].world);
        OK(MPI_Comm_free(&places[i].comm));
    }
    return check_end();
}
