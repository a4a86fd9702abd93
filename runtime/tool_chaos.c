/* --chaos: see tool_chaos.h. */
#include "tool_chaos.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "decide.h"
#include "env.h"
#include "err.h"
#include "job.h"
#include "lock.h"
#include "p2p.h"
#include "peer.h"
#include "progress.h"

/* Races need one rank or pair to be slow for a while, not everybody to be a little slow all the
 * time. So each has moods that last for some calls or fragments, and hurries in most of them. */
enum {
    MOOD_CALLS = 64,
    MOOD_FRAGMENTS = 16,
    SLOW_MOODS = 4,        /* one in so many */
    DAWDLES = 4,           /* in a slow mood: at one call in so many */
    DAWDLE_NS = 400000,    /* for at most so long */
    SHORT_HOLD_NS = 60000, /* a fragment, in any mood */
    LONG_HOLD_NS = 4000000,
    DENIALS = 4,        /* one question in so many is answered no without need, */
    DENIALS_IN_ROW = 3, /* and so many one after the other at most */
};

/* What a number is drawn for; pairs come behind, a stream for each peer. */
enum stream { CALL_MOOD, CALL, CHOICE, DENIAL, STREAMS };

struct held {
    struct held *next;
    uint64_t due_ns;
    struct ipcr_wire hdr;
    size_t len;
    unsigned char bytes[];
};

struct pair {
    uint64_t fragments; /* so many have come */
    struct held *head, **tail;
};

static struct {
    bool on;
    uint64_t key;
    uint64_t calls, choices, denials;
    int denied;         /* in a row */
    struct pair *pairs; /* [job.size] */
    uint64_t held;
    bool delivering;
} chaos;

/* ---- drawing ----------------------------------------------------------------------------------
 */

/* The finalizer of splitmix64: neighbouring numbers become unrelated ones. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t draw(uint64_t stream, uint64_t n)
{
    return mix(mix(chaos.key + stream) + n);
}

/* Two uses of one number: whether, and how much. */
static bool is_one_in(uint64_t drawn, uint32_t n)
{
    return (drawn & 0xffffffff) % n == 0;
}

static uint64_t share_of(uint64_t drawn, uint64_t most)
{
    return (drawn >> 32) * most >> 32;
}

uint32_t ipcr_chaos_choose(uint32_t n)
{
    if (!chaos.on || n < 2)
        return 0;
    return (uint32_t)share_of(draw(CHOICE, chaos.choices++), n);
}

bool ipcr_chaos_denies(void)
{
    if (!chaos.on)
        return false;
    bool no = is_one_in(draw(DENIAL, chaos.denials++), DENIALS) && chaos.denied < DENIALS_IN_ROW;
    chaos.denied = no ? chaos.denied + 1 : 0;
    return no;
}

/* ---- calls ------------------------------------------------------------------------------------
 */

static void enter(const char *call, const void *caller)
{
    (void)call, (void)caller;
    uint64_t n = chaos.calls++, drawn = draw(CALL, n);
    if (!is_one_in(draw(CALL_MOOD, n / MOOD_CALLS), SLOW_MOODS) || !is_one_in(drawn, DAWDLES))
        return;
    struct timespec nap = {.tv_nsec = (long)share_of(drawn, DAWDLE_NS)};
    unsigned depth = ipcr_lock_pause();
    nanosleep(&nap, NULL);
    ipcr_lock_resume(depth);
}

/* ---- arrivals ---------------------------------------------------------------------------------
 */

/* For how long the next fragment of a pair is held; what a message consists of follows it. */
static uint64_t hold_ns(struct pair *pair, int rank)
{
    uint64_t stream = STREAMS + 2 * (uint64_t)rank, n = pair->fragments++, drawn = draw(stream, n);
    if (is_one_in(draw(stream + 1, n / MOOD_FRAGMENTS), SLOW_MOODS))
        return share_of(drawn, LONG_HOLD_NS);
    return is_one_in(drawn, 2) ? share_of(drawn, SHORT_HOLD_NS) : 0;
}

static void deliver(struct pair *pair, struct ipcr_peer *peer)
{
    struct held *h = pair->head;
    pair->head = h->next;
    if (!pair->head)
        pair->tail = &pair->head;
    chaos.held--;
    ipcr_p2p_deliver(peer, &h->hdr, h->bytes, h->len);
    free(h);
}

/* What comes in while this runs (what is delivered may send, and a send may poll) is queued up. */
static int release(uint64_t until_ns)
{
    int n = 0;
    chaos.delivering = true;
    for (int r = 0; r < ipcr_job.size && chaos.held; r++)
        for (; chaos.pairs[r].head && chaos.pairs[r].head->due_ns <= until_ns; n++)
            deliver(&chaos.pairs[r], &ipcr_peers[r]);
    chaos.delivering = false;
    return n;
}

/* As long as anything is held the rank must not sleep: to hold counts as work. So that it does not
 * keep others from their core either, it hands that on. */
int ipcr_chaos_release(void)
{
    if (!chaos.held)
        return 0;
    int n = release(ipcr_clock_ns());
    if (n == 0)
        sched_yield();
    return n + (chaos.held > 0);
}

bool ipcr_chaos_hold(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len)
{
    struct pair *pair = &chaos.pairs[peer->rank];
    uint64_t ns = hdr->kind == IPCR_DATA ? 0 : hold_ns(pair, peer->rank);
    if (!ns && !pair->head && !chaos.delivering)
        return false;
    struct held *h = malloc(sizeof *h + len);
    if (!h)
        ipcr_err_fatal("--chaos: no memory to hold %zu bytes from rank %d back", len, peer->rank);
    *h = (struct held){.due_ns = ipcr_clock_ns() + ns, .hdr = *hdr, .len = len};
    if (len)
        memcpy(h->bytes, bytes, len);
    *pair->tail = h;
    pair->tail = &h->next;
    if (chaos.held++ == 0)
        ipcr_progress_notify(NULL); /* a thread that sleeps already has to see to it */
    return true;
}

/* ---- life -------------------------------------------------------------------------------------
 */

static bool begin(void)
{
    if (ipcr_env.chaos <= 0)
        return false;
    chaos.pairs = calloc((size_t)ipcr_job.size, sizeof *chaos.pairs);
    if (!chaos.pairs)
        ipcr_err_fatal("--chaos: no memory for %d peers", ipcr_job.size);
    for (int r = 0; r < ipcr_job.size; r++)
        chaos.pairs[r].tail = &chaos.pairs[r].head;
    chaos.key = mix(mix((uint64_t)ipcr_env.chaos) + (uint64_t)ipcr_job.rank);
    chaos.on = true;
    ipcr_decided |= IPCR_DECIDE_CHAOS;
    return true;
}

/* Nothing is held any more when the others may go. */
static void end(void)
{
    release(UINT64_MAX);
    ipcr_decided &= ~(unsigned)IPCR_DECIDE_CHAOS;
    free(chaos.pairs);
    memset(&chaos, 0, sizeof chaos);
}

const struct ipcr_observer ipcr_tool_chaos = {
    .name = "chaos",
    .open = begin,
    .close = end,
    .enter = enter,
};
