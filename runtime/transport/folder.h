/* A rank's folder in the job's directory: where the file transport has what others write for it.
 * What makes it this rank's own is a random number, which it publishes and which stands in the
 * folder, too: two hosts that see different directories of one name are told apart by it. */
#ifndef IPCR_FOLDER_H
#define IPCR_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

/* Makes the empty folder of a rank: its path and its number. 0 or -errno. */
int ipcr_folder_make(const char *dir, int rank, char path[PATH_MAX], uint64_t *nonce);
/* With all that is in it. */
void ipcr_folder_remove(const char *path);
/* Is that rank's folder in `dir` the one with this number? */
bool ipcr_folder_is(const char *dir, int rank, uint64_t nonce);
/* Is it on a file system whose other hosts inotify does not hear of? */
bool ipcr_folder_is_remote(const char *path);

#endif
