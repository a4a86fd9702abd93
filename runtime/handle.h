/* Handles as integers: MPI_x_toint and MPI_x_fromint, for Fortran and for programs that keep
 * handles in tables. MPI 5.0 section 20.4.
 *
 * Predefined handles keep their ABI value, which is below 4096. An object gets the next number when
 * it is first asked for one, and keeps it as long as something lies at its address; a new object
 * at that address inherits the number. So objects need not know that they have one, and the table
 * grows with the addresses in use, not with the calls. Has a lock of its own: these calls are
 * legal at any time. */
#ifndef IPCR_HANDLE_H
#define IPCR_HANDLE_H

/* 0 when there is no memory. */
int ipcr_handle_toint(const void *handle);
/* NULL for a number that was never given out. */
void *ipcr_handle_fromint(int number);

void ipcr_handle_finish(void);

#endif
