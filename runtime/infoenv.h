/* What a program may ask about its start: the content of MPI_INFO_ENV. MPI 5.0 section 11.2.1. */
#ifndef IPCR_INFOENV_H
#define IPCR_INFOENV_H

#include "info.h"

/* The kinds of memory whose addresses may be given to any call (MPI 5.0 section 11.4.3). */
#define IPCR_MEMORY_KINDS "mpi,system"

/* The smallest level of thread support that is at least what was asked for, and its name. */
int ipcr_infoenv_level(int required);
const char *ipcr_infoenv_level_name(int level);

/* Adds what is known of this process and its job, also when MPI is not running. argc words of argv
 * are the command line; 0: the kernel's. A value is cut where it is too long; without memory keys
 * are missing. */
void ipcr_infoenv_describe(struct ipcr_info *info, int argc, char **argv);

#endif
