/* Info objects: ordered lists of (key, value) strings. MPI 5.0 chapter 10. */
#ifndef IPCR_INFO_H
#define IPCR_INFO_H

#include <stddef.h>
#include <stdint.h>

#include "mpi.h"

#define IPCR_INFO_MAGIC 0x696e666fu

struct ipcr_info {
    uint32_t magic;
    int count, room;
    struct ipcr_info_pair {
        char *key, *value;
    } * pairs; /* in the order in which keys were first set */
};

extern struct ipcr_info ipcr_info_env; /* MPI_INFO_ENV: filled by MPI_Init, empty outside */

/* NULL if it is not an info object (also for MPI_INFO_NULL). */
static inline struct ipcr_info *ipcr_info_of(MPI_Info h)
{
    uintptr_t v = (uintptr_t)h;
    if (v == 0x131)
        return &ipcr_info_env;
    struct ipcr_info *i = (struct ipcr_info *)v;
    return v < 4096 || i->magic != IPCR_INFO_MAGIC ? NULL : i;
}

/* NULL: no memory. free() takes NULL, too. */
struct ipcr_info *ipcr_info_new(void);
struct ipcr_info *ipcr_info_copy(const struct ipcr_info *from);
void ipcr_info_free(struct ipcr_info *info);
/* The program gets it, and frees it. */
MPI_Info ipcr_info_hand_out(struct ipcr_info *info);
/* Empties it without freeing the object itself. */
void ipcr_info_clear(struct ipcr_info *info);
/* Empties MPI_INFO_ENV, and frees memory that freed objects still hold. */
void ipcr_info_finish(void);

/* MPI_SUCCESS or MPI_ERR_NO_MEM. Replaces an earlier value. */
int ipcr_info_set(struct ipcr_info *info, const char *key, const char *value);
/* The value, the object's; NULL: no such key. */
const char *ipcr_info_get(const struct ipcr_info *info, const char *key);
/* MPI_SUCCESS, or MPI_ERR_INFO_NOKEY with a note. */
int ipcr_info_delete(struct ipcr_info *info, const char *key);

#endif
