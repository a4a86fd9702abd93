/* Reliable bytes over datagrams (reliable.h). */
#include "reliable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gather.h"

#define WINDOW      IPCR_RELIABLE_WINDOW
#define FIRST_RTO   50000u
#define FIRST_FLY   10u /* segments under way before the first answer: RFC 6928 */
#define OVERTAKEN   3u  /* by so many: lost, and not only late */
#define ANSWER_EACH 8u  /* at the latest after so many segments, whatever else happens */

int ipcr_reliable_open(struct ipcr_reliable *r)
{
    r->out = malloc(WINDOW * r->most);
    r->in = malloc(WINDOW * r->most);
    r->rto = FIRST_RTO;
    r->allowed = FIRST_FLY;
    r->threshold = WINDOW;
    return r->out && r->in ? 0 : -ENOMEM;
}

void ipcr_reliable_close(struct ipcr_reliable *r)
{
    free(r->out);
    free(r->in);
    r->out = r->in = NULL;
}

/* ---- out ---- */

static struct ipcr_reliable_slot *slot_of(struct ipcr_reliable *r, uint64_t seq)
{
    return &r->slot[seq % WINDOW];
}

/* Never 0, which says "none". */
static uint32_t stamp_of(uint64_t now)
{
    return (uint32_t)now ? (uint32_t)now : 1;
}

/* Every segment answers what has come so far. */
static void transmit(struct ipcr_reliable *r, struct ipcr_segment s, const void *payload,
                     uint64_t now)
{
    s.ack = r->expect;
    s.sack = r->have;
    s.stamp = stamp_of(now);
    s.echo = r->heard;
    r->unanswered = 0;
    r->urgent = false;
    r->transmit(r, &s, payload);
}

static void send_slot(struct ipcr_reliable *r, uint64_t seq, uint64_t now)
{
    struct ipcr_reliable_slot *slot = slot_of(r, seq);
    slot->sent = now;
    slot->lost = false;
    r->flight++;
    transmit(r, (struct ipcr_segment){.seq = seq, .len = slot->len},
             r->out + seq % WINDOW * r->most, now);
}

static void mark_lost(struct ipcr_reliable *r, uint64_t seq)
{
    struct ipcr_reliable_slot *slot = slot_of(r, seq);
    if (slot->taken || slot->lost)
        return;
    slot->lost = true;
    r->lost++;
    r->flight--;
}

static void repair(struct ipcr_reliable *r, uint64_t now)
{
    for (uint64_t seq = r->una; r->lost && r->flight < r->allowed; seq++)
        if (slot_of(r, seq)->lost) {
            r->lost--;
            send_slot(r, seq, now);
        }
}

size_t ipcr_reliable_write(struct ipcr_reliable *r, const struct iovec *part, size_t parts,
                           uint64_t now)
{
    size_t written = 0;
    while (!r->lost && r->flight < r->allowed && r->next - r->una < WINDOW) {
        size_t n = ipcr_gather(r->out + r->next % WINDOW * r->most, r->most, part, parts, written);
        if (n == 0)
            break;
        *slot_of(r, r->next) = (struct ipcr_reliable_slot){.len = (uint32_t)n};
        send_slot(r, r->next++, now);
        written += n;
    }
    return written;
}

/* ---- answers ---- */

static uint32_t clamp(uint32_t x, uint32_t low, uint32_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* RFC 6298. Clocks of 32 bits go round in 71 minutes: what looks older than a second or two is a
 * receiver that was busy with other things, and tells nothing about the network. */
static void measure(struct ipcr_reliable *r, uint32_t echo, uint64_t now)
{
    uint32_t rtt = (uint32_t)now - echo;
    if (!echo || rtt > 2 * IPCR_RELIABLE_RTO_MAX)
        return;
    if (!r->srtt) {
        r->srtt = rtt;
        r->rttvar = rtt / 2;
    } else {
        uint32_t off = rtt > r->srtt ? rtt - r->srtt : r->srtt - rtt;
        r->rttvar = (3 * r->rttvar + off) / 4;
        r->srtt = (7 * r->srtt + rtt) / 8;
    }
    r->srtt += !r->srtt;
    r->rto = clamp(r->srtt + 4 * r->rttvar, IPCR_RELIABLE_RTO_MIN, IPCR_RELIABLE_RTO_MAX);
}

/* One more segment has come: twice as many a round trip at first, later one more. */
static void grow(struct ipcr_reliable *r)
{
    if (r->allowed >= WINDOW)
        return;
    if (r->allowed < r->threshold) {
        r->allowed++;
    } else if (++r->grown >= r->allowed) {
        r->grown = 0;
        r->allowed++;
    }
}

static void take(struct ipcr_reliable *r, uint64_t seq)
{
    struct ipcr_reliable_slot *slot = slot_of(r, seq);
    if (slot->taken)
        return;
    if (slot->lost)
        r->lost--;
    else
        r->flight--;
    slot->lost = false;
    slot->taken = true;
    grow(r);
}

/* All losses of one round trip are one crisis. */
static void shrink(struct ipcr_reliable *r, uint64_t seq, uint32_t allowed)
{
    if (seq < r->recover)
        return;
    r->recover = r->next;
    r->threshold = r->allowed / 2 > 2 ? r->allowed / 2 : 2;
    r->allowed = allowed ? allowed : r->threshold;
    r->grown = 0;
}

/* Numbers below `beyond` that have been overtaken. One that was sent again has a round trip of its
 * own before it counts as lost once more. */
static void find_overtaken(struct ipcr_reliable *r, uint64_t beyond, uint64_t now)
{
    for (uint64_t seq = r->una; seq + OVERTAKEN < beyond; seq++) {
        struct ipcr_reliable_slot *slot = slot_of(r, seq);
        if (slot->taken || slot->lost || slot->sent + r->srtt > now)
            continue;
        shrink(r, seq, 0);
        mark_lost(r, seq);
    }
}

static void take_answer(struct ipcr_reliable *r, const struct ipcr_segment *s, uint64_t now)
{
    uint64_t beyond = s->ack;
    if (s->ack > r->una || s->sack)
        measure(r, s->echo, now);
    for (; r->una < s->ack; r->una++)
        take(r, r->una);
    for (uint64_t map = s->sack; map; map &= map - 1) {
        uint64_t seq = s->ack + 1 + (unsigned)__builtin_ctzll(map);
        if (seq < r->una || seq >= r->next)
            continue;
        take(r, seq);
        beyond = seq + 1;
    }
    find_overtaken(r, beyond, now);
    repair(r, now);
}

/* ---- in ---- */

/* One number further: true if that one has come already. What was handed up counts as received
 * before it is, because the upper half may send from within, and the answer rides on that. */
static bool advance(struct ipcr_reliable *r)
{
    bool more = r->have & 1;
    r->have >>= 1;
    r->expect++;
    return more;
}

static void deliver_in_order(struct ipcr_reliable *r, const void *payload, uint32_t len)
{
    bool more = advance(r);
    r->deliver(r, payload, len);
    while (more) {
        uint64_t at = r->expect % WINDOW;
        more = advance(r);
        r->deliver(r, r->in + at * r->most, r->in_len[at]);
    }
}

static void take_payload(struct ipcr_reliable *r, const struct ipcr_segment *s, const void *payload)
{
    r->unanswered++;
    if (s->seq == r->expect) {
        r->urgent |= r->have != 0 || r->unanswered >= ANSWER_EACH;
        deliver_in_order(r, payload, s->len);
        return;
    }
    r->urgent = true;
    if (s->seq < r->expect || s->seq - r->expect >= WINDOW)
        return;
    uint64_t bit = UINT64_C(1) << (s->seq - r->expect - 1);
    if (r->have & bit)
        return;
    memcpy(r->in + s->seq % WINDOW * r->most, payload, s->len);
    r->in_len[s->seq % WINDOW] = s->len;
    r->have |= bit;
}

bool ipcr_reliable_arrive(struct ipcr_reliable *r, const struct ipcr_segment *s,
                          const void *payload, uint64_t now)
{
    if (s->len > r->most || s->ack > r->next)
        return false;
    r->heard = s->stamp;
    take_answer(r, s, now);
    r->urgent |= s->ask != 0;
    if (s->len)
        take_payload(r, s, payload);
    return true;
}

void ipcr_reliable_answer(struct ipcr_reliable *r, bool all, uint64_t now)
{
    if (r->urgent || (all && r->unanswered))
        transmit(r, (struct ipcr_segment){0}, NULL, now);
}

void ipcr_reliable_ask(struct ipcr_reliable *r, uint64_t now)
{
    transmit(r, (struct ipcr_segment){.ask = 1}, NULL, now);
}

/* ---- time ---- */

uint64_t ipcr_reliable_due(const struct ipcr_reliable *r)
{
    uint64_t oldest = UINT64_MAX;
    for (uint64_t seq = r->una; seq < r->next; seq++) {
        const struct ipcr_reliable_slot *slot = &r->slot[seq % WINDOW];
        if (!slot->taken && !slot->lost && slot->sent < oldest)
            oldest = slot->sent;
    }
    return oldest == UINT64_MAX ? oldest : oldest + r->rto;
}

void ipcr_reliable_tick(struct ipcr_reliable *r, uint64_t now)
{
    if (ipcr_reliable_due(r) > now)
        return;
    for (uint64_t seq = r->una; seq < r->next; seq++)
        if (slot_of(r, seq)->sent + r->rto <= now)
            mark_lost(r, seq);
    r->recover = 0; /* silence is a crisis of its own */
    shrink(r, r->una, 2);
    r->rto = clamp(2 * r->rto, IPCR_RELIABLE_RTO_MIN, IPCR_RELIABLE_RTO_MAX);
    repair(r, now);
}

bool ipcr_reliable_settled(const struct ipcr_reliable *r)
{
    return r->una == r->next;
}
