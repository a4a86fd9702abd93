/* What every call and every fragment leaves behind, so that a hang can be explained at any time: by
 * which call of the program a thread is in the library, and how many fragments this rank has sent
 * and got. It is never switched off, so all that the fast path pays for it is in this file, where
 * bench/instructions finds it. */
#ifndef IPCR_FOOTPRINT_H
#define IPCR_FOOTPRINT_H

#include "board.h"
#include "hidden.h"
#include "wire.h"

/* The MPI call that this thread is in, and where in the program it returns to. One object: its
 * address is looked up once. */
struct ipcr_door {
    const char *call;
    const void *caller;
};
extern _Thread_local struct ipcr_door ipcr_door __attribute__((tls_model("initial-exec")));

/* Fragments that this rank has got, of all kinds, and those it has sent that begin no message of
 * the board's counts. Over all ranks of a job as many are sent as arrive when nothing is under way.
 * Guarded by the library lock. */
struct ipcr_traffic {
    uint64_t arrived, others_sent;
};
extern IPCR_HIDDEN struct ipcr_traffic ipcr_traffic;

static inline void ipcr_footprint_call(const void *caller)
{
    ipcr_door.caller = caller;
}

static inline void ipcr_footprint_arrived(void)
{
    ipcr_traffic.arrived++;
}

/* A fragment has left. An announcement is a message whose bytes come later; control messages are
 * none. */
static inline void ipcr_footprint_sent(struct ipcr_board_count *to, unsigned kind, uint64_t bytes)
{
    if (__builtin_expect(kind == IPCR_EAGER, 1)) {
        to->messages++;
        to->bytes += bytes;
    } else if (kind == IPCR_RTS) {
        to->messages++;
    } else {
        ipcr_traffic.others_sent++;
        to->bytes += kind == IPCR_DATA ? bytes : 0;
    }
}

/* All fragments that this rank has sent. */
static inline uint64_t ipcr_footprint_all_sent(const struct ipcr_board *mine)
{
    uint64_t n = ipcr_traffic.others_sent;
    for (int i = 0; i < IPCR_BOARD_TRANSPORTS; i++)
        n += mine->sent[i].messages;
    return n;
}

#endif
