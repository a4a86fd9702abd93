// Reduce, Allreduce, Reduce_scatter, Reduce_scatter_block, Scan and Exscan with predefined
// operations: exact sums, in place, from every root. Orders and user operations are in userops.c.
#include "coll.h"

// Element `i` of rank `r`: whole numbers, so that sums of doubles are exact in any order.
static long item(int r, long i)
{
    return (long)(mix3((uint64_t)r, (uint64_t)i, 5) % 1000) - 500;
}

// The sum over ranks `first` to `last`, or the minimum.
static long total(int first, int last, long i, int minimum)
{
    long all = item(first, i);
    for (int r = first + 1; r <= last; r++) {
        long next = item(r, i);
        all = !minimum ? all + next : next < all ? next : all;
    }
    return all;
}

struct flavour {
    MPI_Datatype type;
    MPI_Op op;
    int is_double, minimum;
    size_t size;
};

static void *mine(const struct flavour *f, int rank, long from, long count)
{
    char *data = need((size_t)(count + 1) * f->size);

    for (long i = 0; i <= count; i++) {
        long value = i < count ? item(rank, from + i) : 77777;
        double real = (double)value;
        int whole = (int)value;
        memcpy(data + (size_t)i * f->size, f->is_double ? (void *)&real : (void *)&whole, f->size);
    }
    return data;
}

static long value_at(const struct flavour *f, const void *data, long i)
{
    return f->is_double ? (long)((const double *)data)[i] : ((const int *)data)[i];
}

// Results of ranks `first` to `last` from element `from` on; the one after the last is untouched.
static void check_items(const struct flavour *f, const void *data, const int ranks[2], long from,
                        long count)
{
    for (long i = 0; i < count; i++)
        if (value_at(f, data, i) != total(ranks[0], ranks[1], from + i, f->minimum)) {
            FAIL("element %ld of %ld over ranks %d to %d is %ld; should be %ld", i, count, ranks[0],
                 ranks[1], value_at(f, data, i), total(ranks[0], ranks[1], from + i, f->minimum));
            return;
        }
    EQ(value_at(f, data, count), 77777);
}

static void reduce(const struct place *p, const struct flavour *f, int count)
{
    FOR_EACH_ROOT(p, root)
    for (int in_place = 0; in_place < 2; in_place++) {
        int is_root = p->rank == root;
        void *in = mine(f, p->rank, 0, count), *out = is_root ? mine(f, p->rank, 0, count) : NULL;
        OK(MPI_Reduce(is_root && in_place ? MPI_IN_PLACE : in, out, count, f->type, f->op, root,
                      p->comm));
        if (is_root)
            check_items(f, out, (const int[2]){0, p->size - 1}, 0, count);
        check_items(f, in, (const int[2]){p->rank, p->rank}, 0, count);
        free(out);
        free(in);
    }
}

static void allreduce(const struct place *p, const struct flavour *f, int count)
{
    for (int in_place = 0; in_place < 2; in_place++) {
        void *in = mine(f, p->rank, 0, count), *out = mine(f, p->rank, 0, count);
        OK(MPI_Allreduce(in_place ? MPI_IN_PLACE : in, out, count, f->type, f->op, p->comm));
        check_items(f, out, (const int[2]){0, p->size - 1}, 0, count);
        check_items(f, in, (const int[2]){p->rank, p->rank}, 0, count);
        free(out);
        free(in);
    }
}

static void scans(const struct place *p, const struct flavour *f, int count)
{
    for (int in_place = 0; in_place < 2; in_place++) {
        void *in = mine(f, p->rank, 0, count), *out = mine(f, p->rank, 0, count);
        OK(MPI_Scan(in_place ? MPI_IN_PLACE : in, out, count, f->type, f->op, p->comm));
        check_items(f, out, (const int[2]){0, p->rank}, 0, count);
        free(out);
        out = mine(f, p->rank, 0, count);
        OK(MPI_Exscan(in_place ? MPI_IN_PLACE : in, out, count, f->type, f->op, p->comm));
        if (p->rank > 0)
            check_items(f, out, (const int[2]){0, p->rank - 1}, 0, count);
        free(out);
        free(in);
    }
}

static void scatter_block(const struct place *p, const struct flavour *f, int count)
{
    long from = (long)p->rank * count, all = (long)p->size * count;

    for (int in_place = 0; in_place < 2; in_place++) {
        void *in = mine(f, p->rank, 0, all), *out = mine(f, p->rank, from, count);
        OK(MPI_Reduce_scatter_block(in_place ? MPI_IN_PLACE : in, in_place ? in : out, count,
                                    f->type, f->op, p->comm));
        if (!in_place)
            check_items(f, out, (const int[2]){0, p->size - 1}, from, count);
        for (long i = 0; in_place && i < count && check_failures < 5; i++)
            EQ(value_at(f, in, i), total(0, p->size - 1, from + i, f->minimum));
        free(out);
        free(in);
    }
}

static void scatter(const struct place *p, const struct flavour *f, int count)
{
    int *counts = need(sizeof(int) * (size_t)p->size);
    long from = 0, all = 0;

    for (int r = 0; r < p->size; r++) {
        counts[r] = r % 4 == 1 ? 0 : r == p->size - 1 ? count * 2 : count / (1 + r);
        from += r < p->rank ? counts[r] : 0;
        all += counts[r];
    }
    for (int in_place = 0; in_place < 2; in_place++) {
        void *in = mine(f, p->rank, 0, all), *out = mine(f, p->rank, from, counts[p->rank]);
        OK(MPI_Reduce_scatter(in_place ? MPI_IN_PLACE : in, in_place ? in : out, counts, f->type,
                              f->op, p->comm));
        if (!in_place)
            check_items(f, out, (const int[2]){0, p->size - 1}, from, counts[p->rank]);
        for (long i = 0; in_place && i < counts[p->rank] && check_failures < 5; i++)
            EQ(value_at(f, in, i), total(0, p->size - 1, from + i, f->minimum));
        free(out);
        free(in);
    }
    free(counts);
}

static void all_lengths(const struct place *p)
{
    const struct flavour flavours[] = {{MPI_INT, MPI_SUM, 0, 0, sizeof(int)},
                                       {MPI_DOUBLE, MPI_SUM, 1, 0, sizeof(double)},
                                       {MPI_INT, MPI_MIN, 0, 1, sizeof(int)}};

    for (int i = 0; i < BLOCK_LENGTHS && block_lengths[i] <= p->largest; i++)
        for (size_t f = 0; f < sizeof flavours / sizeof *flavours; f++) {
            int count = block_lengths[i];
            if (f > 0 && count > 10000)
                continue;
            reduce(p, &flavours[f], count);
            allreduce(p, &flavours[f], count);
            scans(p, &flavours[f], count);
            if (count > 10000)
                continue;
            scatter_block(p, &flavours[f], count);
            scatter(p, &flavours[f], count);
        }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    run_on_all(all_lengths, 100000);
    return check_end();
}
