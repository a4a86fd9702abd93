/* Blocks of one size that come and go in numbers: out of chunks of many, which are free together
 * once no block is in use, and go back to the system if they are many or stay unneeded. Blocks that
 * are taken one after the other from a free chunk lie one after the other. No locks. */
#ifndef IPCR_SLAB_H
#define IPCR_SLAB_H

#include <stddef.h>

struct ipcr_slab {
    size_t bytes;      /* of a block, a multiple of 16; set by the owner, the rest begins as zero */
    size_t used;       /* blocks in use */
    void *given;       /* blocks that came back, each with the address of the next */
    char *fresh, *end; /* what no block has been taken from yet, of the newest chunk */
    struct ipcr_slab_chunk *chunks, *kept; /* that have blocks in use, and that have none */
    size_t kept_bytes;
    unsigned unneeded; /* so many times all blocks have come back and these were not used */
};

/* A block with anything in it, at an address that its size divides if that is a power of two up to
 * a page; NULL if there is no memory. */
void *ipcr_slab_take(struct ipcr_slab *s);
void ipcr_slab_give(struct ipcr_slab *s, void *block);
/* Gives all chunks back, whoever may still use a block of them. */
void ipcr_slab_finish(struct ipcr_slab *s);

#endif
