// Gather, Scatter and Allgather, and their forms with counts and displacements.
#include "coll.h"

static void gather(const struct place *p, const struct kind *k, int count)
{
    FOR_EACH_ROOT(p, root)
    for (int in_place = 0; in_place < 2; in_place++) {
        int is_root = p->rank == root;
        char *mine = blank(k, count), *all = is_root ? blank(k, (long)count * p->size) : NULL;
        put_block(k, mine, count, block_of(p->rank, 0));
        if (is_root && in_place)
            put_block(k, element(k, all, (long)root * count), count, block_of(root, 0));
        // Arguments that count only at the root are nonsense elsewhere.
        OK(MPI_Gather(is_root && in_place ? MPI_IN_PLACE : mine, count, k->type, all,
                      is_root ? count : -1, is_root ? k->type : MPI_DATATYPE_NULL, root, p->comm));
        for (int r = 0; is_root && r < p->size; r++)
            BLOCK(k, element(k, all, (long)r * count), count, block_of(r, 0));
        if (is_root)
            BLANK(k, element(k, all, (long)count * p->size), 1);
        BLOCK(k, mine, count, block_of(p->rank, 0));
        free(all);
        free(mine);
    }
}

static void scatter(const struct place *p, const struct kind *k, int count)
{
    FOR_EACH_ROOT(p, root)
    for (int in_place = 0; in_place < 2; in_place++) {
        int is_root = p->rank == root;
        char *mine = blank(k, count), *all = is_root ? blank(k, (long)count * p->size) : NULL;
        for (int r = 0; is_root && r < p->size; r++)
            put_block(k, element(k, all, (long)r * count), count, block_of(root, r));
        OK(MPI_Scatter(all, is_root ? count : -1, is_root ? k->type : MPI_DATATYPE_NULL,
                       is_root && in_place ? MPI_IN_PLACE : mine, count, k->type, root, p->comm));
        if (is_root && in_place)
            BLANK(k, mine, count);
        else
            BLOCK(k, mine, count, block_of(root, p->rank));
        BLANK(k, element(k, mine, count), 1);
        free(all);
        free(mine);
    }
}

static void allgather(const struct place *p, const struct kind *k, int count)
{
    for (int in_place = 0; in_place < 2; in_place++) {
        char *mine = blank(k, count), *all = blank(k, (long)count * p->size);
        put_block(k, mine, count, block_of(p->rank, 0));
        if (in_place) {
            put_block(k, element(k, all, (long)p->rank * count), count, block_of(p->rank, 0));
            OK(MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, count, k->type, p->comm));
        } else {
            OK(MPI_Allgather(mine, count, k->type, all, count, k->type, p->comm));
        }
        for (int r = 0; r < p->size; r++)
            BLOCK(k, element(k, all, (long)r * count), count, block_of(r, 0));
        BLANK(k, element(k, all, (long)count * p->size), 1);
        free(all);
        free(mine);
    }
}

// Irregular counts, some of them zero, laid out backwards with holes of two elements.
struct shares {
    int *counts, *displs;
    long room;
};

static struct shares make_shares(const struct place *p, int count)
{
    struct shares s = {need(sizeof(int) * (size_t)p->size), need(sizeof(int) * (size_t)p->size), 2};

    for (int r = p->size - 1; r >= 0; r--) {
        s.counts[r] = r % 3 == 1 ? 0 : count / (1 + r % 4) + r % 2;
        s.displs[r] = (int)s.room;
        s.room += s.counts[r] + 2;
    }
    return s;
}

static void free_shares(struct shares *s)
{
    free(s->counts);
    free(s->displs);
}

// All blocks where they belong and the holes as they were.
static void check_shares(const struct place *p, const struct kind *k, const struct shares *s,
                         char *all)
{
    BLANK(k, all, 2);
    for (int r = 0; r < p->size; r++) {
        BLOCK(k, element(k, all, s->displs[r]), s->counts[r], block_of(r, 1));
        BLANK(k, element(k, all, s->displs[r] + s->counts[r]), 2);
    }
}

static void gatherv(const struct place *p, const struct kind *k, int count)
{
    struct shares s = make_shares(p, count);

    FOR_EACH_ROOT(p, root)
    for (int in_place = 0; in_place < 2; in_place++) {
        int is_root = p->rank == root, own = s.counts[p->rank];
        char *mine = blank(k, own), *all = is_root ? blank(k, s.room) : NULL;
        put_block(k, mine, own, block_of(p->rank, 1));
        if (is_root && in_place)
            put_block(k, element(k, all, s.displs[root]), own, block_of(root, 1));
        OK(MPI_Gatherv(is_root && in_place ? MPI_IN_PLACE : mine, own, k->type, all,
                       is_root ? s.counts : NULL, is_root ? s.displs : NULL,
                       is_root ? k->type : MPI_DATATYPE_NULL, root, p->comm));
        if (is_root)
            check_shares(p, k, &s, all);
        free(all);
        free(mine);
    }
    free_shares(&s);
}

static void scatterv(const struct place *p, const struct kind *k, int count)
{
    struct shares s = make_shares(p, count);

    FOR_EACH_ROOT(p, root)
    for (int in_place = 0; in_place < 2; in_place++) {
        int is_root = p->rank == root, own = s.counts[p->rank];
        char *mine = blank(k, own), *all = is_root ? blank(k, s.room) : NULL;
        for (int r = 0; is_root && r < p->size; r++)
            put_block(k, element(k, all, s.displs[r]), s.counts[r], block_of(r, 1));
        OK(MPI_Scatterv(all, is_root ? s.counts : NULL, is_root ? s.displs : NULL,
                        is_root ? k->type : MPI_DATATYPE_NULL,
                        is_root && in_place ? MPI_IN_PLACE : mine, own, k->type, root, p->comm));
        if (is_root && in_place)
            BLANK(k, mine, own);
        else
            BLOCK(k, mine, own, block_of(p->rank, 1));
        BLANK(k, element(k, mine, own), 1);
        free(all);
        free(mine);
    }
    free_shares(&s);
}

static void allgatherv(const struct place *p, const struct kind *k, int count)
{
    struct shares s = make_shares(p, count);

    for (int in_place = 0; in_place < 2; in_place++) {
        int own = s.counts[p->rank];
        char *mine = blank(k, own), *all = blank(k, s.room);
        put_block(k, mine, own, block_of(p->rank, 1));
        if (in_place)
            put_block(k, element(k, all, s.displs[p->rank]), own, block_of(p->rank, 1));
        OK(MPI_Allgatherv(in_place ? MPI_IN_PLACE : mine, own, k->type, all, s.counts, s.displs,
                          k->type, p->comm));
        check_shares(p, k, &s, all);
        free(all);
        free(mine);
    }
    free_shares(&s);
}

// Only rank 0 has something: the extreme of an irregular share.
static void lopsided(const struct place *p)
{
    enum { COUNT = 50000 };
    int *counts = calloc((size_t)p->size, sizeof(int)),
        *displs = calloc((size_t)p->size, sizeof(int));
    int *mine = need(COUNT * sizeof(int)), *all = need(COUNT * sizeof(int));

    counts[0] = COUNT;
    fill(mine, COUNT * sizeof(int), 3);
    OK(MPI_Allgatherv(mine, counts[p->rank], MPI_INT, all, counts, displs, MPI_INT, p->comm));
    FILLED(all, COUNT * sizeof(int), 3);
    memset(all, 0, COUNT * sizeof(int));
    OK(MPI_Gatherv(mine, counts[p->rank], MPI_INT, all, counts, displs, MPI_INT, p->size - 1,
                   p->comm));
    if (p->rank == p->size - 1)
        FILLED(all, COUNT * sizeof(int), 3);
    free(all);
    free(mine);
    free(displs);
    free(counts);
}

// Rows are sent, columns are gathered: the types differ, the signatures do not.
static void unlike_types(const struct place *p)
{
    enum { COUNT = 500 };
    int n = p->size, *mine = need(COUNT * sizeof(int)),
        *all = need((size_t)(n * COUNT) * sizeof(int));
    MPI_Datatype column, placed;

    OK(MPI_Type_vector(COUNT, 1, n, MPI_INT, &column));
    OK(MPI_Type_create_resized(column, 0, sizeof(int), &placed));
    OK(MPI_Type_commit(&placed));
    OK(MPI_Type_free(&column));
    for (int i = 0; i < COUNT; i++)
        mine[i] = p->rank * COUNT + i;
    OK(MPI_Allgather(mine, COUNT, MPI_INT, all, 1, placed, p->comm));
    for (int i = 0; i < COUNT * n; i++)
        EQ(all[i], i % n * COUNT + i / n);
    memset(mine, 0xff, COUNT * sizeof(int));
    OK(MPI_Scatter(all, 1, placed, mine, COUNT, MPI_INT, 0, p->comm));
    for (int i = 0; i < COUNT; i++)
        EQ(mine[i], p->rank * COUNT + i);
    OK(MPI_Type_free(&placed));
    free(all);
    free(mine);
}

static void all_lengths(const struct place *p)
{
    for_each_length(p, gather);
    for_each_length(p, scatter);
    for_each_length(p, allgather);
    for_each_length(p, gatherv);
    for_each_length(p, scatterv);
    for_each_length(p, allgatherv);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    kinds_make();
    run_on_all(all_lengths, 10000);
    run_on_all(lopsided, 0);
    run_on_all(unlike_types, 0);
    kinds_free();
    return check_end();
}
