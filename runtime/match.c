/* Matching: FIFOs by key in two hash tables, one for receives, one for messages. */
#include "match.h"

#include <stdlib.h>

#include "err.h"
#include "mpi.h"

/* Entries with one key, in the order they came. An empty FIFO stays in its table, because the next
 * message with the same key is likely; the empty ones are swept out when the table would grow. */
struct ipcr_fifo {
    struct ipcr_fifo *chain;
    uint32_t ctx;
    int32_t src, tag; /* wildcards are values like others */
    void *head, *tail;
};

struct table {
    struct ipcr_fifo **bucket;
    size_t buckets, fifos; /* buckets: a power of two, 0 before the first use */
    struct ipcr_fifo *last;
};

enum { EXACT = 0, ANY_TAG = 1, ANY_SOURCE = 2, ANY_BOTH = 3, CLASSES = 4 };
enum { SOURCES_LOOK = 256 }; /* messages looked at for other sources */

static struct table posted, unexpected;
static size_t posted_in[CLASSES]; /* so that classes without receives cost nothing */
static size_t unexpected_count;
static uint64_t next_seq;

static int class_of(int32_t src, int32_t tag)
{
    return (src == MPI_ANY_SOURCE ? ANY_SOURCE : 0) | (tag == MPI_ANY_TAG ? ANY_TAG : 0);
}

/* The library's own receives name their source, and mostly come in the order of its messages. One
 * FIFO for all tags of a source then serves without a search, and stays where it is; each
 * collective has another tag, and a key for each would be a new one every time. */
static int32_t key_tag(uint32_t ctx, int32_t tag)
{
    return ipcr_match_is_program(ctx) ? tag : 0;
}

/* How many classes of receives a message of this context may belong to. */
static int classes_of(uint32_t ctx)
{
    return ipcr_match_is_program(ctx) ? CLASSES : EXACT + 1;
}

static size_t hash(uint32_t ctx, int32_t src, int32_t tag)
{
    uint64_t h = ((uint64_t)ctx << 32 | (uint32_t)src) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ (h >> 29) ^ (uint32_t)tag) * UINT64_C(0xbf58476d1ce4e5b9);
    return (size_t)(h ^ (h >> 32));
}

static bool has_key(const struct ipcr_fifo *f, uint32_t ctx, int32_t src, int32_t tag)
{
    return f->tag == tag && f->src == src && f->ctx == ctx;
}

static struct ipcr_fifo *lookup(struct table *t, uint32_t ctx, int32_t src, int32_t tag)
{
    if (t->last && has_key(t->last, ctx, src, tag))
        return t->last;
    if (!t->buckets)
        return NULL;
    struct ipcr_fifo *f = t->bucket[hash(ctx, src, tag) & (t->buckets - 1)];
    while (f && !has_key(f, ctx, src, tag))
        f = f->chain;
    if (f)
        t->last = f;
    return f;
}

/* Moves the FIFOs that hold something to a new array of buckets, and frees the others. */
static void rehash(struct table *t, size_t buckets)
{
    struct ipcr_fifo **fresh = calloc(buckets, sizeof *fresh);
    if (!fresh)
        ipcr_err_fatal("no memory for %zu matching buckets", buckets);
    t->fifos = 0;
    t->last = NULL;
    for (size_t i = 0; i < t->buckets; i++) {
        for (struct ipcr_fifo *f = t->bucket[i], *next; f; f = next) {
            next = f->chain;
            if (!f->head) {
                free(f);
                continue;
            }
            size_t at = hash(f->ctx, f->src, f->tag) & (buckets - 1);
            f->chain = fresh[at];
            fresh[at] = f;
            t->fifos++;
        }
    }
    free(t->bucket);
    t->bucket = fresh;
    t->buckets = buckets;
}

static size_t live_fifos(const struct table *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->buckets; i++)
        for (const struct ipcr_fifo *f = t->bucket[i]; f; f = f->chain)
            n += f->head != NULL;
    return n;
}

static struct ipcr_fifo *add(struct table *t, uint32_t ctx, int32_t src, int32_t tag)
{
    if (t->fifos >= t->buckets) {
        size_t want = t->buckets ? t->buckets : 64;
        rehash(t, live_fifos(t) * 2 > want ? want * 2 : want);
    }
    struct ipcr_fifo *f = calloc(1, sizeof *f);
    if (!f)
        ipcr_err_fatal("no memory for a matching queue");
    struct ipcr_fifo **bucket = &t->bucket[hash(ctx, src, tag) & (t->buckets - 1)];
    f->chain = *bucket;
    *bucket = f;
    t->fifos++;
    return f;
}

/* The FIFO for a key, made if need be: out of an empty one in the same bucket (collectives use a
 * new tag each, so keys come and go), else a new one. A sweep costs as much as the inserts since
 * the last one. */
static struct ipcr_fifo *demand(struct table *t, uint32_t ctx, int32_t src, int32_t tag)
{
    struct ipcr_fifo *f = NULL, *empty = NULL;
    if (t->last && has_key(t->last, ctx, src, tag))
        return t->last;
    if (t->buckets)
        f = t->bucket[hash(ctx, src, tag) & (t->buckets - 1)];
    for (; f && !has_key(f, ctx, src, tag); f = f->chain)
        if (!f->head)
            empty = f;
    if (!f) {
        f = empty ? empty : add(t, ctx, src, tag);
        f->ctx = ctx;
        f->src = src;
        f->tag = tag;
    }
    t->last = f;
    return f;
}

void ipcr_match_post(struct ipcr_posted *p)
{
    struct ipcr_fifo *f = demand(&posted, p->ctx, p->src, key_tag(p->ctx, p->tag));
    p->fifo = f;
    p->seq = next_seq++;
    p->next = NULL;
    p->prev = f->tail;
    if (p->prev)
        p->prev->next = p;
    else
        f->head = p;
    f->tail = p;
    posted_in[class_of(p->src, p->tag)]++;
}

void ipcr_match_unpost(struct ipcr_posted *p)
{
    struct ipcr_fifo *f = p->fifo;
    if (p->prev)
        p->prev->next = p->next;
    else
        f->head = p->next;
    if (p->next)
        p->next->prev = p->prev;
    else
        f->tail = p->prev;
    p->fifo = NULL;
    posted_in[class_of(p->src, p->tag)]--;
}

static struct ipcr_posted *first_posted(uint32_t ctx, int32_t src, int32_t tag)
{
    const struct ipcr_fifo *f = lookup(&posted, ctx, src, key_tag(ctx, tag));
    struct ipcr_posted *p = f ? f->head : NULL;
    while (p && p->tag != tag) /* in a context of the library */
        p = p->next;
    return p;
}

struct ipcr_posted *ipcr_match_find(uint32_t ctx, int32_t src, int32_t tag)
{
    struct ipcr_posted *best = NULL;
    for (int c = EXACT, n = classes_of(ctx); c < n; c++) {
        if (!posted_in[c])
            continue;
        struct ipcr_posted *p = first_posted(ctx, c & ANY_SOURCE ? MPI_ANY_SOURCE : src,
                                             c & ANY_TAG ? MPI_ANY_TAG : tag);
        if (p && (!best || p->seq < best->seq))
            best = p;
    }
    if (best)
        ipcr_match_unpost(best);
    return best;
}

void ipcr_match_keep(struct ipcr_unexpected *u)
{
    for (int c = EXACT, n = classes_of(u->ctx); c < n; c++) {
        struct ipcr_fifo *f = demand(&unexpected, u->ctx, c & ANY_SOURCE ? MPI_ANY_SOURCE : u->src,
                                     c & ANY_TAG ? MPI_ANY_TAG : key_tag(u->ctx, u->tag));
        struct ipcr_unexpected_link *l = &u->link[c];
        l->fifo = f;
        l->next = NULL;
        l->prev = f->tail;
        if (l->prev)
            l->prev->link[c].next = u;
        else
            f->head = u;
        f->tail = u;
    }
    unexpected_count++;
}

struct ipcr_unexpected *ipcr_match_peek(uint32_t ctx, int32_t src, int32_t tag)
{
    if (!unexpected_count)
        return NULL;
    const struct ipcr_fifo *f = lookup(&unexpected, ctx, src, key_tag(ctx, tag));
    struct ipcr_unexpected *u = f ? f->head : NULL;
    while (u && u->tag != tag && !ipcr_match_is_program(ctx))
        u = u->link[EXACT].next;
    return u;
}

static bool has_source(struct ipcr_unexpected **list, int n, int32_t src)
{
    while (n-- > 0)
        if (list[n]->src == src)
            return true;
    return false;
}

int ipcr_match_sources(struct ipcr_unexpected *u, int32_t tag, struct ipcr_unexpected **oldest,
                       int most)
{
    int n = 0, c = class_of(MPI_ANY_SOURCE, tag);
    for (int looked = 0; u && n < most && looked < SOURCES_LOOK; looked++, u = u->link[c].next)
        if (!has_source(oldest, n, u->src))
            oldest[n++] = u;
    return n;
}

struct ipcr_unexpected *ipcr_match_named(uint32_t ctx, int32_t src, int32_t tag, uint64_t cookie)
{
    struct ipcr_unexpected *u = ipcr_match_peek(ctx, src, tag);
    while (u && u->cookie != cookie)
        u = u->link[EXACT].next;
    return u;
}

static struct ipcr_unexpected *any_of_program(void)
{
    for (size_t i = 0; unexpected_count && i < unexpected.buckets; i++)
        for (const struct ipcr_fifo *f = unexpected.bucket[i]; f; f = f->chain)
            if (f->head && ipcr_match_is_program(f->ctx) && class_of(f->src, f->tag) == ANY_BOTH)
                return f->head;
    return NULL;
}

struct ipcr_unexpected *ipcr_match_nearest(uint32_t ctx, int32_t src, int32_t tag)
{
    struct ipcr_unexpected *u = ipcr_match_peek(ctx, src, MPI_ANY_TAG);
    if (!u)
        u = ipcr_match_peek(ctx, MPI_ANY_SOURCE, tag);
    if (!u)
        u = ipcr_match_peek(ctx, MPI_ANY_SOURCE, MPI_ANY_TAG);
    return u ? u : any_of_program();
}

void ipcr_match_drop(struct ipcr_unexpected *u)
{
    for (int c = EXACT, n = classes_of(u->ctx); c < n; c++) {
        struct ipcr_unexpected_link *l = &u->link[c];
        struct ipcr_fifo *f = l->fifo;
        if (l->prev)
            l->prev->link[c].next = l->next;
        else
            f->head = l->next;
        if (l->next)
            l->next->link[c].prev = l->prev;
        else
            f->tail = l->prev;
    }
    unexpected_count--;
}

void ipcr_match_each(void (*show)(const struct ipcr_unexpected *u))
{
    for (size_t i = 0; i < unexpected.buckets; i++)
        for (const struct ipcr_fifo *f = unexpected.bucket[i]; f; f = f->chain) {
            const struct ipcr_unexpected *u =
                class_of(f->src, f->tag) == EXACT ? f->head : NULL; /* each once */
            for (; u; u = u->link[EXACT].next)
                show(u);
        }
}

static void clear(struct table *t)
{
    for (size_t i = 0; i < t->buckets; i++) {
        for (struct ipcr_fifo *f = t->bucket[i], *next; f; f = next) {
            next = f->chain;
            free(f);
        }
    }
    free(t->bucket);
    *t = (struct table){0};
}

void ipcr_match_finish(void (*free_unexpected)(struct ipcr_unexpected *))
{
    for (size_t i = 0; i < unexpected.buckets; i++) {
        for (struct ipcr_fifo *f = unexpected.bucket[i]; f; f = f->chain) {
            if (class_of(f->src, f->tag) != EXACT)
                continue;
            for (struct ipcr_unexpected *u = f->head; u;) {
                struct ipcr_unexpected *next = u->link[EXACT].next;
                free_unexpected(u);
                u = next;
            }
        }
    }
    clear(&unexpected);
    clear(&posted);
    for (int c = 0; c < CLASSES; c++)
        posted_in[c] = 0;
    unexpected_count = 0;
}
