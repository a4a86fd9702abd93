/* The control protocol: head (ipcrun) <-> agent (one per host) <-> ranks. This header is the only
 * place that knows how a message looks on the wire; the head and agents (launcher/) and the rank's
 * side (runtime/boot_agent.c) share it, so it is self-contained.
 *
 * A stream begins with a hello (agent to head only: magic and version, so that greetings of login
 * shells in front of it can be skipped). After that, frames:
 *
 *     u32 length of the body | u16 type | u16 mark (IPCR_FRAME_MARK) | body
 *
 * Integers are little-endian whatever the hosts are. A text is u32 length, bytes, NUL (the NUL is
 * counted); a blob is u32 length, bytes. Readers check every length against what is left and turn
 * `bad` instead of reading on: bodies may come from a broken or hostile peer. */
#ifndef IPCR_PROTO_H
#define IPCR_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define IPCR_PROTO_VERSION 7u
#define IPCR_PROTO_MAGIC   "\211IPCRUN\n" /* 8 bytes; no text begins like this */
#define IPCR_MAGIC_BYTES   8
#define IPCR_HELLO_BYTES   (IPCR_MAGIC_BYTES + 4)
#define IPCR_FRAME_MARK    0x4950u
#define IPCR_FRAME_BYTES   8
#define IPCR_FRAME_MAX     (256u << 20) /* largest body that a receiver accepts */
#define IPCR_BLOB_MAX      4096u        /* largest contribution to an exchange */
#define IPCR_SECRET_LEN    32
#define IPCR_WINDOW        (1u << 20) /* output bytes an agent may have under way to the head */

enum ipcr_msg {
    /* agent -> head */
    IPCR_MSG_READY = 1,  /* text host, i32 cores, i32 pid of the agent */
    IPCR_MSG_REFUSED,    /* i32 exit status, text: this host cannot start its ranks, and why */
    IPCR_MSG_OUTPUT,     /* u32 rank, u8 stream (1, 2), blob */
    IPCR_MSG_JOINED,     /* u32 rank: the first of this host has called MPI_Init */
    IPCR_MSG_BLOBS,      /* u32 n, then n times (u32 rank, blob): all of this host contributed */
    IPCR_MSG_ABORT,      /* u32 rank, i32 pid, i32 code, text */
    IPCR_MSG_EXITED,     /* struct ipcr_exit, below */
    IPCR_MSG_STUCK,      /* u32 rank, i32 pid, text: waits for a rank that is gone */
    IPCR_MSG_TAKEN,      /* u32: so many bytes of stdin were handed to rank 0 */
    IPCR_MSG_STDIN_SHUT, /* rank 0 reads no more */
    IPCR_MSG_COUNTS,     /* u32 rank, u32 n, n times (text transport, u64 messages, u64 bytes) */
    IPCR_MSG_DRAINED,    /* all ranks of this host are gone and all their output was sent */
    IPCR_MSG_LEAVING,    /* u32 n, n times (u32 rank, u8 enum ipcr_leaving); also head -> agent */
    IPCR_MSG_PONG,       /* nothing: alive */
    IPCR_MSG_QUIET, /* u32 n, n times struct ipcr_sleeper (sleeper.h): the ranks of this host, all
                       of which sleep in MPI or are past it; n = 0: not so any more */
    IPCR_MSG_CONFIRMED, /* u32 round, u8: 1 if none was awake since the QUIET */
    IPCR_MSG_STATES,    /* as QUIET, of all ranks of this host whatever they do */
    IPCR_MSG_BOUND,     /* text: a picture of the host with its ranks on it (--report-bindings) */
    IPCR_MSG_STATS,     /* struct ipcr_stats_rank (stats.h): a rank's profile at its end */
    IPCR_MSG_FOUND,     /* u32 rank, text call, text place (or empty), text: of --check */
    IPCR_MSG_TRACE,     /* u32 rank, u32 n, n times (text: its next MPI function), blob: events as
                           they lie in memory (runtime/profile.h) */
    IPCR_MSG_CLOCKED,   /* u64 of the CLOCK, u64 the agent's clock in ns */
    IPCR_MSG_DETOUR,    /* detour.h: between ranks of two hosts; also head -> agent */

    /* head -> agent */
    IPCR_MSG_LAUNCH = 32, /* u32 IPCR_PROTO_VERSION, plan.h */
    IPCR_MSG_STDIN,       /* blob; an empty one is the end of file */
    IPCR_MSG_CREDIT,      /* u32: so many bytes of output have left the head */
    IPCR_MSG_SIGNAL,      /* i32 signal for all ranks */
    IPCR_MSG_END,         /* i32 signal, u32 grace in ms, u8 flags (enum ipcr_end): end the ranks,
                             with SIGKILL after the grace */
    IPCR_MSG_PING,        /* nothing */
    IPCR_MSG_CONFIRM,     /* u32 round: do they all still sleep? */
    IPCR_MSG_SHOW,        /* nothing: what do your ranks do? */
    IPCR_MSG_TYPED,       /* u32 rank, blob: for its terminal */
    IPCR_MSG_CLOCK,       /* u64: what time is it there? */
    IPCR_MSG_SWEEP, /* text id, text directory, i32 pid of the agent: instead of LAUNCH. An agent
                       and its guard were killed there: end what carries that job's name, and go */

    /* rank -> agent */
    IPCR_MSG_PUT = 64,  /* blob: my contribution to an exchange */
    IPCR_MSG_DIE,       /* i32 code, text: end the job */
    IPCR_MSG_FINALIZED, /* nothing: from now on any exit is ordinary */
    IPCR_MSG_FINDING,   /* u64 address, text call, text: --check has found a mistake */
    IPCR_MSG_CALL,      /* u32 rank, u16 port where it listens, and with this frame a connected
                           socket: connect it with that rank, whose host cannot be reached */

    /* agent -> rank (TABLE: head -> agent as well) */
    IPCR_MSG_WELCOME = 96, /* struct ipcr_welcome, below */
    IPCR_MSG_TABLE,        /* u32 n, then n blobs in rank order */
    IPCR_MSG_USED,         /* text: instead of WELCOME for a second MPI program in one rank */
    IPCR_MSG_NOTED,        /* nothing: a FINDING has been looked up, the process may end */

    /* another ipcrun <-> head (visit.h) */
    IPCR_MSG_VISIT = 128, /* nothing: what does the job do? */
    IPCR_MSG_JOB          /* text id, text command, u64 ms, u32 n, n times text host, u32 n, n times
                           * (u32 host, struct ipcr_sleeper) */
};

enum ipcr_leaving {
    IPCR_STAYS = 0,
    IPCR_LEAVES = 1, /* in MPI_Finalize: starts no message but those of leaving together */
    IPCR_LEFT = 2    /* past MPI_Finalize, or ended */
};

enum ipcr_end {
    IPCR_END_SPARE = 1, /* only those that are not in MPI_Finalize or past it */
    IPCR_END_HASTE = 2, /* do not wait long for a reader of their output */
};

/* Between hosts, silence means that the other one is gone: pings come at this interval, and their
 * absence is believed after the patience, when the head looks next. What was cut off is so known
 * after 13 s at most, and nobody works on for 15 s. */
enum { IPCR_PING_MS = 3000, IPCR_PATIENCE_MS = 10000 };

/* ---- writing: a growable buffer; without memory it turns `bad` and swallows the rest ---- */

struct ipcr_buf {
    uint8_t *data;
    size_t len, cap;
    bool bad;
};

static inline uint8_t *ipcr_buf_room(struct ipcr_buf *b, size_t n)
{
    if (b->bad || n > SIZE_MAX / 4 - b->len) {
        b->bad = true;
        return NULL;
    }
    if (b->len + n > b->cap) {
        size_t cap = b->cap ? b->cap : 256;
        while (cap < b->len + n)
            cap *= 2;
        uint8_t *p = (uint8_t *)realloc(b->data, cap);
        if (!p) {
            b->bad = true;
            return NULL;
        }
        b->data = p;
        b->cap = cap;
    }
    return b->data + b->len;
}

static inline void ipcr_put_raw(struct ipcr_buf *b, const void *bytes, size_t n)
{
    uint8_t *to = ipcr_buf_room(b, n);
    if (to && n) {
        memcpy(to, bytes, n);
        b->len += n;
    }
}

static inline void ipcr_put_int(struct ipcr_buf *b, uint64_t v, int bytes)
{
    uint8_t le[8];
    for (int i = 0; i < bytes; i++)
        le[i] = (uint8_t)(v >> (8 * i));
    ipcr_put_raw(b, le, (size_t)bytes);
}

static inline void ipcr_put_u8(struct ipcr_buf *b, uint8_t v)
{
    ipcr_put_int(b, v, 1);
}
static inline void ipcr_put_u16(struct ipcr_buf *b, uint16_t v)
{
    ipcr_put_int(b, v, 2);
}
static inline void ipcr_put_u32(struct ipcr_buf *b, uint32_t v)
{
    ipcr_put_int(b, v, 4);
}
static inline void ipcr_put_i32(struct ipcr_buf *b, int32_t v)
{
    ipcr_put_int(b, (uint32_t)v, 4);
}
static inline void ipcr_put_u64(struct ipcr_buf *b, uint64_t v)
{
    ipcr_put_int(b, v, 8);
}
static inline void ipcr_put_blob(struct ipcr_buf *b, const void *bytes, size_t n)
{
    ipcr_put_u32(b, (uint32_t)n);
    ipcr_put_raw(b, bytes, n);
}
static inline void ipcr_put_text(struct ipcr_buf *b, const char *text)
{
    ipcr_put_blob(b, text ? text : "", text ? strlen(text) + 1 : 1);
}

/* Leaves room for a frame header and remembers where; end() fills it in. Frames do not nest. */
static inline size_t ipcr_frame_begin(struct ipcr_buf *b, uint16_t type)
{
    size_t at = b->len;
    ipcr_put_u32(b, 0);
    ipcr_put_u16(b, type);
    ipcr_put_u16(b, IPCR_FRAME_MARK);
    return at;
}
static inline void ipcr_frame_end(struct ipcr_buf *b, size_t at)
{
    if (b->bad)
        return;
    size_t body = b->len - at - IPCR_FRAME_BYTES;
    if (body > IPCR_FRAME_MAX) {
        b->bad = true;
        return;
    }
    for (int i = 0; i < 4; i++)
        b->data[at + (size_t)i] = (uint8_t)(body >> (8 * i));
}

/* ---- reading: every getter checks; after a failure all of them return 0, NULL or "" ---- */

struct ipcr_reader {
    const uint8_t *at;
    size_t left;
    bool bad;
};

static inline const uint8_t *ipcr_get_raw(struct ipcr_reader *r, size_t n)
{
    if (r->bad || n > r->left) {
        r->bad = true;
        return NULL;
    }
    const uint8_t *p = r->at;
    r->at += n;
    r->left -= n;
    return p;
}

static inline uint64_t ipcr_get_int(struct ipcr_reader *r, int bytes)
{
    const uint8_t *p = ipcr_get_raw(r, (size_t)bytes);
    uint64_t v = 0;
    for (int i = 0; p && i < bytes; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static inline uint8_t ipcr_get_u8(struct ipcr_reader *r)
{
    return (uint8_t)ipcr_get_int(r, 1);
}
static inline uint16_t ipcr_get_u16(struct ipcr_reader *r)
{
    return (uint16_t)ipcr_get_int(r, 2);
}
static inline uint32_t ipcr_get_u32(struct ipcr_reader *r)
{
    return (uint32_t)ipcr_get_int(r, 4);
}
static inline int32_t ipcr_get_i32(struct ipcr_reader *r)
{
    return (int32_t)ipcr_get_u32(r);
}
static inline uint64_t ipcr_get_u64(struct ipcr_reader *r)
{
    return ipcr_get_int(r, 8);
}
static inline const void *ipcr_get_blob(struct ipcr_reader *r, size_t *n)
{
    *n = ipcr_get_u32(r);
    const uint8_t *p = ipcr_get_raw(r, *n);
    if (!p)
        *n = 0;
    return p;
}
/* The text lies in the frame: valid as long as that is. Embedded NULs are refused. */
static inline const char *ipcr_get_text(struct ipcr_reader *r)
{
    size_t n;
    const char *p = (const char *)ipcr_get_blob(r, &n);
    if (!p || n == 0 || memchr(p, 0, n) != p + n - 1) {
        r->bad = true;
        return "";
    }
    return p;
}
/* How many items of at least `bytes` bytes each may follow; more than fit makes the reader bad, so
 * a count from the wire never sizes an allocation beyond what was really received. */
static inline uint32_t ipcr_get_count(struct ipcr_reader *r, size_t bytes)
{
    uint32_t n = ipcr_get_u32(r);
    if (n > r->left / bytes) {
        r->bad = true;
        return 0;
    }
    return n;
}

/* Looks at the beginning of received bytes. 1: a whole frame; its body is in *body and it takes
 * *taken bytes. 0: more is needed. -1: this is not our protocol. */
static inline int ipcr_frame_next(const uint8_t *p, size_t n, uint16_t *type,
                                  struct ipcr_reader *body, size_t *taken)
{
    struct ipcr_reader head = {p, n, false};
    if (n < IPCR_FRAME_BYTES)
        return 0;
    size_t len = ipcr_get_u32(&head);
    *type = ipcr_get_u16(&head);
    if (ipcr_get_u16(&head) != IPCR_FRAME_MARK || len > IPCR_FRAME_MAX)
        return -1;
    if (head.left < len)
        return 0;
    *body = (struct ipcr_reader){head.at, len, false};
    *taken = IPCR_FRAME_BYTES + len;
    return 1;
}

/* ---- what a rank learns before it starts ---- */

struct ipcr_welcome {
    int32_t rank, size, node, nodes, local_rank, local_size;
    int32_t appnum, universe, cores, seg_fd;
    const char *id, *host, *dir;
    const uint8_t *secret; /* IPCR_SECRET_LEN bytes */
    int32_t channels;      /* 0 or local_size */
    /* pairs of numbers, for the writer; the reader has NULL, see ipcr_get_welcome() */
    const int *node_of, *local_of; /* [size] */
    const int *in_fd, *out_fd;     /* [channels] */
};

static inline void ipcr_put_welcome(struct ipcr_buf *b, const struct ipcr_welcome *w)
{
    const int32_t head[] = {w->rank,       w->size,       w->node,    w->nodes,
                            w->local_rank, w->local_size, w->appnum,  w->universe,
                            w->cores,      w->seg_fd,     w->channels};
    size_t at = ipcr_frame_begin(b, IPCR_MSG_WELCOME);
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        ipcr_put_i32(b, head[i]);
    ipcr_put_text(b, w->id);
    ipcr_put_text(b, w->host);
    ipcr_put_text(b, w->dir);
    ipcr_put_raw(b, w->secret, IPCR_SECRET_LEN);
    for (int i = 0; i < w->size; i++) {
        ipcr_put_i32(b, w->node_of[i]);
        ipcr_put_i32(b, w->local_of[i]);
    }
    for (int i = 0; i < w->channels; i++) {
        ipcr_put_i32(b, w->in_fd[i]);
        ipcr_put_i32(b, w->out_fd[i]);
    }
    ipcr_frame_end(b, at);
}

/* Fills *w (texts and secret point into the frame) and leaves the reader at the tables: w->size
 * pairs of i32 (node, local rank) and w->channels pairs (descriptor in, out), which are known to be
 * there. False if the message is malformed. */
static inline bool ipcr_get_welcome(struct ipcr_reader *r, struct ipcr_welcome *w)
{
    int32_t *const head[] = {&w->rank,       &w->size,       &w->node,    &w->nodes,
                             &w->local_rank, &w->local_size, &w->appnum,  &w->universe,
                             &w->cores,      &w->seg_fd,     &w->channels};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        *head[i] = ipcr_get_i32(r);
    w->id = ipcr_get_text(r);
    w->host = ipcr_get_text(r);
    w->dir = ipcr_get_text(r);
    w->secret = ipcr_get_raw(r, IPCR_SECRET_LEN);
    w->node_of = w->local_of = w->in_fd = w->out_fd = NULL;
    return !r->bad && w->size > 0 && w->rank >= 0 && w->rank < w->size && w->nodes > 0 &&
           w->node >= 0 && w->node < w->nodes && w->local_size > 0 && w->local_rank >= 0 &&
           w->local_rank < w->local_size && (w->channels == 0 || w->channels == w->local_size) &&
           r->left == ((size_t)w->size + (size_t)w->channels) * 8;
}

/* ---- how a rank ended ---- */

struct ipcr_exit {
    uint32_t rank;
    int32_t pid;
    int32_t status; /* as waitpid() gives it */
    uint8_t phase;  /* enum ipcr_phase (board.h) of its board row at that moment */
    uint8_t joined; /* it had called MPI_Init */
    uint8_t ended;  /* the agent had been told to end it, or had ended it itself */
};

static inline void ipcr_put_exit(struct ipcr_buf *b, const struct ipcr_exit *e)
{
    size_t at = ipcr_frame_begin(b, IPCR_MSG_EXITED);
    ipcr_put_u32(b, e->rank);
    ipcr_put_i32(b, e->pid);
    ipcr_put_i32(b, e->status);
    ipcr_put_u8(b, e->phase);
    ipcr_put_u8(b, e->joined);
    ipcr_put_u8(b, e->ended);
    ipcr_frame_end(b, at);
}

static inline bool ipcr_get_exit(struct ipcr_reader *r, struct ipcr_exit *e)
{
    e->rank = ipcr_get_u32(r);
    e->pid = ipcr_get_i32(r);
    e->status = ipcr_get_i32(r);
    e->phase = ipcr_get_u8(r);
    e->joined = ipcr_get_u8(r);
    e->ended = ipcr_get_u8(r);
    return !r->bad;
}

#endif
