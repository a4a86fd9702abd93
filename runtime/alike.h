/* ipcrun --check, collectives: do all ranks of a communicator call the same? Each sends a short
 * record of its call to rank 0 of the communicator, which compares it with its own one. The records
 * are messages of their own that nobody waits for, so a wrong program is told what is wrong also if
 * it hangs in that collective, and a right one does not become synchronous. */
#ifndef IPCR_ALIKE_H
#define IPCR_ALIKE_H

#include "comm.h"

struct ipcr_record {
    char call[32];   /* without _c */
    int32_t root;    /* -1: none */
    int32_t op;      /* handle of a predefined operation; -1: none, or one of the program's */
    uint32_t counts; /* a hash, where all ranks give the same array of counts */
    uint16_t mark;   /* signature.h: of what all ranks must give alike */
    uint16_t sized;  /* 0: nothing; then bytes is 0, too */
    uint64_t bytes;
};

/* This rank calls a collective on comm, which is no intercommunicator. */
void ipcr_alike(struct ipcr_comm *comm, const struct ipcr_record *mine);

/* At the end: says which records are missing, and which nobody has asked for. */
void ipcr_alike_close(void);

#endif
