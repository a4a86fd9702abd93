// Wrong arguments of collectives are refused with the right error class, before anything is sent:
// every rank makes the same mistake, and the communicator works afterwards.
#include "check.h"

static MPI_Comm comm;
static int in[64], out[64], ones[64], places[64];
static MPI_Datatype raw; // not committed
static MPI_Datatype types[64];

static void communicators(void)
{
    MPI_Errhandler handler;
    OK(MPI_Comm_get_errhandler(MPI_COMM_SELF, &handler));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    FAILS(MPI_Barrier(MPI_COMM_NULL), MPI_ERR_COMM);
    FAILS(MPI_Bcast(in, 1, MPI_INT, 0, MPI_COMM_NULL), MPI_ERR_COMM);
    FAILS(MPI_Allreduce(in, out, 1, MPI_INT, MPI_SUM, MPI_COMM_NULL), MPI_ERR_COMM);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, handler));
}

static void roots(void)
{
    FAILS(MPI_Bcast(in, 1, MPI_INT, np, comm), MPI_ERR_ROOT);
    FAILS(MPI_Bcast(in, 1, MPI_INT, -1, comm), MPI_ERR_ROOT);
    FAILS(MPI_Reduce(in, out, 1, MPI_INT, MPI_SUM, np, comm), MPI_ERR_ROOT);
    FAILS(MPI_Gather(in, 1, MPI_INT, out, 1, MPI_INT, -3, comm), MPI_ERR_ROOT);
    FAILS(MPI_Scatter(in, 1, MPI_INT, out, 1, MPI_INT, np, comm), MPI_ERR_ROOT);
    FAILS(MPI_Gatherv(in, 1, MPI_INT, out, ones, places, MPI_INT, np, comm), MPI_ERR_ROOT);
    FAILS(MPI_Scatterv(in, ones, places, MPI_INT, out, 1, MPI_INT, np, comm), MPI_ERR_ROOT);
}

static void counts(void)
{
    FAILS(MPI_Bcast(in, -1, MPI_INT, 0, comm), MPI_ERR_COUNT);
    FAILS(MPI_Allreduce(in, out, -1, MPI_INT, MPI_SUM, comm), MPI_ERR_COUNT);
    FAILS(MPI_Allgather(in, -1, MPI_INT, out, 1, MPI_INT, comm), MPI_ERR_COUNT);
    FAILS(MPI_Alltoall(in, 1, MPI_INT, out, -1, MPI_INT, comm), MPI_ERR_COUNT);
    FAILS(MPI_Scan(in, out, -1, MPI_INT, MPI_SUM, comm), MPI_ERR_COUNT);
    FAILS(MPI_Reduce_scatter_block(in, out, -1, MPI_INT, MPI_SUM, comm), MPI_ERR_COUNT);
    ones[np - 1] = -1;
    FAILS(MPI_Allgatherv(in, 1, MPI_INT, out, ones, places, MPI_INT, comm), MPI_ERR_COUNT);
    FAILS(MPI_Alltoallv(in, ones, places, MPI_INT, out, ones, places, MPI_INT, comm),
          MPI_ERR_COUNT);
    FAILS(MPI_Reduce_scatter(in, out, ones, MPI_INT, MPI_SUM, comm), MPI_ERR_COUNT);
    ones[np - 1] = 1;
    FAILS(MPI_Allgatherv(in, 1, MPI_INT, out, NULL, places, MPI_INT, comm), MPI_ERR_ARG);
    FAILS(MPI_Allgatherv(in, 1, MPI_INT, out, ones, NULL, MPI_INT, comm), MPI_ERR_ARG);
}

static void datatypes(void)
{
    FAILS(MPI_Bcast(in, 1, MPI_DATATYPE_NULL, 0, comm), MPI_ERR_TYPE);
    FAILS(MPI_Bcast(in, 1, raw, 0, comm), MPI_ERR_TYPE);
    FAILS(MPI_Allgather(in, 1, MPI_INT, out, 1, raw, comm), MPI_ERR_TYPE);
    FAILS(MPI_Allreduce(in, out, 1, MPI_DATATYPE_NULL, MPI_SUM, comm), MPI_ERR_TYPE);
    types[np - 1] = raw;
    FAILS(MPI_Alltoallw(in, ones, places, types, out, ones, places, types, comm), MPI_ERR_TYPE);
    types[np - 1] = MPI_INT;
    FAILS(MPI_Alltoallw(in, ones, places, types, out, ones, places, NULL, comm), MPI_ERR_ARG);
}

static void operations(void)
{
    FAILS(MPI_Allreduce(in, out, 1, MPI_INT, MPI_OP_NULL, comm), MPI_ERR_OP);
    FAILS(MPI_Allreduce(in, out, 1, MPI_DOUBLE, MPI_BAND, comm), MPI_ERR_OP);
    FAILS(MPI_Reduce(in, out, 1, MPI_INT, MPI_MAXLOC, 0, comm), MPI_ERR_OP);
    FAILS(MPI_Scan(in, out, 1, MPI_BYTE, MPI_SUM, comm), MPI_ERR_OP);
    FAILS(MPI_Reduce_scatter(in, out, ones, MPI_DOUBLE, MPI_BXOR, comm), MPI_ERR_OP);
}

static void buffers(void)
{
    FAILS(MPI_Bcast(NULL, 1, MPI_INT, 0, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Allreduce(NULL, out, 1, MPI_INT, MPI_SUM, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Allgather(in, 1, MPI_INT, NULL, 1, MPI_INT, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Bcast(MPI_IN_PLACE, 1, MPI_INT, 0, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Allreduce(in, MPI_IN_PLACE, 1, MPI_INT, MPI_SUM, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Alltoall(in, 1, MPI_INT, MPI_IN_PLACE, 1, MPI_INT, comm), MPI_ERR_BUFFER);
    // overlapping ones, in every way in which they do
    FAILS(MPI_Allreduce(in, in, 4, MPI_INT, MPI_SUM, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Allreduce(in, in + 3, 4, MPI_INT, MPI_SUM, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Scan(in + 3, in, 4, MPI_INT, MPI_SUM, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Allgather(out + me, 1, MPI_INT, out, 1, MPI_INT, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Alltoall(in, 1, MPI_INT, in, 1, MPI_INT, comm), MPI_ERR_BUFFER);
    FAILS(MPI_Allgatherv(out + me, 1, MPI_INT, out, ones, places, MPI_INT, comm), MPI_ERR_BUFFER);
}

// The forms with a request check the same, and never give one for a wrong call.
static void requests(void)
{
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Info wrong = (MPI_Info)comm;
    FAILS(MPI_Ibcast(in, -1, MPI_INT, 0, comm, &request), MPI_ERR_COUNT);
    FAILS(MPI_Ibcast_c(in, (MPI_Count)1 << 62, MPI_INT, 0, comm, &request), MPI_ERR_COUNT);
    FAILS(MPI_Igather(in, 1, MPI_INT, out, 1, MPI_INT, -1, comm, &request), MPI_ERR_ROOT);
    FAILS(MPI_Iallgather(in, 1, raw, out, 1, MPI_INT, comm, &request), MPI_ERR_TYPE);
    FAILS(MPI_Iallreduce(in, in + 3, 4, MPI_INT, MPI_SUM, comm, &request), MPI_ERR_BUFFER);
    FAILS(MPI_Iscan(in, out, 1, MPI_BYTE, MPI_SUM, comm, &request), MPI_ERR_OP);
    FAILS(MPI_Alltoall_init(in, 1, MPI_INT, in, 1, MPI_INT, comm, MPI_INFO_NULL, &request),
          MPI_ERR_BUFFER);
    FAILS(MPI_Reduce_init(in, out, 1, MPI_INT, MPI_OP_NULL, 0, comm, MPI_INFO_NULL, &request),
          MPI_ERR_OP);
    FAILS(MPI_Barrier_init(comm, wrong, &request), MPI_ERR_INFO);
    FAILS(MPI_Barrier_init(comm, MPI_INFO_NULL, NULL), MPI_ERR_ARG);
    FAILS(MPI_Ibarrier(comm, NULL), MPI_ERR_ARG);
    FAILS(MPI_Ineighbor_allgather(in, 1, MPI_INT, out, 1, MPI_INT, comm, &request),
          MPI_ERR_TOPOLOGY);
    CHECK(request == MPI_REQUEST_NULL);
}

// Only some ranks can see these, so they are tried where there is one.
static void in_place_away_from_the_root(void)
{
    MPI_Comm alone;
    OK(MPI_Comm_split(comm, me, 0, &alone));
    FAILS(MPI_Gather(in, 1, MPI_INT, MPI_IN_PLACE, 1, MPI_INT, 0, alone), MPI_ERR_BUFFER);
    FAILS(MPI_Scatter(MPI_IN_PLACE, 1, MPI_INT, out, 1, MPI_INT, 0, alone), MPI_ERR_BUFFER);
    OK(MPI_Comm_free(&alone));
    // The others are never called: nobody but this rank would have to do with them.
    if (me == 1) {
        FAILS(MPI_Gather(MPI_IN_PLACE, 1, MPI_INT, NULL, 0, MPI_INT, 0, comm), MPI_ERR_BUFFER);
        FAILS(MPI_Reduce(MPI_IN_PLACE, out, 1, MPI_INT, MPI_SUM, 0, comm), MPI_ERR_BUFFER);
        FAILS(MPI_Scatter(NULL, 0, MPI_INT, MPI_IN_PLACE, 1, MPI_INT, 0, comm), MPI_ERR_BUFFER);
    }
}

// Right, though it may look wrong.
static void allowed(void)
{
    int sum = -1, bytes = 0, zeros[64] = {0};
    MPI_Aint at;
    MPI_Datatype absolute;
    OK(MPI_Bcast(NULL, 0, MPI_INT, 0, comm));
    OK(MPI_Allreduce(NULL, NULL, 0, MPI_INT, MPI_SUM, comm));
    OK(MPI_Allgatherv(NULL, 0, MPI_INT, NULL, zeros, zeros, MPI_INT, comm));
    OK(MPI_Reduce(&me, me == 0 ? &sum : NULL, 1, MPI_INT, MPI_SUM, 0, comm));
    EQ(sum, me == 0 ? np * (np - 1) / 2 : -1);
    OK(MPI_Exscan(&me, me == 0 ? NULL : &sum, 1, MPI_INT, MPI_SUM, comm));
    EQ(sum, me == 0 ? np * (np - 1) / 2 : me * (me - 1) / 2);
    // what is not significant away from the root may be anything
    OK(MPI_Gather(&me, 1, MPI_INT, me ? NULL : out, me ? -5 : 1, me ? MPI_DATATYPE_NULL : MPI_INT,
                  0, comm));
    OK(MPI_Scatterv(out, me ? NULL : ones, me ? NULL : places, me ? MPI_DATATYPE_NULL : MPI_INT,
                    &sum, 1, MPI_INT, 0, comm));
    EQ(sum, me);
    // absolute addresses: the buffer is MPI_BOTTOM
    OK(MPI_Get_address(&bytes, &at));
    OK(MPI_Type_create_hindexed(1, (int[]){1}, &at, MPI_INT, &absolute));
    OK(MPI_Type_commit(&absolute));
    bytes = me == 0 ? 77 : 0;
    OK(MPI_Bcast(MPI_BOTTOM, 1, absolute, 0, comm));
    EQ(bytes, 77);
    OK(MPI_Type_free(&absolute));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    OK(MPI_Type_contiguous(3, MPI_INT, &raw));
    for (int i = 0; i < 64; i++) {
        ones[i] = 1;
        places[i] = i;
        types[i] = MPI_INT;
    }
    communicators();
    roots();
    counts();
    datatypes();
    operations();
    buffers();
    requests();
    in_place_away_from_the_root();
    OK(MPI_Barrier(comm));
    allowed();
    OK(MPI_Type_free(&raw));
    OK(MPI_Comm_free(&comm));
    return check_end();
}
