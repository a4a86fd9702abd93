/* The arguments of a call that packs into or unpacks from a buffer of the program's, whatever the
 * representation and the width of its integers; and the checks that all of them share. */
#ifndef IPCR_PACKING_H
#define IPCR_PACKING_H

#include "datatype.h"

struct ipcr_packing {
    const struct ipcr_type *type;
    int64_t count, size, position; /* size and position: of the packed buffer */
    size_t bytes;                  /* what the elements amount to: set by the checks */
};

/* Bytes of one element in the representation. */
typedef size_t ipcr_packing_size(const struct ipcr_type *t);

/* MPI_SUCCESS or a class with the facts noted: of type and count; and of the packed buffer, too. */
int ipcr_packing_check_type(struct ipcr_packing *p, ipcr_packing_size *size_of);
int ipcr_packing_check(struct ipcr_packing *p, ipcr_packing_size *size_of, const void *packed);

#endif
