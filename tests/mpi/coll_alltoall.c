// Alltoall, Alltoallv and Alltoallw.
#include "coll.h"

static void alltoall(const struct place *p, const struct kind *k, int count)
{
    for (int in_place = 0; in_place < 2; in_place++) {
        long total = (long)count * p->size;
        char *out = blank(k, total), *in = blank(k, total), *from = in_place ? in : out;
        for (int r = 0; r < p->size; r++)
            put_block(k, element(k, from, (long)r * count), count, block_of(p->rank, r));
        if (in_place)
            OK(MPI_Alltoall(MPI_IN_PLACE, -1, MPI_DATATYPE_NULL, in, count, k->type, p->comm));
        else
            OK(MPI_Alltoall(out, count, k->type, in, count, k->type, p->comm));
        for (int r = 0; r < p->size; r++)
            BLOCK(k, element(k, in, (long)r * count), count, block_of(r, p->rank));
        BLANK(k, element(k, in, total), 1);
        for (int r = 0; !in_place && r < p->size; r++)
            BLOCK(k, element(k, out, (long)r * count), count, block_of(p->rank, r));
        free(in);
        free(out);
    }
}

// How many elements `from` has for `to`; symmetric ones are for in-place calls.
static int share(int from, int to, int count, int symmetric)
{
    int low = from < to ? from : to, high = from < to ? to : from;

    if (symmetric)
        from = low, to = high;
    if ((from + 2 * to) % 4 == 1)
        return 0;
    return count / (1 + (from * 3 + to) % 3) + to % 2;
}

struct side {
    int *counts, *displs;
    long room;
};

// One side's counts and places: in the order of ranks when sending, backwards when receiving.
static struct side make_side(const struct place *p, int count, int receiving, int symmetric)
{
    struct side s = {need(sizeof(int) * (size_t)p->size), need(sizeof(int) * (size_t)p->size), 1};

    for (int i = 0; i < p->size; i++) {
        int r = receiving ? p->size - 1 - i : i;
        s.counts[r] =
            receiving ? share(r, p->rank, count, symmetric) : share(p->rank, r, count, symmetric);
        s.displs[r] = (int)s.room;
        s.room += s.counts[r] + 1;
    }
    return s;
}

static void free_side(struct side *s)
{
    free(s->counts);
    free(s->displs);
}

static void check_in(const struct place *p, const struct kind *k, const struct side *s, char *in)
{
    BLANK(k, in, 1);
    for (int r = 0; r < p->size; r++) {
        BLOCK(k, element(k, in, s->displs[r]), s->counts[r], block_of(r, p->rank));
        BLANK(k, element(k, in, s->displs[r] + s->counts[r]), 1);
    }
}

static void alltoallv(const struct place *p, const struct kind *k, int count)
{
    for (int in_place = 0; in_place < 2; in_place++) {
        struct side send = make_side(p, count, 0, in_place),
                    receive = make_side(p, count, 1, in_place);
        char *out = blank(k, send.room), *in = blank(k, receive.room);
        for (int r = 0; r < p->size; r++)
            if (in_place)
                put_block(k, element(k, in, receive.displs[r]), receive.counts[r],
                          block_of(p->rank, r));
            else
                put_block(k, element(k, out, send.displs[r]), send.counts[r], block_of(p->rank, r));
        if (in_place)
            OK(MPI_Alltoallv(MPI_IN_PLACE, NULL, NULL, MPI_DATATYPE_NULL, in, receive.counts,
                             receive.displs, k->type, p->comm));
        else
            OK(MPI_Alltoallv(out, send.counts, send.displs, k->type, in, receive.counts,
                             receive.displs, k->type, p->comm));
        check_in(p, k, &receive, in);
        free(in);
        free(out);
        free_side(&send);
        free_side(&receive);
    }
}

// Another kind for each pair of ranks, displacements in bytes.
static const struct kind *kind_for(int a, int b)
{
    return &kinds[(a + b) % KINDS];
}

struct wide_side {
    int *counts, *displs;
    MPI_Datatype *types;
    long room;
};

static struct wide_side make_wide(const struct place *p, int count, int receiving, int symmetric)
{
    size_t n = (size_t)p->size;
    struct wide_side s = {need(sizeof(int) * n), need(sizeof(int) * n),
                          need(sizeof(MPI_Datatype) * n), 16};

    for (int r = 0; r < p->size; r++) {
        const struct kind *k = kind_for(p->rank, r);
        s.counts[r] =
            receiving ? share(r, p->rank, count, symmetric) : share(p->rank, r, count, symmetric);
        s.types[r] = k->type;
        s.displs[r] = (int)s.room;
        s.room += (s.counts[r] * k->extent + 31) / 16 * 16;
    }
    return s;
}

static void free_wide(struct wide_side *s)
{
    free(s->counts);
    free(s->displs);
    free(s->types);
}

static void alltoallw(const struct place *p, int count, int in_place)
{
    struct wide_side send = make_wide(p, count, 0, in_place),
                     receive = make_wide(p, count, 1, in_place);
    struct wide_side *from = in_place ? &receive : &send;
    char *out = blank(&kinds[0], send.room), *in = blank(&kinds[0], receive.room);

    for (int r = 0; r < p->size; r++)
        put_block(kind_for(p->rank, r), (in_place ? in : out) + from->displs[r], from->counts[r],
                  block_of(p->rank, r));
    if (in_place)
        OK(MPI_Alltoallw(MPI_IN_PLACE, NULL, NULL, NULL, in, receive.counts, receive.displs,
                         receive.types, p->comm));
    else
        OK(MPI_Alltoallw(out, send.counts, send.displs, send.types, in, receive.counts,
                         receive.displs, receive.types, p->comm));
    for (int r = 0; r < p->size; r++) {
        const struct kind *k = kind_for(p->rank, r);
        BLOCK(k, in + receive.displs[r], receive.counts[r], block_of(r, p->rank));
        CHECK(all_bytes(in + receive.displs[r] + receive.counts[r] * k->extent, 16, MARK));
    }
    free(in);
    free(out);
    free_wide(&send);
    free_wide(&receive);
}

// The transpose of a distributed matrix without a copy: blocks leave as columns, arrive as rows.
static void transpose(const struct place *p)
{
    enum { ROWS = 40 };
    int n = p->size * ROWS, wrong = 0;
    int *a = need(sizeof(int) * (size_t)(ROWS * n)), *b = need(sizeof(int) * (size_t)(ROWS * n));
    MPI_Datatype column, block, row, rows;

    // To rank r go my ROWS x ROWS columns r; one column after the other.
    OK(MPI_Type_vector(ROWS, 1, n, MPI_INT, &column));
    OK(MPI_Type_create_hvector(ROWS, 1, sizeof(int), column, &row));
    OK(MPI_Type_create_resized(row, 0, ROWS * sizeof(int), &block));
    OK(MPI_Type_free(&row));
    OK(MPI_Type_vector(ROWS, ROWS, n, MPI_INT, &row));
    OK(MPI_Type_create_resized(row, 0, ROWS * sizeof(int), &rows));
    OK(MPI_Type_commit(&block));
    OK(MPI_Type_commit(&rows));
    for (int i = 0; i < ROWS * n; i++)
        a[i] = p->rank * ROWS * n + i;
    OK(MPI_Alltoall(a, 1, block, b, 1, rows, p->comm));
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < n; c++)
            wrong += b[r * n + c] != c * n + p->rank * ROWS + r;
    EQ(wrong, 0);
    OK(MPI_Type_free(&column));
    OK(MPI_Type_free(&row));
    OK(MPI_Type_free(&block));
    OK(MPI_Type_free(&rows));
    free(b);
    free(a);
}

static void all_lengths(const struct place *p)
{
    for_each_length(p, alltoall);
    for_each_length(p, alltoallv);
    for (int i = 0; i < BLOCK_LENGTHS && block_lengths[i] <= p->largest; i++) {
        alltoallw(p, block_lengths[i], 0);
        alltoallw(p, block_lengths[i], 1);
    }
    transpose(p);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    kinds_make();
    run_on_all(all_lengths, 10000);
    kinds_free();
    return check_end();
}
