/* The arithmetic of predefined operations, one loop per operation and basic type. */
#ifndef IPCR_OPKERNELS_H
#define IPCR_OPKERNELS_H

#include <stddef.h>

#include "basic.h"
#include "datatype.h"

enum ipcr_op_kind {
    IPCR_OP_SUM,
    IPCR_OP_MIN,
    IPCR_OP_MAX,
    IPCR_OP_PROD,
    IPCR_OP_BAND,
    IPCR_OP_BOR,
    IPCR_OP_BXOR,
    IPCR_OP_LAND,
    IPCR_OP_LOR,
    IPCR_OP_LXOR,
    IPCR_OP_MINLOC,
    IPCR_OP_MAXLOC,
    IPCR_OP_KERNELS, /* how many have kernels */
    IPCR_OP_REPLACE = IPCR_OP_KERNELS,
    IPCR_OP_NO_OP
};

/* inout[i] = in[i] op inout[i] for n elements in a row; no overlap, any alignment. */
typedef void ipcr_op_kernel(const void *in, void *inout, size_t n);

/* NULL where there is none. Which of them the standard allows is for op.c to say: here integers
 * are integers, whether they come from C or from Fortran. */
extern ipcr_op_kernel *const ipcr_op_kernels[IPCR_OP_KERNELS][IPCR_BASICS];

/* The value of a number in IEEE half precision. */
float ipcr_op_half(ipcr_f16 h);

#endif
