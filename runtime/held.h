/* What --check remembers of each object that the program holds, and of each receive under way: a
 * table by address. Guarded by the library lock. */
#ifndef IPCR_HELD_H
#define IPCR_HELD_H

#include <stdbool.h>
#include <stdint.h>

#include "finding.h"

enum ipcr_held_kind { /* as enum ipcr_object, and one more */
                      IPCR_HELD_REQUEST,
                      IPCR_HELD_COMM,
                      IPCR_HELD_TYPE,
                      IPCR_HELD_GROUP,
                      IPCR_HELD_OP,
                      IPCR_HELD_INFO,
                      IPCR_HELD_ERRHANDLER,
                      IPCR_HELD_BLOCKING /* the receive of a blocking call */
};

struct ipcr_held {
    struct ipcr_held *next;
    const void *object;
    enum ipcr_held_kind kind;
    int handles;
    struct ipcr_place made; /* by which call */
    bool summed; /* its buffer is not the program's now, and had this sum when it ceased to */
    uint64_t sum;
    struct ipcr_place since; /* that call */
    int rival; /* a receive from any source: another rank that it could have got, or -1 */
};

/* NULL: not in the table. */
struct ipcr_held *ipcr_held_find(const void *object);
/* The one that is there, or a new one made here and now. NULL: no memory, which only costs a
 * finding. */
struct ipcr_held *ipcr_held_demand(const void *object, enum ipcr_held_kind kind);
void ipcr_held_drop(const void *object);
void ipcr_held_each(void (*show)(const struct ipcr_held *h));
void ipcr_held_finish(void);

#endif
