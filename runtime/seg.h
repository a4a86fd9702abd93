/* The node segment: one memfd that the node's agent makes and every rank of the node inherits. It
 * has no name anywhere, so nothing is left behind however the job dies, and it is not bounded by
 * the size of /dev/shm. Pages are touched only when they are used: a pair of ranks that never talk
 * costs nothing.
 *
 *   | header | board rows | bell areas | joint copies | lines: slots of sets of one per rank |
 *   | long lines: the same | sheets: the same for the first slots |
 *   | rings: receiver-major, one per ordered pair | profiles |
 *
 * All offsets follow from the number of local ranks, so launcher and library need agree only on
 * IPCR_SEG_VERSION and that number. Fresh memory is all zero, and zero is a valid initial state of
 * every structure in it: no rank waits for another one to initialise anything. */
#ifndef IPCR_SEG_H
#define IPCR_SEG_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "transport/ring.h"

#define IPCR_SEG_VERSION 10u

struct ipcr_board;
struct ipcr_bell;
struct ipcr_joint;
struct ipcr_profile;

/* The header. */
struct ipcr_seg_head {
    uint32_t
        profile; /* enum ipcr_profile_wish (profile.h), or-ed; written before there are ranks */
    char pad1[60];
    _Atomic uint32_t asleep; /* ranks of the node that sleep (bell.c): a line that all read often */
    char pad2[60];
};

/* What one rank shows to all others of its node (collectives/lines.h): its own cache lines, two of
 * them because processors fetch them in pairs. What does not fit there lies in a place of its own,
 * so that what does stays close together: eight ranks that read all lines of a meeting were a tenth
 * slower when each was as long as that. Few slots are as good as many, since unrelated
 * communicators share them, and the segment of eight ranks has to fit the 64 MB that containers
 * have for it. */
enum { IPCR_SEG_SLOTS = 32, IPCR_SEG_SETS = 33, IPCR_LINE_BYTES = 120, IPCR_LINE_LONG = 1024 };
struct ipcr_line {
    _Atomic uint32_t seq; /* number of the meeting that the rest belongs to; written last */
    uint32_t size;        /* of what is shown; beyond IPCR_LINE_BYTES it is in the long place */
    char bytes[IPCR_LINE_BYTES];
};
_Static_assert(sizeof(struct ipcr_line) == 128, "no two ranks write to one cache line");
/* Bytes from one set of long places, one for each of n ranks, to the next. Without the odd pair of
 * cache lines the same rank's would all be at the same place of a page, and push each other out of
 * a core's cache. */
static inline size_t ipcr_seg_long_bytes(int n)
{
    return (size_t)n * IPCR_LINE_LONG + 128;
}

/* The same for more than a line holds. Memory that is touched only by ranks with much to show. */
enum { IPCR_SHEET_SLOTS = 4, IPCR_SHEET_SETS = 8, IPCR_SHEET_BYTES = 32 * 1024 };

/* Bytes of the segment for n ranks on a node (page-rounded). Pure arithmetic: the agent calls it
 * for ftruncate. */
size_t ipcr_seg_bytes(int n);
/* Bytes from the start to the end of the board rows: all that the agent needs to map. */
size_t ipcr_seg_board_bytes(int n);
/* Where the profile of local rank i begins: a multiple of the page size. */
size_t ipcr_seg_profile_offset(int n, int i);

struct ipcr_seg {
    char *base;
    size_t bytes;
    int n; /* local ranks */
};

extern struct ipcr_seg ipcr_seg;

/* Maps fd (or, for fd < 0, anonymous private memory for a world of one). 0 or a negative errno. */
int ipcr_seg_open(int fd, int n);
void ipcr_seg_close(void);

static inline struct ipcr_seg_head *ipcr_seg_head(void)
{
    return (struct ipcr_seg_head *)ipcr_seg.base;
}
/* Board row of local rank i in a segment mapped at base (the agent has no struct ipcr_seg). */
struct ipcr_board *ipcr_seg_board(void *base, int i);
struct ipcr_bell *ipcr_seg_bell(int i);
struct ipcr_joint *ipcr_seg_joint(int i);
/* The first line of a slot: IPCR_SEG_SETS times those of all local ranks follow each other. And the
 * first long place: as many sets, ipcr_seg_long_bytes() apart. */
struct ipcr_line *ipcr_seg_lines(int slot);
char *ipcr_seg_long_lines(int slot);
/* The first sheet of a slot, of IPCR_SHEET_SETS times those of all local ranks; NULL: it has none.
 */
char *ipcr_seg_sheets(int slot);
/* What the rings between n ranks are like. Those of few ranks have a long payload, for speed
 * (seg.c). There are n times n, and a program in which all talk to all touches every page of them:
 * all together have no more than IPCR_SEG_RINGS bytes, until they cannot get any smaller (n > 280).
 * Up to n = 40 a payload has at least 128 KiB. */
struct ipcr_ring_shape ipcr_seg_ring_shape(int n);
enum { IPCR_SEG_RINGS = 240 * 1024 * 1024 };
/* The ring that carries messages from local rank `from` to local rank `to`, for either of them. */
struct ipcr_ring_out ipcr_seg_ring_out(int to, int from);
struct ipcr_ring_in ipcr_seg_ring_in(int to, int from);
struct ipcr_profile *ipcr_seg_profile(int i);

#endif
