/* What a rank of this node waits for, as its row of the status board and the kernel tell it. */
#ifndef IPCR_WAITS_H
#define IPCR_WAITS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "board.h"

struct ipcr_rank;

struct ipcr_wait {
    uint32_t gen; /* of the record: another one means that the rank was awake in between */
    int64_t since_ms;
    int peer, tag;
    uint64_t sent, arrived;   /* fragments, in all */
    uint32_t parked, waiters; /* as on the board */
    uint32_t ctx, size;       /* of the communicator; size 0: none */
    uint32_t kind;            /* enum ipcr_board_kind; the others' tags are the library's own */
    uint64_t caller, members; /* addresses in the rank, as on the board */
    int32_t near_source, near_tag;
    char call[IPCR_BOARD_CALL], comm[IPCR_BOARD_COMM], near_comm[IPCR_BOARD_NEAR];
    char several[IPCR_BOARD_SEVERAL];
};

struct ipcr_board *ipcr_waits_row(const struct ipcr_rank *r);
/* False if the rank does not sleep, or changed its record while it was copied: then it is alive. */
bool ipcr_waits_read(const struct ipcr_rank *r, struct ipcr_wait *w);
/* Has the rank slept on since w was read? */
bool ipcr_waits_still(const struct ipcr_rank *r, const struct ipcr_wait *w);
/* A rank that was woken and has waited for a core since, or was stopped, looks on the board as if
 * it still slept. The kernel knows better: how many threads it has if all of them sleep, else 0. */
int ipcr_waits_sleepers(pid_t pid);
/* The world ranks of the communicator's group, w->size of them, to be freed. NULL: the system does
 * not let us read the rank's memory, or the rank does not sleep on. */
int *ipcr_waits_members(const struct ipcr_rank *r, const struct ipcr_wait *w);

#endif
