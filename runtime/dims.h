/* Balanced grids. MPI 5.0 section 8.5.2. A pure function. */
#ifndef IPCR_DIMS_H
#define IPCR_DIMS_H

/* Writes n > 0 as a product of `count` factors that do not increase: the largest one is as small as
 * it can be, then the second largest, and so on. (So they are as close to each other as divisors of
 * n allow: making the largest smaller can only bring the others up to it.) */
void ipcr_dims_balance(int n, int count, int *factors);

#endif
