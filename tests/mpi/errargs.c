// Wrong arguments are found, have the right error class, and leave the program able to go on. Every
// rank makes the same mistakes at the same place.
#include "check.h"

static int data[16], more[16];
static MPI_Request request;
static MPI_Status status;
static MPI_Comm world; // MPI_COMM_WORLD under MPI_ERRORS_RETURN

static void counts_and_ranks(void)
{
    FAILS(MPI_Send(data, -1, MPI_INT, 0, 0, world), MPI_ERR_COUNT);
    FAILS(MPI_Isend(data, -1, MPI_INT, 0, 0, world, &request), MPI_ERR_COUNT);
    FAILS(MPI_Recv(data, -3, MPI_INT, 0, 0, world, &status), MPI_ERR_COUNT);
    FAILS(MPI_Irecv(data, -3, MPI_INT, 0, 0, world, &request), MPI_ERR_COUNT);
    FAILS(MPI_Send_init(data, -1, MPI_INT, 0, 0, world, &request), MPI_ERR_COUNT);
    FAILS(MPI_Recv_init(data, -1, MPI_INT, 0, 0, world, &request), MPI_ERR_COUNT);
    FAILS(MPI_Send(data, 1, MPI_INT, np, 0, world), MPI_ERR_RANK);
    FAILS(MPI_Send(data, 1, MPI_INT, 1 << 30, 0, world), MPI_ERR_RANK);
    FAILS(MPI_Send(data, 1, MPI_INT, -100, 0, world), MPI_ERR_RANK);
    FAILS(MPI_Send(data, 1, MPI_INT, MPI_ANY_SOURCE, 0, world), MPI_ERR_RANK);
    FAILS(MPI_Ssend(data, 1, MPI_INT, np, 0, world), MPI_ERR_RANK);
    FAILS(MPI_Rsend(data, 1, MPI_INT, np, 0, world), MPI_ERR_RANK);
    FAILS(MPI_Issend(data, 1, MPI_INT, np, 0, world, &request), MPI_ERR_RANK);
    FAILS(MPI_Recv(data, 1, MPI_INT, np, 0, world, &status), MPI_ERR_RANK);
    FAILS(MPI_Recv(data, 1, MPI_INT, -100, 0, world, &status), MPI_ERR_RANK);
    FAILS(MPI_Probe(np, 0, world, &status), MPI_ERR_RANK);
    FAILS(MPI_Sendrecv(data, 1, MPI_INT, np, 0, more, 1, MPI_INT, 0, 0, world, &status),
          MPI_ERR_RANK);
    FAILS(MPI_Sendrecv(data, 1, MPI_INT, 0, 0, more, 1, MPI_INT, np, 0, world, &status),
          MPI_ERR_RANK);
    FAILS(MPI_Sendrecv_replace(data, 1, MPI_INT, np, 0, 0, 0, world, &status), MPI_ERR_RANK);
}

static void tags(void)
{
    int *ub = NULL, flag = 0;

    FAILS(MPI_Send(data, 1, MPI_INT, 0, -7, world), MPI_ERR_TAG);
    FAILS(MPI_Send(data, 1, MPI_INT, 0, MPI_ANY_TAG, world), MPI_ERR_TAG);
    FAILS(MPI_Send(data, 1, MPI_INT, MPI_PROC_NULL, -7, world), MPI_ERR_TAG);
    FAILS(MPI_Recv(data, 1, MPI_INT, 0, -7, world, &status), MPI_ERR_TAG);
    FAILS(MPI_Iprobe(0, -7, world, &flag, &status), MPI_ERR_TAG);
    OK(MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &ub, &flag));
    if (*ub < INT32_MAX) {
        FAILS(MPI_Send(data, 1, MPI_INT, 0, *ub + 1, world), MPI_ERR_TAG);
        FAILS(MPI_Recv(data, 1, MPI_INT, 0, *ub + 1, world, &status), MPI_ERR_TAG);
    }
}

static void handles(void)
{
    int flag, rank;
    MPI_Comm comm;
    MPI_Group group;

    FAILS(MPI_Send(data, 1, MPI_INT, 0, 0, MPI_COMM_NULL), MPI_ERR_COMM);
    FAILS(MPI_Recv(data, 1, MPI_INT, 0, 0, MPI_COMM_NULL, &status), MPI_ERR_COMM);
    FAILS(MPI_Comm_rank(MPI_COMM_NULL, &rank), MPI_ERR_COMM);
    FAILS(MPI_Comm_dup(MPI_COMM_NULL, &comm), MPI_ERR_COMM);
    comm = MPI_COMM_NULL;
    FAILS(MPI_Comm_free(&comm), MPI_ERR_COMM);
    FAILS(MPI_Barrier(MPI_COMM_NULL), MPI_ERR_COMM);
    FAILS(MPI_Comm_group(MPI_COMM_NULL, &group), MPI_ERR_COMM);
    request = MPI_REQUEST_NULL;
    FAILS(MPI_Start(&request), MPI_ERR_REQUEST);
    FAILS(MPI_Cancel(&request), MPI_ERR_REQUEST);
    FAILS(MPI_Request_free(&request), MPI_ERR_REQUEST);
    FAILS(MPI_Group_size(MPI_GROUP_NULL, &rank), MPI_ERR_GROUP);
    FAILS(MPI_Group_rank(MPI_GROUP_NULL, &rank), MPI_ERR_GROUP);
    FAILS(MPI_Comm_create(world, MPI_GROUP_NULL, &comm), MPI_ERR_GROUP);
    OK(MPI_Comm_group(world, &group));
    FAILS(MPI_Group_incl(group, 1, &np, &group), MPI_ERR_RANK);
    OK(MPI_Group_free(&group));
    FAILS(MPI_Comm_get_attr(world, MPI_KEYVAL_INVALID, &data, &flag), MPI_ERR_KEYVAL);
    FAILS(MPI_Comm_set_attr(world, MPI_KEYVAL_INVALID, NULL), MPI_ERR_KEYVAL);
    CHECK(MPI_Comm_set_attr(world, MPI_TAG_UB, NULL) != MPI_SUCCESS);
    CHECK(MPI_Comm_set_errhandler(world, MPI_ERRHANDLER_NULL) != MPI_SUCCESS);
}

static void types(void)
{
    MPI_Datatype type, bad, null = MPI_DATATYPE_NULL;
    int size, lengths[1] = {-1}, displs[1] = {0}, dims[1] = {4}, sub[1] = {3}, start[1] = {2};

    FAILS(MPI_Send(data, 1, MPI_DATATYPE_NULL, 0, 0, world), MPI_ERR_TYPE);
    FAILS(MPI_Recv(data, 1, MPI_DATATYPE_NULL, 0, 0, world, &status), MPI_ERR_TYPE);
    OK(MPI_Type_contiguous(2, MPI_INT, &type));
    // Not committed.
    FAILS(MPI_Send(data, 1, type, 0, 0, world), MPI_ERR_TYPE);
    FAILS(MPI_Irecv(data, 1, type, 0, 0, world, &request), MPI_ERR_TYPE);
    FAILS(MPI_Bcast(data, 1, type, 0, world), MPI_ERR_TYPE);
    OK(MPI_Type_free(&type));
    FAILS(MPI_Type_free(&null), MPI_ERR_TYPE);
    FAILS(MPI_Type_commit(&null), MPI_ERR_TYPE);
    FAILS(MPI_Type_size(MPI_DATATYPE_NULL, &size), MPI_ERR_TYPE);
    FAILS(MPI_Type_contiguous(2, MPI_DATATYPE_NULL, &bad), MPI_ERR_TYPE);
    FAILS(MPI_Type_vector(2, 1, 1, MPI_DATATYPE_NULL, &bad), MPI_ERR_TYPE);
    type = MPI_INT;
    CHECK(MPI_Type_free(&type) != MPI_SUCCESS);
    CHECK(MPI_Type_contiguous(-1, MPI_INT, &bad) != MPI_SUCCESS);
    CHECK(MPI_Type_vector(-1, 1, 1, MPI_INT, &bad) != MPI_SUCCESS);
    CHECK(MPI_Type_vector(2, -1, 1, MPI_INT, &bad) != MPI_SUCCESS);
    CHECK(MPI_Type_indexed(1, lengths, displs, MPI_INT, &bad) != MPI_SUCCESS);
    CHECK(MPI_Type_create_subarray(1, dims, sub, start, MPI_ORDER_C, MPI_INT, &bad) != MPI_SUCCESS);
    CHECK(MPI_Type_create_subarray(1, dims, dims, displs, 12345, MPI_INT, &bad) != MPI_SUCCESS);
}

static void collectives(void)
{
    FAILS(MPI_Bcast(data, 1, MPI_INT, np, world), MPI_ERR_ROOT);
    FAILS(MPI_Bcast(data, 1, MPI_INT, -1, world), MPI_ERR_ROOT);
    FAILS(MPI_Bcast(data, -1, MPI_INT, 0, world), MPI_ERR_COUNT);
    FAILS(MPI_Bcast(data, 1, MPI_DATATYPE_NULL, 0, world), MPI_ERR_TYPE);
    FAILS(MPI_Reduce(data, more, 1, MPI_INT, MPI_SUM, np, world), MPI_ERR_ROOT);
    FAILS(MPI_Gather(data, 1, MPI_INT, more, 1, MPI_INT, np, world), MPI_ERR_ROOT);
    FAILS(MPI_Scatter(data, 1, MPI_INT, more, 1, MPI_INT, -2000, world), MPI_ERR_ROOT);
    FAILS(MPI_Allgather(data, -1, MPI_INT, more, 1, MPI_INT, world), MPI_ERR_COUNT);
    FAILS(MPI_Alltoall(data, -1, MPI_INT, more, -1, MPI_INT, world), MPI_ERR_COUNT);
    FAILS(MPI_Allreduce(data, more, -1, MPI_INT, MPI_SUM, world), MPI_ERR_COUNT);
    FAILS(MPI_Scan(data, more, -1, MPI_INT, MPI_SUM, world), MPI_ERR_COUNT);
}

static void operations(void)
{
    MPI_Datatype type;
    MPI_Op op = MPI_SUM;
    int flag;

    FAILS(MPI_Allreduce(data, more, 1, MPI_INT, MPI_OP_NULL, world), MPI_ERR_OP);
    FAILS(MPI_Reduce(data, more, 1, MPI_INT, MPI_OP_NULL, 0, world), MPI_ERR_OP);
    FAILS(MPI_Allreduce(data, more, 1, MPI_FLOAT, MPI_BAND, world), MPI_ERR_OP);
    FAILS(MPI_Allreduce(data, more, 1, MPI_DOUBLE, MPI_BXOR, world), MPI_ERR_OP);
    FAILS(MPI_Allreduce(data, more, 1, MPI_C_DOUBLE_COMPLEX, MPI_MAX, world), MPI_ERR_OP);
    FAILS(MPI_Scan(data, more, 1, MPI_INT, MPI_MINLOC, world), MPI_ERR_OP);
    FAILS(MPI_Allreduce(data, more, 1, MPI_2INT, MPI_SUM, world), MPI_ERR_OP);
    FAILS(MPI_Allreduce(data, more, 1, MPI_BYTE, MPI_SUM, world), MPI_ERR_OP);
    FAILS(MPI_Reduce_local(data, more, 1, MPI_FLOAT, MPI_BOR), MPI_ERR_OP);
    // Predefined operations know predefined types only.
    OK(MPI_Type_contiguous(2, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    FAILS(MPI_Allreduce(data, more, 1, type, MPI_SUM, world), MPI_ERR_OP);
    OK(MPI_Type_free(&type));
    FAILS(MPI_Op_free(&op), MPI_ERR_OP);
    op = MPI_OP_NULL;
    FAILS(MPI_Op_free(&op), MPI_ERR_OP);
    FAILS(MPI_Op_commutative(MPI_OP_NULL, &flag), MPI_ERR_OP);
}

// After all that everything works.
static void goes_on(void)
{
    int sum = 0, in = -1;

    OK(MPI_Sendrecv(&me, 1, MPI_INT, (me + 1) % np, 0, &in, 1, MPI_INT, (me + np - 1) % np, 0,
                    world, &status));
    EQ(in, (me + np - 1) % np);
    OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, world));
    EQ(sum, np * (np - 1) / 2);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    world = MPI_COMM_WORLD;
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    // Errors without a communicator are raised here (section 9.3).
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    counts_and_ranks();
    goes_on();
    tags();
    handles();
    types();
    goes_on();
    collectives();
    operations();
    goes_on();
    return check_end();
}
