/* Context ids: which are in use here, and one process's part in agreeing on a new one. */
#include "ctxid.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"

#define WORD_BITS   64u
#define FIRST_WORDS 16u /* 1,024 ids in the first round: its message has 136 bytes */
#define LAST_WINDOW 9u  /* windows double, so there are a million ids in all */

static uint64_t *used; /* bit = id in use; everything behind used_words is free */
static size_t used_words;
static struct ipcr_ctxid_bid *bids;
static const struct ipcr_ctxid_bid *offering; /* has the right to offer ids; NULL: nobody */

/* Window w covers the words [FIRST_WORDS * (2^w - 1), FIRST_WORDS * (2^(w+1) - 1)); where windows
 * are narrow, [FIRST_WORDS * w, FIRST_WORDS * (w + 1)). */
static size_t window_words(const struct ipcr_ctxid_bid *bid)
{
    return (size_t)FIRST_WORDS << (bid->narrow ? 0 : bid->window);
}

static size_t window_begin(const struct ipcr_ctxid_bid *bid)
{
    return bid->narrow ? (size_t)FIRST_WORDS * bid->window : window_words(bid) - FIRST_WORDS;
}

static bool is_last_window(const struct ipcr_ctxid_bid *bid)
{
    return window_begin(bid) + window_words(bid) >=
           ((size_t)FIRST_WORDS << (LAST_WINDOW + 1)) - FIRST_WORDS;
}

static void mark(uint32_t id)
{
    size_t word = id / WORD_BITS;
    if (word >= used_words) {
        size_t more = word + 1 > 2 * used_words ? word + 1 : 2 * used_words;
        uint64_t *grown = realloc(used, more * sizeof *used);
        if (!grown)
            ipcr_err_fatal("no memory for %zu context ids", more * WORD_BITS);
        memset(grown + used_words, 0, (more - used_words) * sizeof *used);
        used = grown;
        used_words = more;
    }
    used[word] |= UINT64_C(1) << id % WORD_BITS;
}

void ipcr_ctxid_begin(struct ipcr_ctxid_bid *bid, uint64_t key, bool entered)
{
    /* A process that drops out here would leave the others waiting for its words. */
    *bid = (struct ipcr_ctxid_bid){
        .key = key, .entered = entered, .count = FIRST_WORDS + 1, .next = bids};
    bid->words = malloc((FIRST_WORDS + 1) * sizeof *bid->words);
    if (!bid->words)
        ipcr_err_fatal("no memory to agree on a context id");
    bids = bid;
}

/* True if this agreement may offer now: nobody else does, and nobody here has an older claim. One
 * whose members have yet to come has none, and must not keep others from theirs. */
static bool may_offer(const struct ipcr_ctxid_bid *bid)
{
    if (offering)
        return offering == bid;
    for (const struct ipcr_ctxid_bid *b = bids; b; b = b->next)
        if (b != bid && (!bid->entered || (b->entered && b->key < bid->key)))
            return false;
    return true;
}

void ipcr_ctxid_offer(struct ipcr_ctxid_bid *bid)
{
    size_t n = window_words(bid), begin = window_begin(bid);
    bid->offers = may_offer(bid);
    if (bid->offers)
        offering = bid;
    bid->count = n + 1;
    for (size_t i = 0; i < n; i++) {
        uint64_t in_use = begin + i < used_words ? used[begin + i] : 0;
        bid->words[i] = bid->offers ? ~in_use : 0;
    }
    bid->words[n] = bid->offers ? UINT64_MAX : 0;
}

static void widen(struct ipcr_ctxid_bid *bid)
{
    bid->window++;
    if (bid->narrow)
        return;
    size_t words = window_words(bid) + 1;
    uint64_t *grown = realloc(bid->words, words * sizeof *grown);
    if (!grown)
        ipcr_err_fatal("no memory to agree on a context id");
    bid->words = grown;
}

enum ipcr_ctxid_result ipcr_ctxid_settle(struct ipcr_ctxid_bid *bid, uint32_t *ctx)
{
    size_t n = bid->count - 1;
    bool all_offered = bid->words[n] != 0;
    bid->entered = true;
    if (bid->offers)
        offering = NULL;
    if (!all_offered)
        return bid->offers ? IPCR_CTXID_AGAIN : IPCR_CTXID_BUSY;
    for (size_t i = 0; i < n; i++) {
        if (!bid->words[i])
            continue;
        uint32_t id = (uint32_t)((window_begin(bid) + i) * WORD_BITS) +
                      (uint32_t)__builtin_ctzll(bid->words[i]);
        mark(id);
        *ctx = 4 * id;
        return IPCR_CTXID_TAKEN;
    }
    if (is_last_window(bid))
        return IPCR_CTXID_NONE;
    widen(bid);
    return IPCR_CTXID_AGAIN;
}

void ipcr_ctxid_end(struct ipcr_ctxid_bid *bid)
{
    for (struct ipcr_ctxid_bid **at = &bids; *at; at = &(*at)->next) {
        if (*at == bid) {
            *at = bid->next;
            break;
        }
    }
    if (offering == bid)
        offering = NULL;
    free(bid->words);
}

void ipcr_ctxid_free(uint32_t ctx)
{
    uint32_t id = ipcr_ctxid_of(ctx);
    if (id / WORD_BITS < used_words)
        used[id / WORD_BITS] &= ~(UINT64_C(1) << id % WORD_BITS);
}

void ipcr_ctxid_init(void)
{
    mark(ipcr_ctxid_of(IPCR_CTX_WORLD));
    mark(ipcr_ctxid_of(IPCR_CTX_SELF));
}

void ipcr_ctxid_finish(void)
{
    free(used);
    used = NULL;
    used_words = 0;
    bids = NULL;
    offering = NULL;
}
