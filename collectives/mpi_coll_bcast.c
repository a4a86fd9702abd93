/* The barrier and the broadcast: MPI 5.0 sections 6.3 and 6.4, and their forms of 6.12 and 6.13. As
 * in all of these files, a collective has one function that checks what this rank can see of its
 * arguments and fills the call object; the forms differ in how the call is finished. */
#include "check.h"
#include "coll.h"
#include "lock.h"

int PMPI_Barrier(MPI_Comm comm)
{
    IPCR_ENTER("MPI_Barrier");
    struct ipcr_coll c = {.kind = IPCR_BARRIER};
    return ipcr_check_finish(&c, ipcr_check_comm(&c, comm));
}
IPCR_ALIAS(Barrier);

int PMPI_Ibarrier(MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ibarrier");
    struct ipcr_coll c = {.kind = IPCR_BARRIER};
    return ipcr_check_begin(&c, ipcr_check_comm(&c, comm), request);
}
IPCR_ALIAS(Ibarrier);

int PMPI_Barrier_init(MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Barrier_init");
    struct ipcr_coll c = {.kind = IPCR_BARRIER};
    return ipcr_check_init(&c, ipcr_check_comm(&c, comm), info, request);
}
IPCR_ALIAS(Barrier_init);

static int bcast(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Comm comm)
{
    int err = ipcr_check_root(c, comm);
    if (!err && c->root != MPI_PROC_NULL)
        err = ipcr_check_recv(c, count, type);
    return err;
}

int PMPI_Bcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Bcast");
    struct ipcr_coll c = {.kind = IPCR_BCAST, .rbuf = buffer, .root = root};
    return ipcr_check_finish(&c, bcast(&c, count, datatype, comm));
}
IPCR_ALIAS(Bcast);

int PMPI_Bcast_c(void *buffer, MPI_Count count, MPI_Datatype datatype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Bcast_c");
    struct ipcr_coll c = {.kind = IPCR_BCAST, .rbuf = buffer, .root = root};
    return ipcr_check_finish(&c, bcast(&c, count, datatype, comm));
}
IPCR_ALIAS(Bcast_c);

int PMPI_Ibcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
                MPI_Request *request)
{
    IPCR_ENTER("MPI_Ibcast");
    struct ipcr_coll c = {.kind = IPCR_BCAST, .rbuf = buffer, .root = root};
    return ipcr_check_begin(&c, bcast(&c, count, datatype, comm), request);
}
IPCR_ALIAS(Ibcast);

int PMPI_Ibcast_c(void *buffer, MPI_Count count, MPI_Datatype datatype, int root, MPI_Comm comm,
                  MPI_Request *request)
{
    IPCR_ENTER("MPI_Ibcast_c");
    struct ipcr_coll c = {.kind = IPCR_BCAST, .rbuf = buffer, .root = root};
    return ipcr_check_begin(&c, bcast(&c, count, datatype, comm), request);
}
IPCR_ALIAS(Ibcast_c);

int PMPI_Bcast_init(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm,
                    MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Bcast_init");
    struct ipcr_coll c = {.kind = IPCR_BCAST, .rbuf = buffer, .root = root};
    return ipcr_check_init(&c, bcast(&c, count, datatype, comm), info, request);
}
IPCR_ALIAS(Bcast_init);

int PMPI_Bcast_init_c(void *buffer, MPI_Count count, MPI_Datatype datatype, int root, MPI_Comm comm,
                      MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Bcast_init_c");
    struct ipcr_coll c = {.kind = IPCR_BCAST, .rbuf = buffer, .root = root};
    return ipcr_check_init(&c, bcast(&c, count, datatype, comm), info, request);
}
IPCR_ALIAS(Bcast_init_c);
