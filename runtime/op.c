/* Operations: the predefined ones, the program's own, and who may reduce what. */
#include "op.h"

#include <limits.h>

#include "err.h"
#include "graveyard.h"
#include "opkernels.h"
#include "oppairs.h"

/* ---- predefined operations --------------------------------------------------------------------
 */

#define OPS(OP)                    \
    OP(0x21, MPI_SUM, SUM)         \
    OP(0x22, MPI_MIN, MIN)         \
    OP(0x23, MPI_MAX, MAX)         \
    OP(0x24, MPI_PROD, PROD)       \
    OP(0x28, MPI_BAND, BAND)       \
    OP(0x29, MPI_BOR, BOR)         \
    OP(0x2a, MPI_BXOR, BXOR)       \
    OP(0x30, MPI_LAND, LAND)       \
    OP(0x31, MPI_LOR, LOR)         \
    OP(0x32, MPI_LXOR, LXOR)       \
    OP(0x38, MPI_MINLOC, MINLOC)   \
    OP(0x39, MPI_MAXLOC, MAXLOC)   \
    OP(0x3c, MPI_REPLACE, REPLACE) \
    OP(0x3d, MPI_NO_OP, NO_OP)

/* Replacing depends on the order, the others do not. */
#define OBJECT(value, label, kind_of)                                                         \
    static struct ipcr_op op_##kind_of = {.magic = IPCR_OP_MAGIC,                             \
                                          .refs = 1,                                          \
                                          .predefined = true,                                 \
                                          .commutative = IPCR_OP_##kind_of < IPCR_OP_KERNELS, \
                                          .kind = IPCR_OP_##kind_of,                          \
                                          .handle = (MPI_Op)value,                            \
                                          .name = #label};
OPS(OBJECT)

#define ENTRY(value, label, kind) [value - 0x20] = &op_##kind,
struct ipcr_op *const ipcr_op_predefined[32] = {OPS(ENTRY)};

/* ---- the program's own ------------------------------------------------------------------------
 */

static struct ipcr_graveyard graveyard;

struct ipcr_op *ipcr_op_new(bool commutative)
{
    struct ipcr_op *op = ipcr_grave_take(&graveyard, sizeof *op);
    if (op)
        *op = (struct ipcr_op){
            .magic = IPCR_OP_MAGIC, .refs = 1, .commutative = commutative, .handle = (MPI_Op)op};
    return op;
}

void ipcr_op_retain(struct ipcr_op *op)
{
    if (!op->predefined)
        op->refs++;
}

void ipcr_op_release(struct ipcr_op *op)
{
    if (!op->predefined && --op->refs == 0)
        ipcr_grave_put(&graveyard, op);
}

void ipcr_op_hand_back(struct ipcr_op *op)
{
    op->magic = 0;
    ipcr_op_release(op);
}

void ipcr_op_finish(void)
{
    ipcr_grave_empty(&graveyard);
}

/* ---- what is allowed (MPI 5.0 section 6.9.2) ---------------------------------------------------
 */

#define FAMILY(name) (1u << IPCR_##name)
enum {
    INTEGERS = FAMILY(C_INTEGER) | FAMILY(FORTRAN_INTEGER) | FAMILY(MULTI_LANGUAGE),
    ORDERED = INTEGERS | FAMILY(FLOATING_POINT)
};

struct rule {
    unsigned families;
    const char *takes;
};

static struct rule rule_of(const struct ipcr_op *op)
{
    switch (op->kind) {
    case IPCR_OP_SUM:
    case IPCR_OP_PROD:
        return (struct rule){ORDERED | FAMILY(COMPLEX), "integers, floating-point and complex "
                                                        "numbers"};
    case IPCR_OP_MIN:
    case IPCR_OP_MAX:
        return (struct rule){ORDERED, "integers and floating-point numbers"};
    case IPCR_OP_BAND:
    case IPCR_OP_BOR:
    case IPCR_OP_BXOR:
        return (struct rule){INTEGERS | FAMILY(BYTE), "integers and MPI_BYTE"};
    case IPCR_OP_LAND:
    case IPCR_OP_LOR:
    case IPCR_OP_LXOR:
        return (struct rule){FAMILY(C_INTEGER) | FAMILY(LOGICAL), "C integers and logical values"};
    case IPCR_OP_MINLOC:
    case IPCR_OP_MAXLOC:
        return (struct rule){FAMILY(PAIR), "pairs of a value and an index, such as MPI_DOUBLE_INT"};
    default:
        return (struct rule){0, "no datatype in a reduction; it is for one-sided communication"};
    }
}

int ipcr_op_check(const struct ipcr_op *op, const struct ipcr_type *t)
{
    if (!op->predefined)
        return MPI_SUCCESS;
    struct rule rule = rule_of(op);
    if (t->family && rule.families & 1u << t->family)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_OP, "%s is not defined on %s: it takes %s%s", op->name,
                         ipcr_type_label(t), rule.takes,
                         t->predefined ? "" : "; derived datatypes need an operation of your own");
}

/* ---- application ------------------------------------------------------------------------------
 */

/* Neither function may change its count or its handle here. */
static void call_user_c(const struct ipcr_op *op, const void *in, void *inout, size_t count,
                        const struct ipcr_type *t)
{
    MPI_Count n = (MPI_Count)count;
    MPI_Datatype handle = t->handle;
    op->user_c((void *)(uintptr_t)in, inout, &n, &handle);
}

static void call_user(const struct ipcr_op *op, const void *in, void *inout, size_t count,
                      const struct ipcr_type *t)
{
    uintptr_t from = (uintptr_t)in, to = (uintptr_t)inout;
    while (count) {
        int n = count < INT_MAX ? (int)count : INT_MAX;
        size_t step = (size_t)n * (size_t)t->extent;
        MPI_Datatype handle = t->handle;
        count -= (size_t)n;
        op->user((void *)from, (void *)to, &n, &handle);
        from += step;
        to += step;
    }
}

void ipcr_op_apply(const struct ipcr_op *op, const void *in, void *inout, size_t count,
                   const struct ipcr_type *t)
{
    if (count == 0)
        return;
    if (op->user_c)
        call_user_c(op, in, inout, count, t);
    else if (op->user)
        call_user(op, in, inout, count, t);
    else if (op->kind < IPCR_OP_KERNELS && t->basic == IPCR_PAIR_OTHER)
        ipcr_op_pairs(op->kind == IPCR_OP_MAXLOC, t, in, inout, count);
    else if (op->kind < IPCR_OP_KERNELS)
        ipcr_op_kernels[op->kind][t->basic](in, inout, count);
    else if (op->kind == IPCR_OP_REPLACE)
        ipcr_type_copy(in, count, t, inout, count, t);
}
