// Every predefined datatype: its size and extent, and a round trip through messages, collectives
// and packing that changes no byte of a value and touches no byte of padding.
#include "types.h"

enum { COUNT = 37, TAG = 1 };

static const unsigned char untouched = 0xa5;

// True for a byte of the element that carries value: not the padding inside a pair.
static int is_value(const struct type_row *row, int byte)
{
    int value;

    if (row->class != PAIR || row->size == row->extent)
        return 1;
    value = row->size - (int)sizeof(int);
    if (byte < value)
        return 1;
    // The index follows at its own alignment (short) or at once.
    return byte >= (value + 3) / 4 * 4 && byte < (value + 3) / 4 * 4 + (int)sizeof(int);
}

static void check_bytes(const struct type_row *row, const unsigned char *got,
                        const unsigned char *want, const char *how)
{
    for (int i = 0; i < COUNT * row->extent; i++) {
        int value = is_value(row, i % row->extent);
        // Padding may be copied or left; anything else would be somebody's invention.
        if (got[i] == want[i] || (!value && got[i] == untouched))
            continue;
        FAIL("%s by %s: byte %d of element %d is 0x%02x; should be 0x%02x", row->name, how,
             i % row->extent, i / row->extent, got[i], want[i]);
        return;
    }
    CHECK_SAYING(all_bytes(got + COUNT * row->extent, 64, untouched),
                 "%s by %s: wrote past the end", row->name, how);
}

static void check_layout(const struct type_row *row)
{
    MPI_Aint lb = -1, extent = -1, true_lb = -1, true_extent = -1;
    int size = -1, span = row->extent;

    OK(MPI_Type_size(row->type, &size));
    OK(MPI_Type_get_extent(row->type, &lb, &extent));
    OK(MPI_Type_get_true_extent(row->type, &true_lb, &true_extent));
    CHECK_SAYING(size == row->size, "%s has size %d; should be %d", row->name, size, row->size);
    CHECK_SAYING(extent == row->extent && lb == 0,
                 "%s has lower bound %ld and extent %ld; should be 0 and %d", row->name, (long)lb,
                 (long)extent, row->extent);
    while (!is_value(row, span - 1))
        span--;
    CHECK_SAYING(true_extent == span && true_lb == 0,
                 "%s has true lower bound %ld and extent %ld; should be 0 and %d", row->name,
                 (long)true_lb, (long)true_extent, span);
}

struct buffers {
    unsigned char *out, *in, *want;
};

static void reset(const struct type_row *row, struct buffers *b)
{
    memset(b->in, untouched, (size_t)(COUNT * row->extent) + 64);
}

static void by_message(const struct type_row *row, struct buffers *b)
{
    int left = (me + np - 1) % np;
    MPI_Status status;

    reset(row, b);
    OK(MPI_Sendrecv(b->out, COUNT, row->type, (me + 1) % np, TAG, b->in, COUNT, row->type, left,
                    TAG, MPI_COMM_WORLD, &status));
    STATUS(&status, left, TAG, row->type, COUNT);
    check_bytes(row, b->in, b->want, "Sendrecv");
}

static void by_collectives(const struct type_row *row, struct buffers *b)
{
    unsigned char *all = need((size_t)(np * COUNT * row->extent) + 64);

    reset(row, b);
    if (me == np - 1)
        memcpy(b->in, b->out, (size_t)(COUNT * row->extent));
    OK(MPI_Bcast(b->in, COUNT, row->type, np - 1, MPI_COMM_WORLD));
    check_bytes(row, b->in, b->want, "Bcast");
    memset(all, untouched, (size_t)(np * COUNT * row->extent) + 64);
    OK(MPI_Allgather(b->out, COUNT, row->type, all, COUNT, row->type, MPI_COMM_WORLD));
    for (int r = 0; r < np; r++) {
        reset(row, b);
        memcpy(b->in, all + r * COUNT * row->extent, (size_t)(COUNT * row->extent));
        check_bytes(row, b->in, b->want, "Allgather");
    }
    free(all);
}

static void by_packing(const struct type_row *row, struct buffers *b)
{
    int room = 0, at = 0, back = 0;
    char *packed;

    OK(MPI_Pack_size(COUNT, row->type, MPI_COMM_WORLD, &room));
    packed = need((size_t)room);
    reset(row, b);
    OK(MPI_Pack(b->out, COUNT, row->type, packed, room, &at, MPI_COMM_WORLD));
    CHECK_SAYING(at <= room, "%s: packed %d bytes into %d", row->name, at, room);
    OK(MPI_Unpack(packed, at, &back, b->in, COUNT, row->type, MPI_COMM_WORLD));
    EQ(back, at);
    check_bytes(row, b->in, b->want, "Pack");
    free(packed);
}

static void one_type(const struct type_row *row)
{
    size_t bytes = (size_t)(COUNT * row->extent);
    struct buffers b = {need(bytes), need(bytes + 64), need(bytes)};

    fill(b.out, bytes, (uint64_t)row->extent);
    // A bool holds 0 or 1 and nothing else.
    for (size_t i = 0; row->class == LOGICAL && i < bytes; i++)
        b.out[i] = i % (size_t)row->extent == 0 ? b.out[i] & 1 : 0;
    memcpy(b.want, b.out, bytes);
    check_layout(row);
    by_message(row, &b);
    by_collectives(row, &b);
    if (row->type != MPI_PACKED)
        by_packing(row, &b);
    free(b.out);
    free(b.in);
    free(b.want);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    for (int i = 0; i < TYPE_ROWS; i++)
        if (type_is_there(&type_rows[i]))
            one_type(&type_rows[i]);
        else
            CHECK_SAYING(type_may_be_missing(&type_rows[i]), "%s is missing", type_rows[i].name);
    return check_end();
}
