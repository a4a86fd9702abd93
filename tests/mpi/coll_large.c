// The large-count forms of the collectives: each against what its int form gives; displacements
// beyond 32 bits, in memory that is mostly never touched; and, asked for by an argument (GiB of
// memory), more elements than an int can count.
#include "nbc.h"

#include <sys/mman.h>

static const int lengths[] = {0, 1, 300};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

static void finish(struct call *c)
{
    if (c->form == INIT)
        OK(MPI_Start(&c->request));
    OK(MPI_Wait(&c->request, MPI_STATUS_IGNORE));
    if (c->form == INIT)
        OK(MPI_Request_free(&c->request));
}

static void one(const struct collective *k, enum form form, int length, int in_place)
{
    struct call plain = {.root = np - 1, .in_place = in_place}, large;
    nbc_make(&plain, k, MPI_COMM_WORLD, length, 3);
    large = nbc_twin(&plain);
    large.large = 1;
    large.form = form;
    OK(k->call(&large));
    OK(k->call(&plain));
    finish(&large);
    nbc_compare(k, &plain, &large);
    nbc_free(&plain);
    nbc_free(&large);
}

static void each(void)
{
    for (int i = 0; i < COLLECTIVES; i++)
        for (int l = 0; l < LENGTHS; l++)
            for (int form = NOW; form <= INIT; form++)
                for (int in_place = 0; in_place <= collectives[i].may_be_in_place; in_place++)
                    one(&collectives[i], (enum form)form, lengths[l], in_place);
}

// Address space without memory: only what is written takes any.
static int *reserve(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        FAIL("no %zu bytes of address space", bytes);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    return at;
}

// Blocks of three ints more than 2^31 elements apart.
static void far_apart(void)
{
    const MPI_Count step = (MPI_Count)1 << 31;
    size_t bytes = ((size_t)step * (size_t)np + 3) * sizeof(int);
    int *far = reserve(bytes), mine[3] = {me, me + 1, me + 2}, back[3] = {-1, -1, -1};
    MPI_Count counts[RANKS];
    MPI_Aint displs[RANKS];

    for (int i = 0; i < np; i++) {
        counts[i] = 3;
        displs[i] = (MPI_Aint)step * i;
    }
    OK(MPI_Allgatherv_c(mine, 3, MPI_INT, far, counts, displs, MPI_INT, MPI_COMM_WORLD));
    for (int i = 0; i < np; i++)
        for (int k = 0; k < 3; k++)
            EQ(far[step * i + k], i + k);
    OK(MPI_Scatterv_c(far, counts, displs, MPI_INT, back, 3, MPI_INT, np - 1, MPI_COMM_WORLD));
    for (int k = 0; k < 3; k++)
        EQ(back[k], me + k);
    for (int i = 0; i < np; i++)
        far[step * i] = me * 100 + i;
    OK(MPI_Alltoallv_c(MPI_IN_PLACE, NULL, NULL, MPI_INT, far, counts, displs, MPI_INT,
                       MPI_COMM_WORLD));
    for (int i = 0; i < np; i++)
        EQ(far[step * i], i * 100 + me);
    munmap(far, bytes);
}

static void wrong_counts(void)
{
    MPI_Comm comm;
    MPI_Count less[RANKS];
    MPI_Aint displs[RANKS] = {0};
    int in[RANKS] = {0}, out[RANKS];

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    for (int i = 0; i < np; i++)
        less[i] = -((MPI_Count)1 << 40);
    FAILS(MPI_Bcast_c(in, -1, MPI_INT, 0, comm), MPI_ERR_COUNT);
    FAILS(MPI_Bcast_c(in, (MPI_Count)1 << 62, MPI_INT, 0, comm), MPI_ERR_COUNT);
    FAILS(MPI_Allgatherv_c(in, 1, MPI_INT, out, less, displs, MPI_INT, comm), MPI_ERR_COUNT);
    OK(MPI_Comm_free(&comm));
}

// More than 2^31 elements from rank 0 to all, then everyone's part of as many to all.
static void long_vectors(void)
{
    const size_t all = ((size_t)1 << 31) + 77 * (size_t)np, part = all / (size_t)np;
    unsigned char *data = need(all);

    memset(data, 0, all);
    if (me == 0)
        fill(data, all, 5);
    OK(MPI_Bcast_c(data, (MPI_Count)all, MPI_CHAR, 0, MPI_COMM_WORLD));
    FILLED(data, all, 5);
    memset(data, 0, all);
    fill(data + part * (size_t)me, part, (uint64_t)me);
    OK(MPI_Allgather_c(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, data, (MPI_Count)part, MPI_CHAR,
                       MPI_COMM_WORLD));
    for (int i = 0; i < np; i++)
        FILLED(data + part * (size_t)i, part, (uint64_t)i);
    free(data);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    nbc_setup();
    each();
    far_apart();
    wrong_counts();
    if (argument(argc, argv, 1, 0) > 0)
        long_vectors();
    nbc_finish();
    return check_end();
}
