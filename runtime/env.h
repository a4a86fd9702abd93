/* Settings: one table row each in env.def (name, type, default, sentence). Read once, at MPI_Init,
 * from the environment variable IPCRUN_<NAME>; a bad value is a clear error before the job starts.
 */
#ifndef IPCR_ENV_H
#define IPCR_ENV_H

#include <stddef.h>
#include <stdint.h>

struct ipcr_env {
#define IPCR_ENV_SIZE(name, def, text) int64_t name;
#define IPCR_ENV_WORD(name, def, text) const char *name;
#include "env.def"
#include "hidden.h"
#undef IPCR_ENV_SIZE
#undef IPCR_ENV_WORD
};

extern IPCR_HIDDEN struct ipcr_env ipcr_env;

/* A number as settings have it, with k, m or g behind it, or -1. 0, or -EINVAL. */
int ipcr_env_size(const char *s, int64_t *out);

/* 0, or -EINVAL with a sentence in `why`. */
int ipcr_env_load(char *why, size_t room);

#endif
