// MPI_MINLOC and MPI_MAXLOC on all pair types: the extreme value with its index, and of equal
// values the lowest index; by Reduce_local, Allreduce, Reduce and Scan.
#include "values.h"

enum { COUNT = 101 };

// What a pair is made of.
struct shape {
    struct type_row value; // how the value is put
    int index_at, index_is_real;
};

static struct shape shape_of(const struct type_row *pair)
{
    struct shape s = {*pair, pair->extent / 2, 0};

    s.value.class = FLOATING;
    s.value.size = pair->extent / 2;
    if (pair->type == MPI_LONG_INT || pair->type == MPI_SHORT_INT || pair->type == MPI_2INT ||
        pair->type == MPI_2INTEGER)
        s.value.class = SIGNED;
    if (pair->type == MPI_SHORT_INT)
        s.value.size = (int)sizeof(short);
    if (pair->type == MPI_LONG_DOUBLE_INT)
        s.value.class = EXTENDED;
    s.index_is_real = pair->type == MPI_2REAL || pair->type == MPI_2DOUBLE_PRECISION;
    return s;
}

static void put_pair(const struct shape *s, char *at, int value, int index)
{
    put_value(&s->value, at, (struct value){value, 0});
    if (s->index_is_real)
        put_real(at + s->index_at, s->value.size, index);
    else
        put_integer(at + s->index_at, sizeof(int), index);
}

static int index_of(const struct shape *s, const char *at)
{
    if (s->index_is_real)
        return (int)get_real(at + s->index_at, s->value.size);
    return (int)get_integer(at + s->index_at, sizeof(int), 1);
}

// Few different values, so that many ranks tie; indices are not in the order of ranks.
static int value_of(int rank, int i)
{
    return (int)(mix3((uint64_t)rank, (uint64_t)i, 1) % 3) * 5 - 5;
}

static int own_index(int rank, int i)
{
    return (rank * 7 + i * 3) % 64;
}

static char *make_pairs(const struct shape *s, int rank)
{
    char *pairs = calloc(COUNT, (size_t)s->value.extent);
    for (int i = 0; i < COUNT; i++)
        put_pair(s, pairs + i * s->value.extent, value_of(rank, i), own_index(rank, i));
    return pairs;
}

// The pairs of ranks 0 to `last`, reduced.
static void check_pairs(const struct shape *s, const char *pairs, int last, int max)
{
    for (int i = 0; i < COUNT; i++) {
        const char *at = pairs + i * s->value.extent;
        int value = value_of(0, i), index = own_index(0, i);
        for (int r = 1; r <= last; r++) {
            int other = value_of(r, i), there = own_index(r, i);
            if (other == value)
                index = there < index ? there : index;
            else if (max ? other > value : other < value)
                value = other, index = there;
        }
        int got = (int)get_value(&s->value, at).re, got_index = index_of(s, at);
        if (got != value || got_index != index) {
            FAIL("%s on %s, element %d: (%d, %d); should be (%d, %d)", max ? "MAXLOC" : "MINLOC",
                 s->value.name, i, got, got_index, value, index);
            return;
        }
    }
}

static void one_type(const struct type_row *row, int max)
{
    struct shape s = shape_of(row);
    MPI_Op op = max ? MPI_MAXLOC : MPI_MINLOC;
    char *in = make_pairs(&s, 0), *inout = make_pairs(&s, 1), *out;

    OK(MPI_Reduce_local(in, inout, COUNT, row->type, op));
    check_pairs(&s, inout, 1, max);
    free(in);
    free(inout);
    in = make_pairs(&s, me);
    out = make_pairs(&s, 9);
    OK(MPI_Allreduce(in, out, COUNT, row->type, op, MPI_COMM_WORLD));
    check_pairs(&s, out, np - 1, max);
    OK(MPI_Reduce(in, out, COUNT, row->type, op, np - 1, MPI_COMM_WORLD));
    if (me == np - 1)
        check_pairs(&s, out, np - 1, max);
    OK(MPI_Scan(in, out, COUNT, row->type, op, MPI_COMM_WORLD));
    check_pairs(&s, out, me, max);
    free(out);
    free(in);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    for (int i = 0; i < TYPE_ROWS; i++)
        if (type_rows[i].class == PAIR && type_is_there(&type_rows[i])) {
            one_type(&type_rows[i], 0);
            one_type(&type_rows[i], 1);
        }
    return check_end();
}
