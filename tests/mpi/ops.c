// Every predefined operation on every type that section 6.9.2 allows, by Reduce_local and
// Allreduce, against an oracle on whole numbers; MINLOC and MAXLOC are in minmaxloc.c.
#include "values.h"

enum { LONGEST = 1000 };

enum operation { MAX, MIN, SUM, PROD, LAND, LOR, LXOR, BAND, BOR, BXOR, OPERATIONS };

static MPI_Op handles[OPERATIONS];
static const char *const names[OPERATIONS] = {"MAX", "MIN",  "SUM",  "PROD", "LAND",
                                              "LOR", "LXOR", "BAND", "BOR",  "BXOR"};
static const int counts[] = {1, 2, 7, 33, LONGEST};

static int is_integer(const struct type_row *row)
{
    return row->class == SIGNED || row->class == UNSIGNED;
}

static int is_complex(const struct type_row *row)
{
    return row->class == COMPLEXES || row->class == EXTENDED_COMPLEX;
}

// The table of section 6.9.2.
static int allowed(const struct type_row *row, enum operation op)
{
    int real = row->class == FLOATING || row->class == EXTENDED;

    switch (op) {
    case MAX:
    case MIN:
        return is_integer(row) || real;
    case SUM:
    case PROD:
        return is_integer(row) || real || is_complex(row);
    case LAND:
    case LOR:
    case LXOR:
        return (is_integer(row) && row->language == IN_C) || row->class == LOGICAL;
    default:
        return is_integer(row) || row->type == MPI_BYTE;
    }
}

// Contributions whose results stay small and exact in every type, whatever the order.
static struct value small(const struct type_row *row, enum operation op, int rank, int i)
{
    uint64_t random = mix3((uint64_t)op, (uint64_t)rank, (uint64_t)i);
    int negative = row->class != UNSIGNED && row->class != LOGICAL && random & 1024;

    if (op == LAND || op == LOR || op == LXOR) {
        int truth = op == LAND ? random % 8 != 0 : op == LOR ? random % 8 == 0 : random % 2;
        return (struct value){row->class == LOGICAL ? truth : truth * (int)(1 + random % 100), 0};
    }
    if (op == PROD) {
        // At most two of eight ranks contribute more than a unit.
        int size = rank % 8 == i % 8 ? 3 : rank % 8 == (i + 3) % 8 ? 2 : 1;
        if (is_complex(row))
            return size == 1 ? (struct value){0, negative ? -1 : 1} : (struct value){size, -1};
        return (struct value){negative ? -size : size, 0};
    }
    struct value v = {(int)(random % 8), is_complex(row) ? (int)(random >> 16 & 7) - 3 : 0};
    v.re = negative ? -v.re : v.re;
    return v;
}

static struct value combine(enum operation op, struct value a, struct value b)
{
    switch (op) {
    case MAX:
        return a.re > b.re ? a : b;
    case MIN:
        return a.re < b.re ? a : b;
    case SUM:
        return (struct value){a.re + b.re, a.im + b.im};
    case PROD:
        return (struct value){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
    case LAND:
        return (struct value){a.re && b.re, 0};
    case LOR:
        return (struct value){a.re || b.re, 0};
    case LXOR:
        return (struct value){!a.re != !b.re, 0};
    case BAND:
        return (struct value){a.re & b.re, 0};
    case BOR:
        return (struct value){a.re | b.re, 0};
    default:
        return (struct value){a.re ^ b.re, 0};
    }
}

// Whole-range contributions where nothing can overflow: any bits at all.
static int takes_any_bits(const struct type_row *row, enum operation op)
{
    if (op >= BAND)
        return 1;
    return (op == MAX || op == MIN) && is_integer(row);
}

static struct value contribution(const struct type_row *row, enum operation op, int rank, int i)
{
    unsigned char bits[32];

    if (!takes_any_bits(row, op))
        return small(row, op, rank, i);
    fill(bits, sizeof bits, mix3((uint64_t)rank, (uint64_t)i, 3));
    return get_value(row, bits);
}

// Logical results are compared as truth values.
static void check_result(const struct type_row *row, enum operation op, const char *at,
                         struct value want)
{
    struct value got = get_value(row, at);
    int logical = op == LAND || op == LOR || op == LXOR;

    if (logical ? !got.re == !want.re : got.re == want.re && got.im == want.im)
        return;
    FAIL("%s on %s gave %lld%+lldi; should be %lld%+lldi", names[op], row->name, (long long)got.re,
         (long long)got.im, (long long)want.re, (long long)want.im);
}

static char *contributions(const struct type_row *row, enum operation op, int rank, int count)
{
    char *data = calloc((size_t)count + 1, (size_t)row->extent);
    for (int i = 0; i < count; i++)
        put_value(row, data + i * row->extent, contribution(row, op, rank, i));
    memset(data + count * row->extent, 0x4d, (size_t)row->extent);
    return data;
}

static void local(const struct type_row *row, enum operation op, int count)
{
    char *in = contributions(row, op, 0, count), *inout = contributions(row, op, 1, count);

    OK(MPI_Reduce_local(in, inout, count, row->type, handles[op]));
    for (int i = 0; i < count && check_failures < 5; i++)
        check_result(row, op, inout + i * row->extent,
                     combine(op, contribution(row, op, 0, i), contribution(row, op, 1, i)));
    CHECK(all_bytes(inout + count * row->extent, (size_t)row->extent, 0x4d));
    free(inout);
    free(in);
}

static void global(const struct type_row *row, enum operation op, int count)
{
    char *in = contributions(row, op, me, count), *out = contributions(row, op, me, count);

    OK(MPI_Allreduce(in, out, count, row->type, handles[op], MPI_COMM_WORLD));
    for (int i = 0; i < count && check_failures < 5; i++) {
        struct value want = contribution(row, op, 0, i);
        for (int r = 1; r < np; r++)
            want = combine(op, want, contribution(row, op, r, i));
        check_result(row, op, out + i * row->extent, want);
    }
    CHECK(all_bytes(out + count * row->extent, (size_t)row->extent, 0x4d));
    free(out);
    free(in);
}

static void one_type(const struct type_row *row)
{
    for (int op = 0; op < OPERATIONS; op++)
        if (allowed(row, (enum operation)op))
            for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
                local(row, (enum operation)op, counts[c]);
                global(row, (enum operation)op, counts[c]);
            }
}

int main(int argc, char **argv)
{
    const MPI_Op all[OPERATIONS] = {MPI_MAX, MPI_MIN,  MPI_SUM,  MPI_PROD, MPI_LAND,
                                    MPI_LOR, MPI_LXOR, MPI_BAND, MPI_BOR,  MPI_BXOR};

    check_begin(&argc, &argv);
    memcpy(handles, all, sizeof all);
    for (int i = 0; i < TYPE_ROWS; i++)
        if (type_is_there(&type_rows[i]))
            one_type(&type_rows[i]);
    return check_end();
}
