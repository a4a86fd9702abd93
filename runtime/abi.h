/* What a Fortran binding has told of itself (mpi_abi.c). MPI 5.0 section 20.3. */
#ifndef IPCR_ABI_H
#define IPCR_ABI_H

/* Frees what is kept until the process ends. */
void ipcr_abi_finish(void);

#endif
