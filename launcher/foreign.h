/* Programs that are linked with another MPI. Under ipcrun their ranks would not meet: each would be
 * a world of one, and compute the same result. */
#ifndef IPCR_FOREIGN_H
#define IPCR_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

struct ipcr_foreign {
    const char *mpi;  /* its name, for people */
    char library[64]; /* what the program wants of it */
};

/* Whether the file says so. Only what it names itself counts: not what its libraries want, or what
 * a script starts. A file that makes no sense is no such program. */
bool ipcr_foreign_look(int dir_fd, const char *path, struct ipcr_foreign *f);

#endif
