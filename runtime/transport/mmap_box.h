/* The files of the mmap transport: a rank's inbox, with a ring for every rank that may send to it,
 * and its doorbell, a named pipe. Who has a name in the directory, how the file is laid out, and
 * what of it is mapped by whom.
 *
 *     | head: struct ipcr_box | ring from rank 0 | ring from rank 1 | ...
 *
 * The file is sparse: only its head and the rings that are linked take space. All-zero memory is a
 * valid start of everything in it. */
#ifndef IPCR_MMAP_BOX_H
#define IPCR_MMAP_BOX_H

#include <stdatomic.h>
#include <stdint.h>

#include "ring.h"

/* Smaller than in the node segment: each that is linked takes space in a file system. */
#define IPCR_BOX_RING ((struct ipcr_ring_shape){IPCR_RING_MOST_ENTRIES, 128 * 1024})

struct ipcr_box {
    _Atomic uint32_t sleeping; /* 1: ring. Set by the owner, taken back by who rings */
    char pad[60];
    _Atomic uint64_t senders[]; /* bit i: rank i has linked a ring here; set once */
};

/* Where boxes lie, and how many rings each has. */
struct ipcr_boxes {
    int dir, ranks;
};

/* Words of `senders`. */
size_t ipcr_box_words(const struct ipcr_boxes *b);

/* The owner's: makes both files, maps all of its box, opens its doorbell. NULL with errno; what was
 * made is removed with the directory. */
struct ipcr_box *ipcr_box_make(const struct ipcr_boxes *b, int rank, int *bell);
/* Unmaps, closes, and takes the names away. */
void ipcr_box_remove(const struct ipcr_boxes *b, int rank, struct ipcr_box *box, int bell);
/* The ring from a rank in a box that is mapped as a whole. */
struct ipcr_ring *ipcr_box_ring(const struct ipcr_boxes *b, struct ipcr_box *box, int from);

/* Another rank's: the head of its box, and its doorbell. NULL with errno. */
struct ipcr_box *ipcr_box_meet(const struct ipcr_boxes *b, int rank, int *bell);
/* The ring to it from a rank, with space on the disk. NULL with errno. */
struct ipcr_ring *ipcr_box_map_ring(const struct ipcr_boxes *b, int rank, int from);
/* Undo these. NULL is no box, and no ring. */
void ipcr_box_leave(const struct ipcr_boxes *b, struct ipcr_box *box, int bell);
void ipcr_box_unmap_ring(struct ipcr_ring *ring);

/* 0 or a negative errno. */
int ipcr_box_knock(int bell);

#endif
