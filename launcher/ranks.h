/* Lists of ranks, as people write them: "0,3-5", or "all". */
#ifndef IPCR_RANKS_H
#define IPCR_RANKS_H

#include <stdbool.h>
#include <stddef.h>

/* For each of `size` ranks whether it is in the list, to be freed. NULL with a sentence. */
bool *ipcr_ranks_read(const char *list, int size, char *why, size_t room);

#endif
