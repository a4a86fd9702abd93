/* How this process was started, and by whom: one row of the table in boot.c for each way. boot.c
 * takes the first way that offers itself and passes every call of boot.h on to it.
 *
 * Members that return int give 0 or a negative errno, with the facts noted. */
#ifndef IPCR_WAY_H
#define IPCR_WAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job.h"

struct ipcr_way {
    /* Whether the environment says that the process was started like this. */
    bool (*offered)(void);
    /* Fills in the job; after a failure nothing but die() and close() is called. */
    int (*open)(struct ipcr_job *job);
    int (*exchange)(const void *mine, size_t len, const void **table, size_t *lens);
    /* Tells whoever started the ranks that the job is over. True: `text` has been passed on, too;
     * else it is for this process to print. Returns, and the process exits. */
    bool (*die)(int code, const char *text);
    /* As ipcr_boot_finding; NULL: there is nobody to tell. */
    void (*finding)(const char *call, const void *caller, const char *text);
    /* As ipcr_boot_detour; NULL: there is no such way. */
    int (*detour)(int rank, uint16_t port);
    int (*finalize)(void);
    /* As ipcr_boot_leaving; NULL: whoever started the ranks sees it by itself. */
    void (*leaving)(void);
    void (*close)(void);
};

extern const struct ipcr_way ipcr_way_agent; /* by ipcrun */
extern const struct ipcr_way ipcr_way_pmi;   /* by a launcher that speaks PMI */
extern const struct ipcr_way ipcr_way_pmix;  /* by one that speaks PMIx, if configure found it */
extern const struct ipcr_way ipcr_way_alone; /* by nobody: a world of one */

/* Notes a sentence; returns -error. */
int ipcr_way_trouble(int error, const char *what);
/* The exit status of who ends the job with `code`: as it is, but that a failure is never a 0. */
int ipcr_way_status(int code);
/* All of it into a blocking socket. False: nobody reads there any more. */
bool ipcr_way_send(int fd, const void *bytes, size_t n);

#endif
