/* The node segment where no agent makes one: the node's lowest rank does, and hands it to the
 * others over a Unix socket in the abstract name space. Nothing has a name in a file system, and
 * the socket's name goes with the descriptor.
 *
 * Each side looks at the other one's user id, and whoever asks shows the job's secret: the names of
 * such sockets are for everybody to see. */
#ifndef IPCR_NODEMEM_H
#define IPCR_NODEMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job.h"

enum { IPCR_NODEMEM_NAME = 16 }; /* bytes for a name: the kernel draws six characters */

struct ipcr_nodemem {
    int memory; /* descriptors; -1: none */
    int door;
};

/* Makes memory for n ranks and the socket, whose name it tells. 0 or a negative errno, with nothing
 * left open. */
int ipcr_nodemem_make(struct ipcr_nodemem *m, int n, char name[IPCR_NODEMEM_NAME]);
/* Hands the memory to n ranks that know the secret, then closes the door. Strangers are turned
 * away. -ETIMEDOUT if a rank does not come. */
int ipcr_nodemem_serve(struct ipcr_nodemem *m, int n, const uint8_t secret[IPCR_SECRET_BYTES]);
void ipcr_nodemem_drop(struct ipcr_nodemem *m);
/* The other side: a descriptor of the memory, or a negative errno. */
int ipcr_nodemem_fetch(const char *name, const uint8_t secret[IPCR_SECRET_BYTES]);

#endif
