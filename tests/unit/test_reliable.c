/* Bytes in order over a network that loses, doubles and delays: simulated, with a clock of its own,
 * so that thousands of bad hours take a second, and each can be repeated from its seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transport/reliable.h"

enum { MOST = 200, IN_AIR = 4096 };

/* ---- the network ---- */

struct weather { /* per thousand */
    unsigned lost, doubled, late;
    uint64_t delay; /* microseconds one way; a late one takes up to nine times as long */
};

struct datagram {
    uint64_t at; /* when it arrives */
    int to;
    struct ipcr_segment s;
    unsigned char payload[MOST];
};

struct end {
    struct ipcr_reliable flow; /* first */
    uint64_t goal, written, received;
    unsigned salt;
    unsigned payloads; /* segments with a payload transmitted */
};

static struct end ends[2];
static struct datagram air[IN_AIR];
static int flying;
static uint64_t now;
static struct weather weather;
static uint32_t seed;

static uint32_t dice(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static bool chance(unsigned per_thousand)
{
    return dice() % 1000 < per_thousand;
}

static unsigned char byte_at(unsigned salt, uint64_t i)
{
    return (unsigned char)(i * 131 + (i >> 8) * 7 + salt);
}

static void launch(int to, const struct ipcr_segment *s, const void *payload)
{
    if (chance(weather.lost) || flying == IN_AIR)
        return;
    struct datagram *d = &air[flying++];
    d->at = now + weather.delay;
    if (chance(weather.late))
        d->at += dice() % (8 * weather.delay + 1);
    d->to = to;
    d->s = *s;
    if (s->len)
        memcpy(d->payload, payload, s->len);
}

static void transmit(struct ipcr_reliable *r, const struct ipcr_segment *s, const void *payload)
{
    struct end *e = (struct end *)r;
    int to = e == &ends[0];
    e->payloads += s->len > 0;
    launch(to, s, payload);
    if (chance(weather.doubled))
        launch(to, s, payload);
}

static void deliver(struct ipcr_reliable *r, const void *bytes, size_t len)
{
    struct end *e = (struct end *)r;
    const unsigned char *b = bytes;
    unsigned salt = ends[e == &ends[0]].salt;
    for (size_t i = 0; i < len; i++)
        if (b[i] != byte_at(salt, e->received + i))
            fail_msg("byte %llu is wrong", (unsigned long long)(e->received + i));
    e->received += len;
}

static void begin(uint32_t the_seed, struct weather w, uint64_t clock)
{
    seed = the_seed * 2654435761u + 1;
    weather = w;
    now = clock;
    flying = 0;
    for (int i = 0; i < 2; i++) {
        ends[i] = (struct end){.salt = (unsigned)i * 77};
        ends[i].flow.transmit = transmit;
        ends[i].flow.deliver = deliver;
        ends[i].flow.most = MOST;
        assert_int_equal(ipcr_reliable_open(&ends[i].flow), 0);
    }
}

static void end(void)
{
    for (int i = 0; i < 2; i++)
        ipcr_reliable_close(&ends[i].flow);
}

/* ---- what the ends do ---- */

/* In two parts, as a stream writes header and payload. */
static void write_some(struct end *e)
{
    unsigned char bytes[3 * MOST];
    size_t n = 1 + dice() % sizeof bytes, head = dice() % (n + 1);
    if (n > e->goal - e->written)
        n = e->goal - e->written, head = n / 2;
    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(e->salt, e->written + i);
    struct iovec part[2] = {{bytes, head}, {bytes + head, n - head}};
    e->written += ipcr_reliable_write(&e->flow, part, 2, now);
}

static void land(void)
{
    for (int i = 0; i < flying;)
        if (air[i].at <= now) {
            struct datagram d = air[i];
            air[i] = air[--flying];
            assert_true(ipcr_reliable_arrive(&ends[d.to].flow, &d.s, d.payload, now));
        } else {
            i++;
        }
}

static bool done(void)
{
    for (int i = 0; i < 2; i++)
        if (ends[i].written < ends[i].goal || !ipcr_reliable_settled(&ends[i].flow) ||
            ends[i].received < ends[!i].goal)
            return false;
    return true;
}

static void look(struct end *e)
{
    ipcr_reliable_answer(&e->flow, true, now);
    ipcr_reliable_tick(&e->flow, now);
    if (e->written < e->goal)
        write_some(e);
    ipcr_reliable_answer(&e->flow, false, now);
}

/* Time goes on from event to event. */
static void pass_time(void)
{
    uint64_t next = now + 20000;
    for (int i = 0; i < flying; i++)
        if (air[i].at < next)
            next = air[i].at;
    for (int i = 0; i < 2; i++)
        if (ipcr_reliable_due(&ends[i].flow) < next)
            next = ipcr_reliable_due(&ends[i].flow);
    now = next > now ? next : now + 1;
}

static void run(uint64_t most_seconds)
{
    for (uint64_t begin = now; !done(); pass_time()) {
        if (now - begin > most_seconds * 1000000)
            fail_msg("not done after %llu s", (unsigned long long)most_seconds);
        land();
        for (int i = 0; i < 2; i++)
            look(&ends[i]);
    }
    assert_int_equal(ends[0].received, ends[1].goal);
    assert_int_equal(ends[1].received, ends[0].goal);
}

/* ---- tests ---- */

static void test_good_weather(void **state)
{
    (void)state;
    for (uint32_t s = 1; s <= 20; s++) {
        begin(s, (struct weather){.delay = 100}, s * 1000);
        ends[0].goal = 100000;
        run(30);
        /* Nothing is sent twice: 1 to 3 segments for each write. */
        assert_int_equal(ends[0].payloads, ends[0].flow.next);
        end();
    }
}

static void test_bad_weather(void **state)
{
    static const struct weather kinds[] = {
        {.lost = 50, .delay = 200},
        {.doubled = 200, .delay = 200},
        {.late = 300, .delay = 200},
        {.lost = 50, .doubled = 50, .late = 50, .delay = 1000},
        {.lost = 300, .doubled = 100, .late = 300, .delay = 3000},
    };
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (uint32_t s = 1; s <= 200; s++) {
            begin(s, kinds[k], s * 12345);
            ends[0].goal = 60000;
            ends[1].goal = s % 3 ? 20000 : 0;
            run(1000);
            end();
        }
}

/* 5 % loss must cost some time, not most of it. */
static void test_loss_is_repaired_quickly(void **state)
{
    uint64_t took = 0;
    (void)state;
    for (uint32_t s = 1; s <= 50; s++) {
        begin(s, (struct weather){.lost = 50, .delay = 200}, 1);
        ends[0].goal = 200000;
        run(100);
        took += now;
        assert_true(ends[0].payloads < ends[0].flow.next * 5 / 4);
        end();
    }
    assert_true(took / 50 < 1500000); /* 1500 segments; without losses a tenth of it */
}

/* The clock of 32 bits that goes over the wire passes zero. */
static void test_stamps_wrap(void **state)
{
    (void)state;
    begin(5, (struct weather){.lost = 50, .delay = 200}, UINT64_C(0xffffffff) - 20000);
    ends[0].goal = ends[1].goal = 200000;
    run(100);
    assert_true(now > UINT32_MAX);
    end();
}

/* Nobody answers: fewer and fewer attempts, and all arrives when somebody does. */
static void test_silence(void **state)
{
    (void)state;
    begin(1, (struct weather){.lost = 1000, .delay = 100}, 1);
    ends[0].goal = 5 * MOST;
    while (now < 60000000) {
        look(&ends[0]);
        pass_time();
    }
    assert_true(ends[0].payloads >= 50 && ends[0].payloads < 200);
    weather.lost = 0;
    uint64_t begin_ = now;
    run(10);
    assert_true(now - begin_ < 2 * IPCR_RELIABLE_RTO_MAX);
    end();
}

/* A receiver that hears nothing keeps what has not been answered within bounds. */
static void test_window(void **state)
{
    (void)state;
    begin(1, (struct weather){.lost = 1000, .delay = 100}, 1);
    ends[0].goal = 1000000;
    for (int i = 0; i < 5000; i++) {
        look(&ends[0]);
        assert_true(ends[0].flow.next - ends[0].flow.una <= IPCR_RELIABLE_WINDOW);
        pass_time();
    }
    end();
}

static void test_nonsense_is_refused(void **state)
{
    struct ipcr_segment s = {.seq = 0, .len = MOST + 1};
    (void)state;
    begin(1, (struct weather){.delay = 1}, 1);
    assert_false(ipcr_reliable_arrive(&ends[0].flow, &s, NULL, now));
    s = (struct ipcr_segment){.ack = 1};
    assert_false(ipcr_reliable_arrive(&ends[0].flow, &s, NULL, now));
    /* Beyond the window, and answers about what was never sent. */
    unsigned char byte = byte_at(77, 0);
    s = (struct ipcr_segment){.seq = IPCR_RELIABLE_WINDOW, .len = 1, .sack = UINT64_MAX};
    assert_true(ipcr_reliable_arrive(&ends[0].flow, &s, &byte, now));
    assert_int_equal(ends[0].flow.have, 0);
    s.seq = 0;
    assert_true(ipcr_reliable_arrive(&ends[0].flow, &s, &byte, now));
    assert_int_equal(ends[0].received, 1);
    assert_true(ipcr_reliable_settled(&ends[0].flow));
    end();
}

/* An answer waits for a segment to ride on, but not when something is missing. */
static void test_answers(void **state)
{
    unsigned char bytes[3] = {byte_at(77, 0), byte_at(77, 1), byte_at(77, 2)};
    struct ipcr_segment s = {.seq = 0, .len = 1};
    (void)state;
    begin(1, (struct weather){.delay = 1}, 1);
    ipcr_reliable_arrive(&ends[0].flow, &s, bytes, now);
    ipcr_reliable_answer(&ends[0].flow, false, now);
    assert_int_equal(flying, 0);
    ipcr_reliable_answer(&ends[0].flow, true, now);
    assert_int_equal(flying, 1);
    ipcr_reliable_answer(&ends[0].flow, true, now);
    assert_int_equal(flying, 1);
    s.seq = 2;
    ipcr_reliable_arrive(&ends[0].flow, &s, bytes + 2, now);
    ipcr_reliable_answer(&ends[0].flow, false, now);
    assert_int_equal(flying, 2);
    assert_int_equal(air[1].s.ack, 1);
    assert_int_equal(air[1].s.sack, 1);
    s.seq = 1;
    ipcr_reliable_arrive(&ends[0].flow, &s, bytes + 1, now);
    assert_int_equal(ends[0].received, 3);
    ipcr_reliable_ask(&ends[1].flow, now);
    assert_int_equal(air[2].s.ask, 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_weather),
        cmocka_unit_test(test_bad_weather),
        cmocka_unit_test(test_loss_is_repaired_quickly),
        cmocka_unit_test(test_stamps_wrap),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_nonsense_is_refused),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
