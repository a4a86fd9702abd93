/* A joint copy: large messages between two ranks of a node, copied by both of them at once.
 *
 * The receiver reads the messages out of the sender's memory piece by piece from the front. A
 * sender that waits in the library meanwhile writes pieces into the receiver's memory from the
 * back, until the two meet; one that computes does not notice, and the receiver does it all. So a
 * transfer never waits for the sender, and uses its core where that is idle anyway. Measured
 * between two cores: one rank alone copies 8 GB/s by system call, the two together up to twice
 * that.
 *
 * Several messages are one row of bytes, cut into pieces wherever they end. Whoever takes pieces
 * takes half of those that are left, for each call costs 2 us before the first byte; only a
 * receiver whose sender has as much to copy for itself takes more at once: all of it, if the sender
 * is copying now.
 *
 * Each rank has one of these in the node segment, because it receives from one sender at a time:
 *
 *   claim   generation (32 bits) | first free piece (16) | end of the free pieces (16). Both sides
 *           take pieces by compare and swap: whoever succeeds owns them. The generation is another
 *           for each copy, so a late helper cannot take a piece of the next one.
 *   the rest  describes the messages. Written before the claim is published (release). `helper` is
 *           read before a piece is taken, all else after (the swap acquires); it only changes while
 *           no piece is free and none under way, so it stays as long as one has a piece.
 *   done    pieces the helper has finished; the receiver waits for those that it has taken.
 *   busy    its owner copies: a guess for others, ordered with nothing.
 *
 * Only where each rank has a core: on a crowded node the helper would run in place of the receiver
 * and the receiver would wait for it. */
#ifndef IPCR_JOINT_H
#define IPCR_JOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport.h"

struct ipcr_joint {
    _Atomic uint64_t claim;
    _Atomic uint32_t done, failed; /* failed: a piece of the helper's did not arrive */
    _Atomic uint32_t helper;       /* local rank of the sender */
    _Atomic uint32_t parts;        /* messages */
    _Atomic uint64_t piece, len;   /* bytes of each piece but the last, and of all */
    struct ipcr_joint_part {
        _Atomic uint64_t from, to, len;
    } part[IPCR_PULLS];
    _Atomic uint32_t busy;
    char pad[20];
};
_Static_assert(sizeof(struct ipcr_joint) % 64 == 0, "lines of its own");

/* What copies n parts, at most IPCR_JOINT_MOST, between the other process and mine: 0 or a negative
 * errno. */
enum { IPCR_JOINT_MOST = 2 * IPCR_PULLS };
struct ipcr_joint_way {
    int (*copy)(void *arg, const struct ipcr_pull *part, int n);
    void *arg;
};

struct ipcr_joint_task {
    int sender; /* its local rank */
    const struct ipcr_pull *part;
    int parts; /* 1 to IPCR_PULLS */
    /* The sender has so many bytes to copy for itself, and that is its own. */
    size_t theirs;
    const struct ipcr_joint *at;
};

/* Receiver: `mine` is its own. `call` is called once when there is something to help with. Returns
 * when everything is here: 0, or the negative errno of the first piece, and then nobody writes any
 * more. */
int ipcr_joint_pull(struct ipcr_joint *mine, const struct ipcr_joint_task *t,
                    const struct ipcr_joint_way *read, void (*call)(int sender));

/* Sender: helps the receiver that owns j as long as there are pieces for local rank `me`. */
void ipcr_joint_help(struct ipcr_joint *j, int me, const struct ipcr_joint_way *write);

/* So many bytes are worth two. */
enum { IPCR_JOINT_MIN = 32 * 1024 };

#endif
