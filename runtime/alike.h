/* ipcrun --check, collectives: do all ranks of a communicator call the same? Each sends a short
 * record of its call to rank 0 of the communicator, which compares it with its own one; on an
 * intercommunicator to rank 0 of the other side, so that each side judges the other. Where each
 * pair of ranks has a size of its own, who gives also sends a record to who takes.
 *
 * The records are messages of their own that nobody waits for, so a wrong program is told what is
 * wrong also if it hangs in that collective, and a right one does not become synchronous. */
#ifndef IPCR_ALIKE_H
#define IPCR_ALIKE_H

#include "comm.h"

struct ipcr_share {
    uint64_t bytes;
    uint16_t mark;  /* signature.h */
    uint16_t sized; /* 0: nothing of that kind; then the rest is 0, too */
};

struct ipcr_record {
    char call[32];   /* without _c */
    int32_t root;    /* IPCR_NO_ROOT: none */
    int32_t op;      /* handle of a predefined operation; -1: none, or one of the program's */
    uint32_t counts; /* a hash, where all ranks give the same array of counts */
    uint32_t number; /* of the call on the communicator */
    struct ipcr_share same;  /* what all ranks must give alike */
    struct ipcr_share gives; /* to the other rank, on an intercommunicator to each of the others */
    struct ipcr_share takes;
};
enum { IPCR_NO_ROOT = -100 }; /* no rank, nor any of the constants */

/* This rank calls a collective on comm. */
void ipcr_alike(struct ipcr_comm *comm, const struct ipcr_record *mine);
/* It gives something to rank `to` in a call in which that calls ipcr_alike_take(), or would if it
 * made no mistake; and the other way round. What one of them does in vain is forgotten: that they
 * do not call the same is found above. */
void ipcr_alike_give(struct ipcr_comm *comm, int to, const struct ipcr_record *mine);
void ipcr_alike_take(struct ipcr_comm *comm, int from, const struct ipcr_record *mine);

struct ipcr_share ipcr_share_of(const struct ipcr_type *type, uint64_t bytes);
/* Whether a block may be received as another one; what is not sized fits. */
bool ipcr_shares_fit(struct ipcr_share gives, struct ipcr_share takes);
enum { IPCR_SHARE_WORDS = MPI_MAX_OBJECT_NAME + 40 };
void ipcr_share_words(struct ipcr_share s, char text[IPCR_SHARE_WORDS]);

/* At the end: says which records are missing, and which nobody has asked for. */
void ipcr_alike_close(void);

#endif
