/* MPI calls on Cartesian topologies. MPI 5.0 sections 8.5.1, 8.5.5 to 8.5.8. */
#include <stdlib.h>

#include "comm.h"
#include "comm_make.h"
#include "err.h"
#include "group.h"
#include "lock.h"
#include "topo.h"
#include "topo_plan.h"

/* ---- making ---- */

/* Are these a grid for at most the processes of c? */
static int check_shape(const struct ipcr_comm *c, const struct ipcr_cart *shape)
{
    if (ipcr_comm_is_inter(c))
        return ipcr_err_note(MPI_ERR_COMM, "an intercommunicator cannot have a topology");
    if (shape->ndims < 0)
        return ipcr_err_note(MPI_ERR_DIMS, "ndims is %d", shape->ndims);
    for (int d = 0; d < shape->ndims; d++)
        if (shape->dims[d] <= 0)
            return ipcr_err_note(MPI_ERR_DIMS, "dimension %d is %d", d, shape->dims[d]);
    int n = ipcr_cart_size(shape->ndims, shape->dims);
    if (n < 0 || n > c->size)
        return ipcr_err_note(MPI_ERR_DIMS,
                             "the grid has %d places%s; the communicator has %d ranks",
                             n < 0 ? INT32_MAX : n, n < 0 ? " or more" : "", c->size);
    return MPI_SUCCESS;
}

static struct ipcr_plan plan_of(const struct ipcr_cart *shape, bool reorder)
{
    return (struct ipcr_plan){
        .cart = shape, .n = ipcr_cart_size(shape->ndims, shape->dims), .reorder = reorder};
}

static int cart_create(struct ipcr_comm *c, const struct ipcr_cart *shape, bool reorder,
                       MPI_Comm *newcomm)
{
    struct ipcr_comm *made;
    int class = check_shape(c, shape);
    if (class != MPI_SUCCESS)
        return class;
    struct ipcr_plan plan = plan_of(shape, reorder);
    struct ipcr_group *g = ipcr_plan_group(c, &plan);
    class = ipcr_comm_create(c, g, &made);
    ipcr_group_release(g);
    if (class != MPI_SUCCESS || !made)
        return class;
    made->topo = ipcr_topo_new_cart(shape, made->rank);
    *newcomm = made->handle;
    return MPI_SUCCESS;
}

static struct ipcr_cart shape_of(int ndims, const int *dims, const int *periods)
{
    return (struct ipcr_cart){ndims, (int *)(uintptr_t)dims, (int *)(uintptr_t)periods, NULL};
}

int PMPI_Cart_create(MPI_Comm comm_old, int ndims, const int dims[], const int periods[],
                     int reorder, MPI_Comm *comm_cart)
{
    IPCR_ENTER("MPI_Cart_create");
    if (!comm_cart)
        return IPCR_NO_PLACE_ON(comm_old, "comm_cart");
    struct ipcr_comm *c = ipcr_comm_of(comm_old);
    struct ipcr_cart shape = shape_of(ndims, dims, periods);
    *comm_cart = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm_old);
    return IPCR_FINISH(c, cart_create(c, &shape, reorder != 0, comm_cart));
}
IPCR_ALIAS(Cart_create);

/* What MPI_Cart_create would choose with reorder. */
static int cart_map(const struct ipcr_comm *c, const struct ipcr_cart *shape, int *newrank)
{
    int class = check_shape(c, shape);
    if (class != MPI_SUCCESS)
        return class;
    struct ipcr_plan plan = plan_of(shape, true);
    int *place = ipcr_plan_places(c, &plan);
    if (!place)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a grid of %d processes", plan.n);
    *newrank = c->rank < plan.n ? place[c->rank] : MPI_UNDEFINED;
    free(place);
    return MPI_SUCCESS;
}

int PMPI_Cart_map(MPI_Comm comm, int ndims, const int dims[], const int periods[], int *newrank)
{
    IPCR_ENTER("MPI_Cart_map");
    if (!newrank)
        return IPCR_NO_PLACE_ON(comm, "newrank");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct ipcr_cart shape = shape_of(ndims, dims, periods);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    return IPCR_FINISH(c, cart_map(c, &shape, newrank));
}
IPCR_ALIAS(Cart_map);

/* Splits by the coordinates that go, ordered by those that stay, which is the order of ranks. */
static int cart_sub(struct ipcr_comm *c, const int *remain, MPI_Comm *newcomm)
{
    const struct ipcr_cart *cart = ipcr_topo_cart(c);
    struct ipcr_comm *made;
    int *numbers = malloc((2 * (size_t)cart->ndims + 1) * sizeof *numbers), color = 0;
    if (!numbers)
        ipcr_err_fatal("no memory for a grid of %d dimensions", cart->ndims);
    struct ipcr_cart sub = {0, numbers, numbers + cart->ndims, NULL};
    for (int d = 0; d < cart->ndims; d++) {
        if (!remain[d]) {
            color = color * cart->dims[d] + cart->coords[d];
            continue;
        }
        sub.dims[sub.ndims] = cart->dims[d];
        sub.periods[sub.ndims++] = cart->periods[d];
    }
    int class = ipcr_comm_split(c, color, c->rank, &made);
    if (class == MPI_SUCCESS) {
        made->topo = ipcr_topo_new_cart(&sub, made->rank);
        *newcomm = made->handle;
    }
    free(numbers);
    return class;
}

/* ---- asking ---- */

/* The communicator, which *cart belongs to; NULL: the call has ended with *error. */
static struct ipcr_comm *cart_of(MPI_Comm comm, const struct ipcr_cart **cart, int *error)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    *cart = c ? ipcr_topo_cart(c) : NULL;
    if (*cart)
        return c;
    *error = c ? IPCR_RAISE(c, MPI_ERR_TOPOLOGY, "the communicator has no Cartesian topology")
               : ipcr_comm_raise_bad(comm);
    return NULL;
}

int PMPI_Cart_sub(MPI_Comm comm, const int remain_dims[], MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Cart_sub");
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    const struct ipcr_cart *cart;
    int error;
    *newcomm = MPI_COMM_NULL;
    struct ipcr_comm *c = cart_of(comm, &cart, &error);
    if (!c)
        return error;
    return IPCR_FINISH(c, cart_sub(c, remain_dims, newcomm));
}
IPCR_ALIAS(Cart_sub);

int PMPI_Cartdim_get(MPI_Comm comm, int *ndims)
{
    IPCR_ENTER("MPI_Cartdim_get");
    if (!ndims)
        return IPCR_NO_PLACE_ON(comm, "ndims");
    const struct ipcr_cart *cart;
    int error;
    if (!cart_of(comm, &cart, &error))
        return error;
    *ndims = cart->ndims;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Cartdim_get);

static int check_room(struct ipcr_comm *c, const struct ipcr_cart *cart, int maxdims)
{
    if (maxdims >= cart->ndims)
        return MPI_SUCCESS;
    return IPCR_RAISE(c, MPI_ERR_DIMS, "maxdims is %d; the topology has %d dimensions", maxdims,
                      cart->ndims);
}

int PMPI_Cart_get(MPI_Comm comm, int maxdims, int dims[], int periods[], int coords[])
{
    IPCR_ENTER("MPI_Cart_get");
    const struct ipcr_cart *cart;
    int error;
    struct ipcr_comm *c = cart_of(comm, &cart, &error);
    if (!c || (error = check_room(c, cart, maxdims)) != MPI_SUCCESS)
        return error;
    for (int d = 0; d < cart->ndims; d++) {
        dims[d] = cart->dims[d];
        periods[d] = cart->periods[d];
        coords[d] = cart->coords[d];
    }
    return IPCR_LEAVE();
}
IPCR_ALIAS(Cart_get);

int PMPI_Cart_rank(MPI_Comm comm, const int coords[], int *rank)
{
    IPCR_ENTER("MPI_Cart_rank");
    if (!rank)
        return IPCR_NO_PLACE_ON(comm, "rank");
    const struct ipcr_cart *cart;
    int error;
    struct ipcr_comm *c = cart_of(comm, &cart, &error);
    if (!c)
        return error;
    for (int d = 0; d < cart->ndims; d++)
        if (!cart->periods[d] && (coords[d] < 0 || coords[d] >= cart->dims[d]))
            return IPCR_RAISE(
                c, MPI_ERR_ARG,
                "coordinate %d is %d; the dimension is not periodic and has %d places", d,
                coords[d], cart->dims[d]);
    *rank = ipcr_cart_rank(cart, coords);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Cart_rank);

int PMPI_Cart_coords(MPI_Comm comm, int rank, int maxdims, int coords[])
{
    IPCR_ENTER("MPI_Cart_coords");
    const struct ipcr_cart *cart;
    int error;
    struct ipcr_comm *c = cart_of(comm, &cart, &error);
    if (!c)
        return error;
    if (rank < 0 || rank >= c->size)
        return IPCR_RAISE(c, MPI_ERR_RANK, "the rank is %d; the grid has ranks 0 to %d", rank,
                          c->size - 1);
    if ((error = check_room(c, cart, maxdims)) != MPI_SUCCESS)
        return error;
    ipcr_cart_coords(cart, rank, coords);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Cart_coords);

int PMPI_Cart_shift(MPI_Comm comm, int direction, int disp, int *rank_source, int *rank_dest)
{
    IPCR_ENTER("MPI_Cart_shift");
    if (!rank_source)
        return IPCR_NO_PLACE_ON(comm, "rank_source");
    if (!rank_dest)
        return IPCR_NO_PLACE_ON(comm, "rank_dest");
    const struct ipcr_cart *cart;
    int error;
    struct ipcr_comm *c = cart_of(comm, &cart, &error);
    if (!c)
        return error;
    if (direction < 0 || direction >= cart->ndims)
        return IPCR_RAISE(c, MPI_ERR_DIMS, "the direction is %d; the topology has %d dimensions",
                          direction, cart->ndims);
    *rank_source = ipcr_cart_step(cart, direction, -(long)disp);
    *rank_dest = ipcr_cart_step(cart, direction, disp);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Cart_shift);
