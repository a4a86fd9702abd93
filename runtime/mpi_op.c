/* MPI 5.0 section 6.9: reduction operations of the program's own, and local reduction. */
#include "err.h"
#include "lock.h"
#include "observe.h"
#include "op.h"

static int bad_op(MPI_Op op)
{
    return IPCR_RAISE(NULL, MPI_ERR_OP, "%s",
                      op == MPI_OP_NULL ? "the operation is MPI_OP_NULL"
                                        : "the handle is not an operation, or has been freed");
}

/* One of the two functions is there. */
static int create(MPI_User_function *user, MPI_User_function_c *user_c, int commute, MPI_Op *op)
{
    if ((!user && !user_c) || !op)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "%s is a null pointer", op ? "user_fn" : "op");
    struct ipcr_op *made = ipcr_op_new(commute != 0);
    if (!made)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for an operation");
    made->user = user;
    made->user_c = user_c;
    *op = made->handle;
    IPCR_OBSERVE(object, IPCR_OBJECT_OP, made, true);
    return IPCR_LEAVE();
}

int PMPI_Op_create(MPI_User_function *user_fn, int commute, MPI_Op *op)
{
    IPCR_ENTER("MPI_Op_create");
    return create(user_fn, NULL, commute, op);
}
IPCR_ALIAS(Op_create);

int PMPI_Op_create_c(MPI_User_function_c *user_fn, int commute, MPI_Op *op)
{
    IPCR_ENTER("MPI_Op_create_c");
    return create(NULL, user_fn, commute, op);
}
IPCR_ALIAS(Op_create_c);

int PMPI_Op_free(MPI_Op *op)
{
    IPCR_ENTER("MPI_Op_free");
    struct ipcr_op *freed = op ? ipcr_op_of(*op) : NULL;
    if (!op)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "op is a null pointer");
    if (!freed)
        return bad_op(*op);
    if (freed->predefined)
        return IPCR_RAISE(NULL, MPI_ERR_OP, "%s is predefined; it cannot be freed", freed->name);
    IPCR_OBSERVE(object, IPCR_OBJECT_OP, freed, false);
    ipcr_op_hand_back(freed);
    *op = MPI_OP_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Op_free);

int PMPI_Op_commutative(MPI_Op op, int *commute)
{
    IPCR_ENTER("MPI_Op_commutative");
    const struct ipcr_op *asked = ipcr_op_of(op);
    if (!asked)
        return bad_op(op);
    if (!commute)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "commute is a null pointer");
    *commute = asked->commutative;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Op_commutative);

static int check_buffers(const void *in, const void *inout, const struct ipcr_type *t)
{
    if (in == MPI_IN_PLACE || inout == MPI_IN_PLACE)
        return ipcr_err_note(MPI_ERR_BUFFER, "MPI_IN_PLACE has no meaning here");
    if (t->predefined && (!in || !inout))
        return ipcr_err_note(MPI_ERR_BUFFER, "%s is a null pointer", in ? "inoutbuf" : "inbuf");
    if (in == inout && t->size)
        return ipcr_err_note(MPI_ERR_BUFFER, "inbuf and inoutbuf are the same memory");
    return MPI_SUCCESS;
}

/* The arguments of a local reduction. */
struct local {
    const void *in;
    void *inout;
    int64_t count;
    MPI_Datatype type;
    MPI_Op op;
};

static int reduce_local(const struct local *l)
{
    const struct ipcr_type *t = ipcr_type_of(l->type);
    const struct ipcr_op *with = ipcr_op_of(l->op);
    if (l->count < 0)
        return IPCR_RAISE(NULL, MPI_ERR_COUNT, "count is %lld", (long long)l->count);
    if (!t || !t->committed)
        return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s",
                          t ? "the datatype has not been committed"
                            : "the handle is not a datatype, or has been freed");
    if (!with)
        return bad_op(l->op);
    int class = ipcr_op_check(with, t);
    if (!class && l->count)
        class = check_buffers(l->in, l->inout, t);
    if (!class)
        ipcr_op_apply(with, l->in, l->inout, (size_t)l->count, t);
    return IPCR_FINISH(NULL, class);
}

int PMPI_Reduce_local(const void *inbuf, void *inoutbuf, int count, MPI_Datatype datatype,
                      MPI_Op op)
{
    IPCR_ENTER("MPI_Reduce_local");
    return reduce_local(&(struct local){inbuf, inoutbuf, count, datatype, op});
}
IPCR_ALIAS(Reduce_local);

int PMPI_Reduce_local_c(const void *inbuf, void *inoutbuf, MPI_Count count, MPI_Datatype datatype,
                        MPI_Op op)
{
    IPCR_ENTER("MPI_Reduce_local_c");
    return reduce_local(&(struct local){inbuf, inoutbuf, count, datatype, op});
}
IPCR_ALIAS(Reduce_local_c);
