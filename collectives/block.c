/* Temporary memory of collectives. Large blocks are kept for the next one: the C library would give
 * them back to the kernel each time, and fresh pages cost more than a reduction over them (halving
 * of 512 KiB between two ranks: 500 us with fresh pages, 60 us with kept ones).
 *
 * One that may travel begins half a page after the beginning of a page. Copies between processes
 * are slow where the destination lies a few bytes further into its page than the source
 * (transport/vmcopy.c), and large buffers of programs begin with a page, or 16 bytes after it if
 * they are from malloc(). */
#include <stdlib.h>

#include "run.h"

enum {
    PAGE = 4096,
    PLACED_FROM = 16 << 10, /* bytes */
    KEPT_FROM = 64 << 10,   /* bytes; smaller ones malloc() keeps itself */
    KEPT_BLOCKS = 4,        /* as many as an operation has at a time */
    KEPT_IN_ALL = 8 << 20,  /* what an idle rank may hold */
};

static struct ipcr_coll_block *kept[KEPT_BLOCKS]; /* guarded by the library lock */
static size_t kept_bytes;

/* The smallest that is large enough, unless most of it would lie idle. */
static struct ipcr_coll_block *take_kept(size_t bytes)
{
    struct ipcr_coll_block **best = NULL;
    for (int i = 0; i < KEPT_BLOCKS; i++)
        if (kept[i] && kept[i]->size >= bytes && kept[i]->size / 4 <= bytes &&
            (!best || kept[i]->size < (*best)->size))
            best = &kept[i];
    if (!best)
        return NULL;
    struct ipcr_coll_block *block = *best;
    *best = NULL;
    kept_bytes -= block->size;
    return block;
}

/* In an empty place, or in that of the smallest, which is given away. */
static bool keep(struct ipcr_coll_block *block)
{
    struct ipcr_coll_block **at = &kept[0];
    for (int i = 1; i < KEPT_BLOCKS && *at; i++)
        if (!kept[i] || kept[i]->size < (*at)->size)
            at = &kept[i];
    size_t gone = *at ? (*at)->size : 0;
    if (block->size < KEPT_FROM || block->size < gone ||
        kept_bytes - gone + block->size > KEPT_IN_ALL)
        return false;
    free(*at);
    *at = block;
    kept_bytes += block->size - gone;
    return true;
}

static struct ipcr_coll_block *make(size_t bytes)
{
    size_t head = bytes < PLACED_FROM ? sizeof(struct ipcr_coll_block) : PAGE / 2;
    size_t pages = (head + bytes + PAGE - 1) / PAGE * PAGE;
    struct ipcr_coll_block *block =
        bytes < PLACED_FROM ? malloc(head + bytes) : aligned_alloc(PAGE, pages);
    if (!block)
        ipcr_coll_no_memory(bytes);
    block->size = bytes;
    block->bytes = (char *)block + head;
    return block;
}

void *ipcr_coll_block_add(struct ipcr_coll_block **blocks, size_t bytes)
{
    struct ipcr_coll_block *block = bytes >= KEPT_FROM ? take_kept(bytes) : NULL;
    if (!block)
        block = make(bytes);
    block->next = *blocks;
    *blocks = block;
    return block->bytes;
}

void ipcr_coll_block_free(struct ipcr_coll_block *blocks)
{
    while (blocks) {
        struct ipcr_coll_block *next = blocks->next;
        if (!keep(blocks))
            free(blocks);
        blocks = next;
    }
}

/* With the process or, where the library was loaded for a while, with the library. */
static __attribute__((destructor)) void give_back(void)
{
    for (int i = 0; i < KEPT_BLOCKS; i++)
        free(kept[i]);
}
