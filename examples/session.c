// session: a library and its program, each with MPI of its own, and no MPI_Init anywhere.
//
// The idea: MPI_Init may be called once, and whoever calls it decides for everybody. A session is
// MPI for one part of a program: it asks for the process set that it needs, makes a communicator of
// it, and closes what it has opened, whether or not others are open. Here the "library" sums
// squares in a session of all processes, twice, and the "program" keeps one of its own around it.
#include <mpi.h>
#include <stdio.h>

static MPI_Comm communicator(MPI_Session session, const char *tag)
{
    MPI_Group everybody;
    MPI_Comm comm;
    MPI_Group_from_session_pset(session, "mpi://WORLD", &everybody);
    // The tag tells this communicator from others that are made of the same processes meanwhile.
    MPI_Comm_create_from_group(everybody, tag, MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &comm);
    MPI_Group_free(&everybody);
    return comm;
}

// What could be somebody else's library: nobody has to start MPI for it.
static long sum_of_squares(long upto)
{
    MPI_Session session;
    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &session);
    MPI_Comm comm = communicator(session, "examples/session.c library");

    int rank, size;
    long mine = 0, all;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    for (long i = rank; i <= upto; i += size)
        mine += i * i;
    MPI_Allreduce(&mine, &all, 1, MPI_LONG, MPI_SUM, comm);

    MPI_Comm_free(&comm);
    MPI_Session_finalize(&session);
    return all;
}

static int psets(MPI_Session session, int print)
{
    int count, length;
    char name[MPI_MAX_PSET_NAME_LEN];
    MPI_Session_get_num_psets(session, MPI_INFO_NULL, &count);
    for (int i = 0; print && i < count; i++) {
        length = sizeof name;
        MPI_Session_get_nth_pset(session, MPI_INFO_NULL, i, &length, name);
        printf("session: process set %s\n", name);
    }
    return count;
}

int main(void)
{
    const long upto = 1000, expected = upto * (upto + 1) * (2 * upto + 1) / 6;

    long first = sum_of_squares(upto); // MPI starts, and rests again

    MPI_Session session;
    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &session);
    MPI_Comm comm = communicator(session, "examples/session.c program");
    int rank, initialized;
    MPI_Comm_rank(comm, &rank);
    MPI_Initialized(&initialized);
    psets(session, rank == 0);

    long second = sum_of_squares(upto); // inside of the program's own session

    int wrong = first != expected || second != expected || initialized, anywhere;
    MPI_Allreduce(&wrong, &anywhere, 1, MPI_INT, MPI_LOR, comm);
    if (rank == 0 && anywhere)
        printf("session: WRONG: %ld and %ld, should be %ld\n", first, second, expected);
    else if (rank == 0)
        printf("session: verified: %ld twice, without MPI_Init\n", expected);

    MPI_Comm_free(&comm);
    MPI_Session_finalize(&session);
    return anywhere;
}
