/* Numbers for handles: an array from number to address, and a hash table back. */
#include "handle.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST = 4096 }; /* smaller values are predefined handles, or no handle at all */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const void **address; /* [count] of number FIRST + i */
static uint32_t count, room; /* room is 0 or a power of two */
static uint32_t *slots;      /* [2 * room] index + 1 by hash of the address, 0 = free */

static uint32_t hash(const void *p)
{
    return (uint32_t)(((uintptr_t)p * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

/* The slot that holds p, or the free one where it belongs. */
static uint32_t *slot_of(const void *p)
{
    uint32_t mask = 2 * room - 1, i = hash(p) & mask;
    while (slots[i] && address[slots[i] - 1] != p)
        i = (i + 1) & mask;
    return &slots[i];
}

static int grow(void)
{
    uint32_t wider = room ? 2 * room : 64;
    const void **more = realloc(address, wider * sizeof *more);
    if (!more)
        return -1;
    address = more;
    uint32_t *fresh = calloc(2 * (size_t)wider, sizeof *fresh);
    if (!fresh)
        return -1;
    free(slots);
    slots = fresh;
    room = wider;
    for (uint32_t i = 0; i < count; i++)
        *slot_of(address[i]) = i + 1;
    return 0;
}

static int number_of(const void *p)
{
    if (count == room && grow() < 0)
        return 0;
    uint32_t *slot = slot_of(p);
    if (!*slot) {
        address[count++] = p;
        *slot = count;
    }
    return FIRST + (int)*slot - 1;
}

int ipcr_handle_toint(const void *handle)
{
    if ((uintptr_t)handle < FIRST)
        return (int)(uintptr_t)handle;
    pthread_mutex_lock(&mutex);
    int number = number_of(handle);
    pthread_mutex_unlock(&mutex);
    return number;
}

void *ipcr_handle_fromint(int number)
{
    if (number < FIRST)
        return number < 0 ? NULL : (void *)(uintptr_t)number;
    pthread_mutex_lock(&mutex);
    uint32_t i = (uint32_t)(number - FIRST);
    const void *p = i < count ? address[i] : NULL;
    pthread_mutex_unlock(&mutex);
    return (void *)(uintptr_t)p;
}

void ipcr_handle_finish(void)
{
    free(address);
    free(slots);
    address = NULL;
    slots = NULL;
    count = room = 0;
}
