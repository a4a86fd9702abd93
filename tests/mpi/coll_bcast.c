// Barrier and Bcast.
#include "coll.h"
#include "proc.h"

static void bcast(const struct place *p, const struct kind *k, int count)
{
    FOR_EACH_ROOT(p, root)
    {
        char *data = blank(k, count);
        if (p->rank == root)
            put_block(k, data, count, block_of(root, count));
        OK(MPI_Bcast(data, count, k->type, root, p->comm));
        BLOCK(k, data, count, block_of(root, count));
        BLANK(k, element(k, data, count), 1);
        free(data);
    }
}

static void bcasts(const struct place *p)
{
    for_each_length(p, bcast);
}

// Equal signatures need not be equal types: the root sends ints, the others receive pairs or a
// strided column.
static void unlike_types(const struct place *p)
{
    enum { COUNT = 6000 };
    int *data = need(2 * COUNT * sizeof *data), root = p->size - 1;
    MPI_Datatype pairs, column;

    OK(MPI_Type_contiguous(2, MPI_INT, &pairs));
    OK(MPI_Type_vector(COUNT, 1, 2, MPI_INT, &column));
    OK(MPI_Type_commit(&pairs));
    OK(MPI_Type_commit(&column));
    for (int i = 0; i < 2 * COUNT; i++)
        data[i] = p->rank == root ? i : -1;
    if (p->rank == root)
        OK(MPI_Bcast(data, COUNT, MPI_INT, root, p->comm));
    else if (p->rank % 2)
        OK(MPI_Bcast(data, COUNT / 2, pairs, root, p->comm));
    else
        OK(MPI_Bcast(data, 1, column, root, p->comm));
    for (int i = 0; p->rank != root && i < COUNT; i++)
        EQ(data[p->rank % 2 ? i : 2 * i], i);
    OK(MPI_Type_free(&pairs));
    OK(MPI_Type_free(&column));
    free(data);
}

// Nobody leaves before the last has come (on one machine, whose clock all share).
static void barrier(const struct place *p)
{
    double entered, left, last, first;

    for (int late = 0; late < p->size; late++) {
        if (p->rank == late)
            nap(0.002);
        entered = now();
        OK(MPI_Barrier(p->comm));
        left = now();
        OK(MPI_Allreduce(&entered, &last, 1, MPI_DOUBLE, MPI_MAX, p->comm));
        OK(MPI_Allreduce(&left, &first, 1, MPI_DOUBLE, MPI_MIN, p->comm));
        CHECK_SAYING(first >= last, "someone left the barrier %g s before the last came",
                     last - first);
    }
}

static void barriers(const struct place *p)
{
    MPI_Comm node;
    int rank = 0, size, all;

    OK(MPI_Comm_split_type(p->comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node));
    OK(MPI_Comm_size(node, &size));
    OK(MPI_Comm_rank(node, &rank));
    struct place on_node = {node, rank, size, 0};
    barrier(&on_node);
    OK(MPI_Comm_free(&node));
    for (int i = 0; i < 200; i++)
        OK(MPI_Barrier(p->comm));
    // It holds over hosts as well: what was sent before it can be received after it.
    OK(MPI_Allreduce(&rank, &all, 1, MPI_INT, MPI_MAX, p->comm));
    CHECK(all >= rank);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    kinds_make();
    run_on_all(bcasts, 100000);
    run_on_all(unlike_types, 0);
    run_on_all(barriers, 0);
    kinds_free();
    return check_end();
}
