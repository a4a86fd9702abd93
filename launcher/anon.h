/* Memory for processes to share that has no name, so that nothing is left of it. */
#ifndef IPCR_ANON_H
#define IPCR_ANON_H

#include <stddef.h>

/* A descriptor (close-on-exec, fd_from or above) of so many zeroed bytes, whose size cannot change
 * where the system can promise that. Negative errno: there is no way, and `why` says what was
 * tried. */
int ipcr_anon_memory(size_t bytes, int fd_from, char *why, size_t room);

#endif
