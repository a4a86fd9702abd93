/* MPI calls on topologies of any kind, and the balanced grid. MPI 5.0 sections 8.5.2 and 8.5.5. */
#include <limits.h>
#include <stdlib.h>

#include "comm.h"
#include "dims.h"
#include "err.h"
#include "lock.h"
#include "topo.h"

int PMPI_Topo_test(MPI_Comm comm, int *status)
{
    IPCR_ENTER("MPI_Topo_test");
    if (!status)
        return IPCR_NO_PLACE_ON(comm, "status");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    *status = c->topo ? c->topo->kind : MPI_UNDEFINED;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Topo_test);

/* Takes the dimensions that the program fixed out of nnodes: *rest is for the others, *free of
 * them.
 */
static int fixed_dims(int nnodes, int ndims, const int *dims, int *rest, int *free_dims)
{
    *rest = nnodes;
    *free_dims = 0;
    for (int d = 0; d < ndims; d++) {
        if (dims[d] < 0)
            return ipcr_err_note(MPI_ERR_DIMS, "dimension %d is %d", d, dims[d]);
        if (dims[d] == 0)
            ++*free_dims;
        else if (*rest % dims[d])
            return ipcr_err_note(MPI_ERR_DIMS,
                                 "%d processes do not fill a grid whose dimension %d is %d", nnodes,
                                 d, dims[d]);
        else
            *rest /= dims[d];
    }
    if (*free_dims == 0 && *rest != 1)
        return ipcr_err_note(MPI_ERR_DIMS,
                             "the %d dimensions are all given, but hold %d processes, not %d",
                             ndims, nnodes / *rest, nnodes);
    return MPI_SUCCESS;
}

static int fill_dims(int nnodes, int ndims, int *dims)
{
    int rest, count, class = fixed_dims(nnodes, ndims, dims, &rest, &count);
    if (class != MPI_SUCCESS || count == 0)
        return class;
    int *factors = malloc((size_t)count * sizeof *factors);
    if (!factors)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for %d dimensions", count);
    ipcr_dims_balance(rest, count, factors);
    for (int d = 0, next = 0; d < ndims; d++)
        if (dims[d] == 0)
            dims[d] = factors[next++];
    free(factors);
    return MPI_SUCCESS;
}

int PMPI_Dims_create(int nnodes, int ndims, int dims[])
{
    IPCR_ENTER("MPI_Dims_create");
    if (nnodes <= 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "nnodes is %d", nnodes);
    if (ndims < 0)
        return IPCR_RAISE(NULL, MPI_ERR_DIMS, "ndims is %d", ndims);
    return IPCR_FINISH(NULL, fill_dims(nnodes, ndims, dims));
}
IPCR_ALIAS(Dims_create);
