/* Reduction operations: predefined kernels and the user's own. MPI 5.0 section 6.9. */
#ifndef IPCR_OP_H
#define IPCR_OP_H

#include "datatype.h"

#define IPCR_OP_MAGIC 0x6f707065u

struct ipcr_op {
    uint32_t magic;
    int refs;
    bool predefined, commutative;
    uint8_t kind; /* of a predefined one: enum ipcr_op_kind (opkernels.h) */
    /* The program's function, which counts in int or in MPI_Count: one of the two, neither in a
     * predefined operation. */
    MPI_User_function *user;
    MPI_User_function_c *user_c;
    MPI_Op handle;
    const char *name; /* of a predefined one */
};

extern struct ipcr_op *const ipcr_op_predefined[32]; /* by handle value - 0x20 */
static inline struct ipcr_op *ipcr_op_of(MPI_Op h)
{
    uintptr_t v = (uintptr_t)h;
    if (v - 0x20 < 32)
        return ipcr_op_predefined[v - 0x20];
    struct ipcr_op *op = (struct ipcr_op *)v;
    return v < 4096 || op->magic != IPCR_OP_MAGIC ? NULL : op;
}

/* An operation of the program's, with one reference (the handle's), whose function the caller fills
 * in; NULL: no memory. */
struct ipcr_op *ipcr_op_new(bool commutative);
void ipcr_op_retain(struct ipcr_op *op);
void ipcr_op_release(struct ipcr_op *op);
/* Ends the handle; the operation lives on while something retains it. Not for predefined ones. */
void ipcr_op_hand_back(struct ipcr_op *op);
/* At the end of the process: forgets what is kept of freed operations. */
void ipcr_op_finish(void);

/* MPI_SUCCESS, or MPI_ERR_OP with a note naming both, when the standard does not let op reduce
 * elements of t. MPI_REPLACE and MPI_NO_OP reduce nothing: they are refused here. */
int ipcr_op_check(const struct ipcr_op *op, const struct ipcr_type *t);

/* inout[i] = in[i] op inout[i] for count elements of t, both in t's layout, on which op is defined.
 * The two do not overlap; they need no alignment. Both MPI_REPLACE and MPI_NO_OP are accepted, on
 * any type (for accumulate, later). A user function gets its elements in as few calls as the
 * integer that counts them allows. */
void ipcr_op_apply(const struct ipcr_op *op, const void *in, void *inout, size_t count,
                   const struct ipcr_type *t);

#endif
