/* Memory that the other ranks of the node can read: what MPI_Alloc_mem gives. MPI 5.0 section 9.2.
 *
 * Each rank has one area, made when it is first asked for: a memfd, so it has no name, leaves
 * nothing behind and is not bounded by the size of /dev/shm. It is as large as it may ever get and
 * sparse; freed blocks give their pages back. Its place and descriptor stand on the status board,
 * and a peer that is to copy a message out of it opens it through /proc, once, and maps it. That
 * needs only the right to look at the other process, where process_vm_readv needs the right to
 * trace it, which containers often refuse; and it copies without asking the kernel.
 *
 * All functions under the library lock. */
#ifndef IPCR_MEM_H
#define IPCR_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory at a multiple of `align` (a power of two): from the area if it is large enough for
 * messages that are not sent at once, and there is room; else private. NULL: no memory. */
void *ipcr_mem_alloc(size_t bytes, size_t align);
/* False: base does not come from ipcr_mem_alloc(). */
bool ipcr_mem_free(void *base);

/* Where len bytes at address `remote` of the rank with this local number can be read here. NULL:
 * they do not lie in its area, or it cannot be mapped here. */
const void *ipcr_mem_view(int local, uint64_t remote, size_t len);

/* Whether other ranks can read len bytes at `at` of this one so. */
bool ipcr_mem_is_shown(const void *at, size_t len);

void ipcr_mem_finish(void);

#endif
