/* MPI_MINLOC and MPI_MAXLOC on pairs of any two basic types (MPI 5.0 section 6.9.4). The pairs that
 * have names have kernels of their own (opkernels.h). */
#ifndef IPCR_OPPAIRS_H
#define IPCR_OPPAIRS_H

#include "datatype.h"

/* inout[i] = the better of in[i] and inout[i] for n elements of t, a pair; of pairs with equal
 * values the one with the lower index. `greatest`: the greater value is the better one. */
void ipcr_op_pairs(bool greatest, const struct ipcr_type *t, const void *in, void *inout, size_t n);

#endif
