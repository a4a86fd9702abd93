/* Matching: FIFOs by key in hash tables: of receives, of messages, and of messages as those who
 * look with wildcards see them. */
#include "match.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mpi.h"
#include "slab.h"

enum { EXACT = 0, ANY_TAG = 1, ANY_SOURCE = 2, ANY_BOTH = 3, CLASSES = 4 };
enum {
    SOURCES_LOOK = 256,  /* messages looked at for other sources */
    NEAREST_LOOK = 1024, /* queues looked at for a similar message */
    LARGE = 4096         /* slots of a table that does not stay when it is empty */
};

/* Open addressing with linear probing, at most four fifths full. A search looks at the hashes,
 * which lie by themselves: with 100,000 queues they take half a megabyte and the first entries one,
 * so that both stay in the cache, where the entries do not. */
struct table {
    uint32_t *hash;            /* [mask + 1] of the key; 0: a free slot */
    struct ipcr_filed **first; /* [mask + 1] of the FIFO */
    size_t mask, used, most;   /* mask: slots - 1, a power of two; most: used since it was empty */
    size_t last;               /* where the last search ended: the next is often for the same key */
};

static uint32_t no_hash;
static struct table posted = {.hash = &no_hash}, unexpected = {.hash = &no_hash},
                    wild = {.hash = &no_hash};

/* Receives that are all for the same key need no table: most programs wait for one thing, or for a
 * window of messages from one rank. The FIFO's first one; while there is any, the table is empty.
 */
static struct ipcr_filed *alike;
static size_t alike_count;
static size_t posted_in[CLASSES]; /* in the table; so that classes without receives cost nothing */
static size_t posted_wild;        /* in all classes but EXACT */
static size_t unexpected_count;
size_t ipcr_match_waiting;
static uint64_t next_seq;

/* A message as seen with one kind of wildcards; the table `wild` has these. */
struct ipcr_wild {
    struct ipcr_filed filed;
    struct ipcr_unexpected *of;
    struct ipcr_wild *more; /* the same message, with another kind */
};

/* Kinds of wildcards under which messages are filed, and how many times the queue has become empty
 * since such a receive came and found it not empty. */
static struct {
    bool filed;
    unsigned unasked;
} kind[CLASSES];
enum { KIND_PATIENCE = 64 };

static struct ipcr_slab small_messages = {.bytes = 128}, wilds = {.bytes = 64};
_Static_assert(sizeof(struct ipcr_wild) <= 64, "fits");

/* ---- tables -----------------------------------------------------------------------------------
 */

/* The library's own receives name their source, and mostly come in the order of its messages. One
 * FIFO for all tags of a source then serves without a search, and stays where it is; each
 * collective has another tag, and a key for each would be a new one every time. */
static int32_t key_tag(uint32_t ctx, int32_t tag)
{
    return ipcr_match_is_program(ctx) ? tag : 0;
}

/* Never 0. */
static uint32_t hash(uint32_t ctx, int32_t src, int32_t tag)
{
    uint64_t h = ((uint64_t)(uint32_t)src << 32 | (uint32_t)tag) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 32 ^ ctx) * UINT64_C(0xbf58476d1ce4e5b9);
    uint32_t mixed = (uint32_t)(h >> 32);
    return mixed ? mixed : 1;
}

static bool has_key(const struct ipcr_filed *f, uint32_t ctx, int32_t src, int32_t tag)
{
    return key_tag(f->ctx, f->tag) == tag && f->src == src && f->ctx == ctx;
}

/* The slot of a key with hash h, or the free one where it belongs. */
static inline size_t slot_of(const struct table *t, uint32_t h, uint32_t ctx, int32_t src,
                             int32_t tag)
{
    size_t i = h & t->mask;
    __builtin_prefetch(&t->first[i]);
    while (t->hash[i] && !(t->hash[i] == h && has_key(t->first[i], ctx, src, tag)))
        i = (i + 1) & t->mask;
    return i;
}

/* The hash is compared first, here too: what has moved into the last slot since may be far away. */
static size_t probe(struct table *t, uint32_t ctx, int32_t src, int32_t tag)
{
    tag = key_tag(ctx, tag);
    uint32_t h = hash(ctx, src, tag);
    if (t->hash[t->last] == h && has_key(t->first[t->last], ctx, src, tag))
        return t->last;
    return t->last = slot_of(t, h, ctx, src, tag);
}

/* The first entry with a key; NULL if there is none. */
static struct ipcr_filed *front(const struct table *t, size_t slot)
{
    return t->hash[slot] ? t->first[slot] : NULL;
}

static size_t free_slot(const struct table *t, uint32_t h)
{
    size_t i = h & t->mask;
    while (t->hash[i])
        i = (i + 1) & t->mask;
    return i;
}

static void put(struct table *t, size_t slot, uint32_t h, struct ipcr_filed *first)
{
    t->hash[slot] = h;
    t->first[slot] = first;
    if (++t->used > t->most)
        t->most = t->used;
}

static void reset(struct table *t)
{
    free(t->first); /* begins the memory of both */
    *t = (struct table){.hash = &no_hash};
}

/* Doubles the slots. Entries are not looked at, so this is a walk through the table. */
static void grow(struct table *t)
{
    size_t slots = t->first ? 2 * (t->mask + 1) : 64;
    struct table fresh = {.first = calloc(slots, sizeof *t->first + sizeof *t->hash),
                          .mask = slots - 1};
    if (!fresh.first)
        ipcr_err_fatal("no memory for %zu matching queues", slots);
    fresh.hash = (uint32_t *)(fresh.first + slots);
    for (size_t i = 0; i <= t->mask; i++)
        if (t->hash[i])
            put(&fresh, free_slot(&fresh, t->hash[i]), t->hash[i], t->first[i]);
    reset(t);
    *t = fresh;
}

static void link_to(struct ipcr_filed *first, struct ipcr_filed *f)
{
    f->next = NULL;
    f->prev = first->prev;
    f->prev->next = f;
    first->prev = f;
}

/* Puts a FIFO into the table, which has none with this key: probe() has shown where it belongs. */
static void put_fifo(struct table *t, size_t slot, struct ipcr_filed *first)
{
    uint32_t h = hash(first->ctx, first->src, key_tag(first->ctx, first->tag));
    if (5 * (t->used + 1) > 4 * (t->mask + 1)) {
        grow(t);
        slot = free_slot(t, h);
    }
    put(t, slot, h, first);
}

static void append(struct table *t, struct ipcr_filed *f)
{
    size_t slot = probe(t, f->ctx, f->src, f->tag);
    struct ipcr_filed *first = front(t, slot);
    if (first) {
        link_to(first, f);
        return;
    }
    f->next = NULL;
    f->prev = f;
    put_fifo(t, slot, f);
}

/* A table is empty. If it is much larger than it had to be this time, it is given back. */
static void emptied(struct table *t)
{
    if (t->mask >= LARGE && t->most < t->mask / 8)
        reset(t);
    t->most = 0;
}

/* Frees a slot. Those behind it, up to the next free one, move forward unless that would be past
 * the place where they belong. (Knuth, The Art of Computer Programming 3, 6.4, algorithm R.) */
static void vacate(struct table *t, size_t hole)
{
    for (size_t i = (hole + 1) & t->mask; t->hash[i]; i = (i + 1) & t->mask) {
        size_t displaced = (i - t->hash[i]) & t->mask;
        if (displaced < ((i - hole) & t->mask))
            continue;
        t->hash[hole] = t->hash[i];
        t->first[hole] = t->first[i];
        hole = i;
    }
    t->hash[hole] = 0;
    if (--t->used == 0)
        emptied(t);
}

/* Takes f out of a FIFO: the first one of those that are left, or NULL. */
static struct ipcr_filed *unlink_from(struct ipcr_filed *first, struct ipcr_filed *f)
{
    if (f == first) {
        first = f->next;
        if (first)
            first->prev = f->prev;
    } else {
        f->prev->next = f->next;
        (f->next ? f->next : first)->prev = f->prev;
    }
    f->prev = NULL;
    return first;
}

/* The same with the FIFO in a slot. */
static void take(struct table *t, size_t slot, struct ipcr_filed *f)
{
    struct ipcr_filed *first = unlink_from(t->first[slot], f);
    if (first)
        t->first[slot] = first;
    else
        vacate(t, slot);
}

static void take_out(struct table *t, struct ipcr_filed *f)
{
    take(t, probe(t, f->ctx, f->src, f->tag), f);
}

/* ---- receives ---------------------------------------------------------------------------------
 */

static int class_of(int32_t src, int32_t tag)
{
    return (src == MPI_ANY_SOURCE ? ANY_SOURCE : 0) | (tag == MPI_ANY_TAG ? ANY_TAG : 0);
}

/* How many classes of receives a message of this context may belong to. */
static int classes_of(uint32_t ctx)
{
    return ipcr_match_is_program(ctx) ? CLASSES : EXACT + 1;
}

static void count(const struct ipcr_filed *f, size_t by)
{
    int c = class_of(f->src, f->tag);
    posted_in[c] += by;
    if (c != EXACT)
        posted_wild += by;
}

/* A receive for something else has come. */
static void enter_alike(void)
{
    put_fifo(&posted, probe(&posted, alike->ctx, alike->src, alike->tag), alike);
    count(alike, alike_count);
    alike = NULL;
    alike_count = 0;
}

static bool is_alike(const struct ipcr_filed *f)
{
    return alike ? has_key(alike, f->ctx, f->src, key_tag(f->ctx, f->tag)) : !posted.used;
}

void ipcr_match_post(struct ipcr_posted *p)
{
    struct ipcr_filed *f = &p->filed;
    ipcr_match_waiting++;
    p->seq = next_seq++;
    if (__builtin_expect(!is_alike(f), 0)) {
        if (alike)
            enter_alike();
        append(&posted, f);
        count(f, 1);
        return;
    }
    alike_count++;
    if (alike) {
        link_to(alike, f);
        return;
    }
    f->next = NULL;
    f->prev = f;
    alike = f;
}

static void take_alike(struct ipcr_filed *f)
{
    alike = unlink_from(alike, f);
    alike_count--;
}

void ipcr_match_unpost(struct ipcr_posted *p)
{
    ipcr_match_waiting--;
    if (alike) {
        take_alike(&p->filed);
        return;
    }
    take_out(&posted, &p->filed);
    count(&p->filed, (size_t)-1);
}

/* The first one with this tag: only in contexts of the library there may be others before it. */
static struct ipcr_filed *first_with(const struct table *t, size_t slot, int32_t tag)
{
    struct ipcr_filed *f = front(t, slot);
    while (f && f->tag != tag)
        f = f->next;
    return f;
}

static struct ipcr_posted *find_with_wildcards(uint32_t ctx, int32_t src, int32_t tag)
{
    struct ipcr_posted *best = NULL;
    size_t slot_of_best = 0;
    for (int c = EXACT; c < CLASSES; c++) {
        if (!posted_in[c])
            continue;
        size_t slot = probe(&posted, ctx, c & ANY_SOURCE ? MPI_ANY_SOURCE : src,
                            c & ANY_TAG ? MPI_ANY_TAG : tag);
        struct ipcr_posted *p = (struct ipcr_posted *)front(&posted, slot);
        if (p && (!best || p->seq < best->seq)) {
            best = p;
            slot_of_best = slot;
        }
    }
    if (best) {
        take(&posted, slot_of_best, &best->filed);
        count(&best->filed, (size_t)-1);
    }
    return best;
}

static struct ipcr_posted *find_exact(uint32_t ctx, int32_t src, int32_t tag)
{
    size_t slot = probe(&posted, ctx, src, tag);
    struct ipcr_filed *f = first_with(&posted, slot, tag);
    if (!f)
        return NULL;
    take(&posted, slot, f);
    posted_in[EXACT]--;
    return (struct ipcr_posted *)f;
}

static void fetch_slot(const struct table *t, uint32_t ctx, int32_t src, int32_t tag)
{
    size_t i = hash(ctx, src, tag) & t->mask;
    __builtin_prefetch(&t->hash[i]);
    __builtin_prefetch(&t->first[i]);
}

/* Where a message is filed for those who look with wildcards. */
static void fetch_wild_slots(uint32_t ctx, int32_t src, int32_t tag)
{
    for (int c = EXACT + 1; c < CLASSES; c++)
        if (kind[c].filed)
            fetch_slot(&wild, ctx, c & ANY_SOURCE ? MPI_ANY_SOURCE : src,
                       c & ANY_TAG ? MPI_ANY_TAG : tag);
}

void ipcr_match_fetch(uint32_t ctx, int32_t src, int32_t tag)
{
    fetch_slot(posted.used ? &posted : &unexpected, ctx, src, key_tag(ctx, tag));
    fetch_wild_slots(ctx, src, tag);
}

/* By its hash alone. */
const struct ipcr_posted *ipcr_match_likely(uint32_t ctx, int32_t src, int32_t tag)
{
    uint32_t h = hash(ctx, src, key_tag(ctx, tag));
    size_t i = h & posted.mask;
    while (posted.hash[i] && posted.hash[i] != h)
        i = (i + 1) & posted.mask;
    return (const struct ipcr_posted *)front(&posted, i);
}

/* In a context of the program all of them have the same tag, or the same wildcard. */
static struct ipcr_posted *find_alike(uint32_t ctx, int32_t src, int32_t tag)
{
    struct ipcr_filed *f = alike;
    if (f->ctx != ctx || (f->src != src && f->src != MPI_ANY_SOURCE))
        return NULL;
    while (f && f->tag != tag && f->tag != MPI_ANY_TAG)
        f = ipcr_match_is_program(ctx) ? NULL : f->next;
    if (f)
        take_alike(f);
    return (struct ipcr_posted *)f;
}

struct ipcr_posted *ipcr_match_find(uint32_t ctx, int32_t src, int32_t tag)
{
    struct ipcr_posted *p = NULL;
    if (__builtin_expect(alike != NULL, 1))
        p = find_alike(ctx, src, tag);
    else if (posted_wild && ipcr_match_is_program(ctx))
        p = find_with_wildcards(ctx, src, tag);
    else if (posted.used)
        p = find_exact(ctx, src, tag);
    ipcr_match_waiting -= p != NULL;
    return p;
}

/* ---- messages ---------------------------------------------------------------------------------
 */

static struct ipcr_unexpected *message_of(struct ipcr_filed *f)
{
    return (struct ipcr_unexpected *)f;
}

/* Files a message where receives with wildcards of class c look. */
static void file_as(struct ipcr_unexpected *u, int c)
{
    struct ipcr_wild *w = ipcr_slab_take(&wilds);
    if (!w)
        ipcr_err_fatal("no memory to find messages with wildcards");
    w->filed = (struct ipcr_filed){.ctx = u->ctx,
                                   .src = c & ANY_SOURCE ? MPI_ANY_SOURCE : u->src,
                                   .tag = c & ANY_TAG ? MPI_ANY_TAG : u->tag};
    w->of = u;
    w->more = u->wild;
    u->wild = w;
    append(&wild, &w->filed);
}

static int by_age(const void *a, const void *b)
{
    uint64_t x = (*(struct ipcr_unexpected *const *)a)->seq;
    uint64_t y = (*(struct ipcr_unexpected *const *)b)->seq;
    return (x > y) - (x < y);
}

/* The first receive with such wildcards: what waits already is filed in the order it came. */
static void file_all_as(int c)
{
    struct ipcr_unexpected **all = malloc(unexpected_count * sizeof(struct ipcr_unexpected *));
    size_t n = 0;
    if (!all)
        ipcr_err_fatal("no memory to sort %zu messages", unexpected_count);
    for (size_t i = 0; i <= unexpected.mask; i++)
        for (struct ipcr_filed *f = front(&unexpected, i); f; f = f->next)
            if (ipcr_match_is_program(f->ctx))
                all[n++] = message_of(f);
    qsort(all, n, sizeof(struct ipcr_unexpected *), by_age);
    for (size_t i = 0; i < n; i++)
        file_as(all[i], c);
    free(all);
    kind[c].filed = true;
}

static struct ipcr_unexpected *new_message(size_t len)
{
    bool small = len <= IPCR_MATCH_INSIDE;
    struct ipcr_unexpected *u = small ? ipcr_slab_take(&small_messages) : malloc(sizeof *u + len);
    return u;
}

struct ipcr_unexpected *ipcr_match_keep(const struct ipcr_unexpected *message, const void *bytes,
                                        size_t len)
{
    struct ipcr_unexpected *u = new_message(len);
    if (!u)
        return NULL;
    *u = *message;
    u->small = len <= IPCR_MATCH_INSIDE;
    u->seq = next_seq++;
    u->wild = NULL;
    if (len)
        memcpy(u->bytes, bytes, len);
    append(&unexpected, &u->filed);
    for (int c = EXACT + 1, n = classes_of(u->ctx); c < n; c++)
        if (kind[c].filed)
            file_as(u, c);
    unexpected_count++;
    ipcr_match_waiting++;
    return u;
}

void ipcr_match_free(struct ipcr_unexpected *u)
{
    if (u->small)
        ipcr_slab_give(&small_messages, u);
    else
        free(u);
}

struct ipcr_unexpected *ipcr_match_peek(uint32_t ctx, int32_t src, int32_t tag)
{
    if (!unexpected_count)
        return NULL;
    int c = class_of(src, tag);
    if (wild.used)
        fetch_wild_slots(ctx, src, tag); /* the message is probably dropped soon */
    if (c == EXACT)
        return message_of(first_with(&unexpected, probe(&unexpected, ctx, src, tag), tag));
    kind[c].unasked = 0;
    if (!kind[c].filed)
        file_all_as(c);
    struct ipcr_wild *w = (struct ipcr_wild *)front(&wild, probe(&wild, ctx, src, tag));
    return w ? w->of : NULL;
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
    int n = 0, looked = 0;
    struct ipcr_wild *w = u ? u->wild : NULL;
    while (w && !has_key(&w->filed, u->ctx, MPI_ANY_SOURCE, tag))
        w = w->more;
    for (; w && n < most && looked < SOURCES_LOOK; looked++, w = (struct ipcr_wild *)w->filed.next)
        if (!has_source(oldest, n, w->of->src))
            oldest[n++] = w->of;
    return n;
}

struct ipcr_unexpected *ipcr_match_named(uint32_t ctx, int32_t src, int32_t tag, uint64_t cookie)
{
    struct ipcr_unexpected *u = ipcr_match_peek(ctx, src, tag);
    while (u && u->cookie != cookie)
        u = message_of(u->filed.next);
    return u;
}

/* How much a message is like what a receive wants. */
static int likeness(const struct ipcr_unexpected *u, uint32_t ctx, int32_t src, int32_t tag)
{
    if (u->ctx != ctx)
        return 1;
    if (src == MPI_ANY_SOURCE || u->src == src)
        return 4;
    return tag == MPI_ANY_TAG || u->tag == tag ? 3 : 2;
}

/* Not through the keys with wildcards: to be asked about is no reason to file all messages. */
struct ipcr_unexpected *ipcr_match_nearest(uint32_t ctx, int32_t src, int32_t tag)
{
    struct ipcr_unexpected *best = NULL;
    int best_is = 0;
    size_t looked = 0;
    for (size_t i = 0; i <= unexpected.mask && looked < NEAREST_LOOK; i++) {
        struct ipcr_unexpected *u = message_of(front(&unexpected, i));
        if (!u || !ipcr_match_is_program(u->ctx))
            continue;
        looked++;
        int is = likeness(u, ctx, src, tag);
        if (is > best_is || (is == best_is && u->seq < best->seq)) {
            best = u;
            best_is = is;
        }
    }
    return best;
}

/* Nothing waits: time to forget receives of long ago. */
static void rest(void)
{
    for (int c = EXACT + 1; c < CLASSES; c++)
        if (kind[c].filed && ++kind[c].unasked > KIND_PATIENCE)
            kind[c].filed = false;
}

void ipcr_match_drop(struct ipcr_unexpected *u)
{
    ipcr_match_waiting--;
    take_out(&unexpected, &u->filed);
    for (struct ipcr_wild *w = u->wild, *more; w; w = more) {
        more = w->more;
        take_out(&wild, &w->filed);
        ipcr_slab_give(&wilds, w);
    }
    if (--unexpected_count == 0)
        rest();
}

void ipcr_match_each(void (*show)(const struct ipcr_unexpected *u))
{
    for (size_t i = 0; i <= unexpected.mask; i++)
        for (struct ipcr_filed *f = front(&unexpected, i); f; f = f->next)
            show(message_of(f));
}

void ipcr_match_finish(void)
{
    for (size_t i = 0; i <= unexpected.mask; i++)
        for (struct ipcr_filed *f = front(&unexpected, i), *next; f; f = next) {
            next = f->next;
            ipcr_match_free(message_of(f));
        }
    reset(&unexpected);
    reset(&wild);
    reset(&posted);
    ipcr_slab_finish(&small_messages);
    ipcr_slab_finish(&wilds);
    memset(kind, 0, sizeof kind);
    memset(posted_in, 0, sizeof posted_in);
    posted_wild = 0;
    alike = NULL;
    alike_count = 0;
    unexpected_count = ipcr_match_waiting = 0;
}
