// Communicators made and freed by the thousand (argument: how many): contexts are used again,
// memory stays flat, and each one works.
#include "check.h"
#include "proc.h"

enum { TAG = 1, GROWTH_KIB = 4096 };

static void works(MPI_Comm comm, int i)
{
    int rank, size, in = -1, sum;

    OK(MPI_Comm_rank(comm, &rank));
    OK(MPI_Comm_size(comm, &size));
    OK(MPI_Sendrecv(&i, 1, MPI_INT, (rank + 1) % size, TAG, &in, 1, MPI_INT,
                    (rank + size - 1) % size, TAG, comm, MPI_STATUS_IGNORE));
    EQ(in, i);
    OK(MPI_Allreduce(&i, &sum, 1, MPI_INT, MPI_SUM, comm));
    EQ(sum, i * size);
}

// Two duplicates under way at once, completed in the other order.
static void idup_cycle(int i)
{
    MPI_Comm a, b;
    MPI_Request requests[2];

    OK(MPI_Comm_idup(MPI_COMM_WORLD, &a, &requests[0]));
    OK(MPI_Comm_idup(MPI_COMM_WORLD, &b, &requests[1]));
    OK(MPI_Wait(&requests[1], MPI_STATUS_IGNORE));
    OK(MPI_Wait(&requests[0], MPI_STATUS_IGNORE));
    if (i % 50 < 8) {
        works(a, i % 1000);
        works(b, i % 1000 + 1);
    }
    OK(MPI_Comm_free(&a));
    OK(MPI_Comm_free(&b));
}

// An intercommunicator of rank 0 and the others, its duplicate, and what they make together.
static void inter_cycle(int i)
{
    MPI_Comm half, inter, twin, all;

    OK(MPI_Comm_split(MPI_COMM_WORLD, me == 0, me, &half));
    OK(MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, me == 0, TAG, &inter));
    OK(MPI_Comm_free(&half));
    OK(MPI_Comm_dup(inter, &twin));
    OK(MPI_Comm_free(&inter));
    OK(MPI_Intercomm_merge(twin, me > 0, &all));
    OK(MPI_Comm_free(&twin));
    if (i % 50 < 8)
        works(all, i % 1000);
    OK(MPI_Comm_free(&all));
}

static void one_cycle(int i)
{
    MPI_Comm comm;

    switch (i % 32) {
    case 0:
    case 8:
    case 16:
        OK(MPI_Comm_split(MPI_COMM_WORLD, me % 2, me, &comm));
        break;
    case 1:
    case 9:
    case 17:
        OK(MPI_Comm_dup(MPI_COMM_SELF, &comm));
        break;
    case 2:
        idup_cycle(i);
        return;
    case 3:
        if (np == 1)
            return;
        inter_cycle(i);
        return;
    default:
        OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    }
    if (i % 50 < 4)
        works(comm, i % 1000);
    OK(MPI_Comm_free(&comm));
}

// Others live meanwhile, and are freed in another order than made.
static void overlapping(int cycles)
{
    enum { ALIVE = 16 };
    MPI_Comm alive[ALIVE];

    for (int i = 0; i < ALIVE; i++)
        OK(MPI_Comm_dup(MPI_COMM_WORLD, &alive[i]));
    for (int i = 0; i < cycles; i++) {
        int slot = i * 7 % ALIVE;
        OK(MPI_Comm_free(&alive[slot]));
        OK(MPI_Comm_dup(i % 2 ? MPI_COMM_WORLD : alive[(slot + 1) % ALIVE], &alive[slot]));
        if (i % 50 == 0)
            works(alive[slot], i % 1000);
    }
    for (int i = 0; i < ALIVE; i++) {
        works(alive[i], i);
        OK(MPI_Comm_free(&alive[i]));
    }
}

int main(int argc, char **argv)
{
    long cycles, before, growth;

    check_begin(&argc, &argv);
    cycles = argument(argc, argv, 1, 20000);
    for (int i = 0; i < cycles / 10; i++)
        one_cycle(i);
    before = memory_kib("VmRSS:");
    for (int i = 0; i < cycles; i++)
        one_cycle(i);
    overlapping((int)cycles / 10);
    growth = memory_kib("VmRSS:") - before;
    CHECK_SAYING(growth < GROWTH_KIB || memory_is_padded(), "memory grew by %ld KiB in %ld cycles",
                 growth, cycles);
    return check_end();
}
