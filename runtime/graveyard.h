/* Memory of freed handle objects. A program that uses a handle after freeing it makes the library
 * read the object's magic number; if the memory had gone back to malloc, that read would be wild.
 * So freed objects lie here with a wrong magic until GRAVE_REST others have followed them, and only
 * then serve as a new object. An object begins with its uint32_t magic; a graveyard holds objects
 * of one size. Called with the library lock held. */
#ifndef IPCR_GRAVEYARD_H
#define IPCR_GRAVEYARD_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { IPCR_GRAVE_REST = 64 };

struct ipcr_grave {
    uint32_t magic; /* the object's own, no longer valid */
    struct ipcr_grave *next;
};

struct ipcr_graveyard {
    struct ipcr_grave *oldest, *newest;
    int count;
};

/* Zeroed memory for an object, NULL if there is none. */
static inline void *ipcr_grave_take(struct ipcr_graveyard *yard, size_t size)
{
    struct ipcr_grave *g = yard->oldest;
    if (yard->count <= IPCR_GRAVE_REST)
        return calloc(1, size);
    yard->oldest = g->next;
    yard->count--;
    return memset(g, 0, size);
}

static inline void ipcr_grave_put(struct ipcr_graveyard *yard, void *object)
{
    struct ipcr_grave *g = object;
    g->magic = 0;
    g->next = NULL;
    if (yard->count++ == 0)
        yard->oldest = g;
    else
        yard->newest->next = g;
    yard->newest = g;
}

/* For objects of different sizes, which cannot serve again: the one that has lain longest is freed.
 */
static inline void ipcr_grave_bury(struct ipcr_graveyard *yard, void *object)
{
    struct ipcr_grave *g = yard->oldest;
    ipcr_grave_put(yard, object);
    if (yard->count <= IPCR_GRAVE_REST)
        return;
    yard->oldest = g->next;
    yard->count--;
    free(g);
}

/* At the end of the process: nobody asks for an old handle any more. */
static inline void ipcr_grave_empty(struct ipcr_graveyard *yard)
{
    while (yard->count) {
        struct ipcr_grave *g = yard->oldest;
        yard->oldest = g->next;
        yard->count--;
        free(g);
    }
}

#endif
