/* Predefined datatypes without a name: those that MPI_Type_create_f90_* and
 * MPI_Type_get_value_index give. MPI 5.0 sections 6.9.4 and 19.1.9.
 *
 * They are made when a program first asks for one. Who asks again with the same arguments gets the
 * same handle, as the standard wants; the program never frees them, the end of MPI does. */
#ifndef IPCR_TYPEUNNAMED_H
#define IPCR_TYPEUNNAMED_H

#include "datatype.h"

/* The type of Fortran's selected_int_kind(r), and of selected_real_kind(p, r): real or complex,
 * which one says the combiner. p or r may be MPI_UNDEFINED. MPI_ERR_ARG if there is no such kind,
 * MPI_ERR_NO_MEM. */
int ipcr_type_f90_integer(int r, struct ipcr_type **t);
int ipcr_type_f90_floating(int combiner, int p, int r, struct ipcr_type **t);

/* A pair for MPI_MINLOC and MPI_MAXLOC, laid out as C's struct of the two: a named one if there is
 * one. *pair is NULL if the two do not form a pair: the value must be an integer or a
 * floating-point number, the index an integer, both predefined. MPI_ERR_NO_MEM. */
int ipcr_type_pair(struct ipcr_type *value, struct ipcr_type *index, struct ipcr_type **pair);
/* The halves of a pair (of the family IPCR_PAIR), and where the second one begins. */
struct ipcr_pair {
    const struct ipcr_type *value, *index;
    size_t index_at;
};
struct ipcr_pair ipcr_type_pair_halves(const struct ipcr_type *pair);

/* Ends them all. */
void ipcr_type_unnamed_finish(void);

#endif
