/* A joint copy: one large message between two ranks of a node, copied by both of them at once.
 *
 * The receiver reads the message out of the sender's memory piece by piece from the front. A sender
 * that waits in the library meanwhile writes pieces into the receiver's memory from the back, until
 * the two meet; one that computes does not notice, and the receiver does it all. So a transfer
 * never waits for the sender, and uses its core where that is idle anyway. Measured between two
 * cores: one rank alone copies 8 GB/s by system call, the two together up to twice that.
 *
 * Each rank has one of these in the node segment, because it receives one message at a time:
 *
 *   claim   generation (32 bits) | first free piece (16) | end of the free pieces (16). Both sides
 *           take pieces by compare and swap: whoever succeeds owns the piece. The generation is
 *           another for each message, so a late helper cannot take a piece of the next one.
 *   the rest  describes the message. Written before the claim is published (release), read before a
 *           piece is taken (the swap acquires); it only changes while no piece is free and none
 *           under way, so who has got a piece has read what belongs to it.
 *   done    pieces the helper has finished; the receiver waits for those that it has taken.
 *
 * Only where each rank has a core: on a crowded node the helper would run in place of the receiver
 * and the receiver would wait for it. */
#ifndef IPCR_JOINT_H
#define IPCR_JOINT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipcr_joint {
    _Atomic uint64_t claim;
    _Atomic uint32_t done, failed; /* failed: a piece of the helper's did not arrive */
    _Atomic uint32_t helper;       /* local rank of the sender */
    _Atomic uint32_t piece;        /* bytes of each but the last */
    _Atomic uint64_t from, to, len;
    char pad[64 - 48];
};
_Static_assert(sizeof(struct ipcr_joint) == 64, "a line of its own");

/* Who copies `len` bytes between an address of the other process and one of mine: 0 or a negative
 * errno. */
struct ipcr_joint_way {
    int (*copy)(void *arg, uint64_t remote, void *local, size_t len);
    void *arg;
};

/* Receiver: `mine` is its own; local rank `sender` has the message at `from`. `call` is called once
 * when there is something to help with. Returns when everything is here: 0, or the negative errno
 * of the first piece, and then nobody writes any more. */
int ipcr_joint_pull(struct ipcr_joint *mine, int sender, uint64_t from, void *to, size_t len,
                    const struct ipcr_joint_way *read, void (*call)(int sender));

/* Sender: helps the receiver that owns j as long as there are pieces for local rank `me`. */
void ipcr_joint_help(struct ipcr_joint *j, int me, const struct ipcr_joint_way *write);

/* Messages from this size are worth two. */
enum { IPCR_JOINT_MIN = 32 * 1024 };

#endif
