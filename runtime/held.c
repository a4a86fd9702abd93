/* A hash table by address. */
#include "held.h"

#include <stdlib.h>

enum { LEAST = 256 };

static struct ipcr_held **bucket;
static size_t buckets, count; /* buckets: a power of two */

static struct ipcr_held **bucket_of(const void *object)
{
    uint64_t h = (uint64_t)(uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15);
    return &bucket[h >> 32 & (buckets - 1)];
}

static bool grow(void)
{
    size_t old = buckets;
    struct ipcr_held **were = bucket, **more = calloc(old ? 2 * old : LEAST, sizeof *more);
    if (!more)
        return false;
    bucket = more;
    buckets = old ? 2 * old : LEAST;
    for (size_t i = 0; i < old; i++)
        for (struct ipcr_held *h = were[i], *next; h; h = next) {
            struct ipcr_held **to = bucket_of(h->object);
            next = h->next;
            h->next = *to;
            *to = h;
        }
    free(were);
    return true;
}

struct ipcr_held *ipcr_held_find(const void *object)
{
    struct ipcr_held *h = buckets ? *bucket_of(object) : NULL;
    while (h && h->object != object)
        h = h->next;
    return h;
}

struct ipcr_held *ipcr_held_demand(const void *object, enum ipcr_held_kind kind)
{
    struct ipcr_held *h = ipcr_held_find(object);
    if (h)
        return h;
    if (count >= buckets && !grow())
        return NULL;
    h = calloc(1, sizeof *h);
    if (!h)
        return NULL;
    struct ipcr_held **to = bucket_of(object);
    *h = (struct ipcr_held){
        .next = *to, .object = object, .kind = kind, .made = ipcr_place_here(), .rival = -1};
    *to = h;
    count++;
    return h;
}

void ipcr_held_drop(const void *object)
{
    if (!buckets)
        return;
    struct ipcr_held **at = bucket_of(object), *h;
    while ((h = *at) && h->object != object)
        at = &h->next;
    if (!h)
        return;
    *at = h->next;
    free(h);
    count--;
}

void ipcr_held_each(void (*show)(const struct ipcr_held *h))
{
    for (size_t i = 0; i < buckets; i++)
        for (struct ipcr_held *h = bucket[i]; h; h = h->next)
            show(h);
}

void ipcr_held_finish(void)
{
    for (size_t i = 0; i < buckets; i++)
        for (struct ipcr_held *h = bucket[i], *next; h; h = next) {
            next = h->next;
            free(h);
        }
    free(bucket);
    bucket = NULL;
    buckets = count = 0;
}
