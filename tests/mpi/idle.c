// A rank that waits uses no CPU: for two seconds rank 0 does nothing while every other rank is
// blocked, each in another call, and each may spend at most 0.1 s of CPU on that. Arguments: the
// call that rank 1 begins with, the number of rounds.
#include "check.h"
#include "proc.h"

enum { TAG = 3, WAYS = 8 };

static const double pause_seconds = 2.0, cpu_limit = 0.1;

// Blocks until rank 0 has woken up. Rank 0's part is in serve().
static const char *wait_by(int way, MPI_Comm comm)
{
    int value = 0, index;
    MPI_Request requests[2];
    MPI_Message message;

    switch (way) {
    case 0:
        OK(MPI_Recv(&value, 1, MPI_INT, 0, TAG, comm, MPI_STATUS_IGNORE));
        return "Recv";
    case 1:
        OK(MPI_Probe(0, TAG, comm, MPI_STATUS_IGNORE));
        OK(MPI_Recv(&value, 1, MPI_INT, 0, TAG, comm, MPI_STATUS_IGNORE));
        return "Probe";
    case 2:
        OK(MPI_Irecv(&value, 1, MPI_INT, 0, TAG, comm, &requests[0]));
        OK(MPI_Wait(&requests[0], MPI_STATUS_IGNORE));
        return "Wait";
    case 3:
        OK(MPI_Irecv(&value, 1, MPI_INT, MPI_ANY_SOURCE, TAG, comm, &requests[0]));
        requests[1] = MPI_REQUEST_NULL;
        OK(MPI_Waitany(2, requests, &index, MPI_STATUS_IGNORE));
        return "Waitany";
    case 4:
        OK(MPI_Mprobe(MPI_ANY_SOURCE, TAG, comm, &message, MPI_STATUS_IGNORE));
        OK(MPI_Mrecv(&value, 1, MPI_INT, &message, MPI_STATUS_IGNORE));
        return "Mprobe";
    case 5:
        OK(MPI_Ssend(&value, 1, MPI_INT, 0, TAG, comm));
        return "Ssend";
    case 6:
        OK(MPI_Barrier(comm));
        return "Barrier";
    default:
        OK(MPI_Bcast(&value, 1, MPI_INT, 0, comm));
        return "Bcast";
    }
}

static void serve(int way, MPI_Comm comm)
{
    int value = 0;

    if (way <= 4)
        OK(MPI_Send(&value, 1, MPI_INT, 1, TAG, comm));
    else if (way == 5)
        OK(MPI_Recv(&value, 1, MPI_INT, 1, TAG, comm, MPI_STATUS_IGNORE));
    else if (way == 6)
        OK(MPI_Barrier(comm));
    else
        OK(MPI_Bcast(&value, 1, MPI_INT, 0, comm));
}

// A communicator of rank 0 and me for each rank, so that collectives can wait for rank 0 alone.
static MPI_Comm pair_with(int other)
{
    MPI_Comm pair;
    OK(MPI_Comm_split(MPI_COMM_WORLD, me == 0 || me == other ? 0 : MPI_UNDEFINED, me, &pair));
    return pair;
}

static void all_wait(int first)
{
    MPI_Comm *pairs = need(sizeof *pairs * (size_t)np);
    const char *call = "sleep";
    double begin, used;

    for (int other = 1; other < np; other++)
        pairs[other] = pair_with(other);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    begin = cpu_seconds();
    if (me != 0) {
        call = wait_by((first + me - 1) % WAYS, pairs[me]);
    } else {
        nap(pause_seconds);
        for (int other = 1; other < np; other++)
            serve((first + other - 1) % WAYS, pairs[other]);
    }
    used = cpu_seconds() - begin;
    CHECK_SAYING(used <= cpu_limit, "%s took %.2f s of CPU while it waited for %.0f s", call, used,
                 pause_seconds);
    for (int other = 1; other < np; other++)
        if (pairs[other] != MPI_COMM_NULL)
            OK(MPI_Comm_free(&pairs[other]));
    free(pairs);
}

int main(int argc, char **argv)
{
    int first, rounds;

    check_begin(&argc, &argv);
    first = (int)argument(argc, argv, 1, 0);
    rounds = (int)argument(argc, argv, 2, 1);
    for (int i = 0; i < rounds; i++)
        all_wait((first + i * (np - 1)) % WAYS);
    return check_end();
}
