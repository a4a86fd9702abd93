/* The ring: order, contents and limits in one thread, and a producer against a consumer. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seg.h"
#include "transport/ring.h"

#define SHAPE IPCR_RING_LARGEST
enum { FRAG = IPCR_RING_FRAG(IPCR_RING_MOST_PAYLOAD) };

static unsigned char pattern(uint64_t n, size_t i)
{
    return (unsigned char)(n * 131 + i * 7);
}

static bool put(struct ipcr_ring_out *out, uint64_t n, size_t len)
{
    unsigned char *dst = ipcr_ring_reserve(out, len);
    if (!dst)
        return false;
    for (size_t i = 0; i < len; i++)
        dst[i] = pattern(n, i);
    struct ipcr_wire hdr = {.kind = IPCR_EAGER, .cookie = n};
    ipcr_ring_publish(out, &hdr, len);
    return true;
}

/* Reads the next entry if there is one and checks that it is message n of `len` bytes. */
static bool get(struct ipcr_ring_in *in, uint64_t n, size_t len)
{
    struct ipcr_ring_entry *e = ipcr_ring_peek(in);
    if (!e)
        return false;
    assert_int_equal(e->hdr.cookie, n);
    assert_int_equal(e->len, len);
    const unsigned char *bytes = ipcr_ring_bytes(in, e);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes[i], pattern(n, i));
    ipcr_ring_consume(in, e);
    return true;
}

static size_t size_of_message(uint64_t n)
{
    static const size_t edges[] = {0, 1, 8, 31, 32, 33, 64, 100, 4096, FRAG - 1, FRAG};
    return edges[(n * 2654435761u >> 7) % (sizeof edges / sizeof *edges)];
}

static struct ipcr_ring *new_ring(struct ipcr_ring_shape shape)
{
    struct ipcr_ring *ring = aligned_alloc(64, ipcr_ring_size(shape));
    assert_non_null(ring);
    memset(ring, 0, ipcr_ring_size(shape));
    return ring;
}

static void test_empty_and_full(void **state)
{
    (void)state;
    struct ipcr_ring *ring = new_ring(SHAPE);
    struct ipcr_ring_out out = {.ring = ring, .shape = SHAPE};
    struct ipcr_ring_in in = {.ring = ring, .shape = SHAPE};
    assert_null(ipcr_ring_peek(&in));
    for (uint64_t n = 0; n < SHAPE.entries; n++)
        assert_true(put(&out, n, 8));
    assert_false(put(&out, SHAPE.entries, 8));
    assert_true(get(&in, 0, 8));
    assert_true(put(&out, SHAPE.entries, 8));
    assert_false(put(&out, 0, 8));
    free(ring);
}

static void test_payload_is_bounded(void **state)
{
    (void)state;
    struct ipcr_ring *ring = new_ring(SHAPE);
    struct ipcr_ring_out out = {.ring = ring, .shape = SHAPE};
    struct ipcr_ring_in in = {.ring = ring, .shape = SHAPE};
    uint64_t n = 0;
    while (put(&out, n, FRAG))
        n++;
    assert_int_equal(n, SHAPE.payload / FRAG);
    assert_true(put(&out, n, 4)); /* inline messages need no payload room */
    assert_true(get(&in, 0, FRAG));
    assert_true(put(&out, n + 1, FRAG));
    free(ring);
}

/* Sizes around every limit, with the counters starting just before they wrap round 2^32. */
static void wrap(struct ipcr_ring_shape shape)
{
    struct ipcr_ring *ring = new_ring(shape);
    size_t most = shape.payload / 2;
    uint32_t start = UINT32_MAX - 300, bytes = UINT32_MAX - 200000;
    bytes -= bytes % 64;
    struct ipcr_ring_out out = {
        .ring = ring, .shape = shape, .next = start, .taken = start, .freed = bytes, .pos = bytes};
    struct ipcr_ring_in in = {.ring = ring, .shape = shape, .next = start};
    atomic_store(&ring->taken, start);
    atomic_store(&ring->freed, bytes);
    uint64_t sent = 0, got = 0;
    srand(3);
    while (got < 20000) {
        for (int burst = rand() % 40;
             burst > 0 && put(&out, sent, size_of_message(sent) % (most + 1)); burst--)
            sent++;
        for (int burst = rand() % 40; burst > 0 && get(&in, got, size_of_message(got) % (most + 1));
             burst--)
            got++;
    }
    free(ring);
}

static void test_wraps(void **state)
{
    (void)state;
    wrap(SHAPE);
    wrap((struct ipcr_ring_shape){16, 2048});
    wrap((struct ipcr_ring_shape){32, 8192});
}

/* Whatever went before, a message of half the payload fits into an empty ring. */
static void test_half_fits(void **state)
{
    (void)state;
    struct ipcr_ring_shape shape = {16, 2048};
    struct ipcr_ring *ring = new_ring(shape);
    struct ipcr_ring_out out = {.ring = ring, .shape = shape};
    struct ipcr_ring_in in = {.ring = ring, .shape = shape};
    for (uint64_t n = 0; n < 200; n += 2) {
        size_t before = 33 + n * 7 % 900;
        assert_true(put(&out, n, before));
        assert_true(get(&in, n, before));
        assert_true(put(&out, n + 1, shape.payload / 2));
        assert_true(get(&in, n + 1, shape.payload / 2));
    }
    free(ring);
}

/* However many ranks a node has, all rings together stay below their limit. */
static void test_shapes(void **state)
{
    (void)state;
    uint32_t last = IPCR_RING_MOST_PAYLOAD;
    for (int n = 1; n <= 280; n++) {
        struct ipcr_ring_shape s = ipcr_seg_ring_shape(n);
        assert_true((size_t)n * (size_t)n * ipcr_ring_size(s) <= IPCR_SEG_RINGS);
        assert_true(s.payload <= last && s.payload >= 2048 && s.entries >= 16);
        assert_int_equal(s.payload & (s.payload - 1), 0);
        assert_int_equal(s.entries & (s.entries - 1), 0);
        assert_int_equal(ipcr_ring_size(s) % 64, 0);
        last = s.payload;
    }
    assert_int_equal(ipcr_seg_ring_shape(2).payload, IPCR_RING_MOST_PAYLOAD);
    assert_int_equal(ipcr_seg_ring_shape(40).payload, 128 * 1024);
    assert_int_equal(last, 2048);
}

enum { MESSAGES = 200000 };

static void *produce(void *ring)
{
    struct ipcr_ring_out out = {.ring = ring, .shape = SHAPE};
    for (uint64_t n = 0; n < MESSAGES;) {
        if (put(&out, n, size_of_message(n) % 200))
            n++;
        else
            sched_yield();
    }
    return NULL;
}

static void test_two_threads(void **state)
{
    (void)state;
    struct ipcr_ring *ring = new_ring(SHAPE);
    struct ipcr_ring_in in = {.ring = ring, .shape = SHAPE};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, produce, ring), 0);
    for (uint64_t n = 0; n < MESSAGES;) {
        if (get(&in, n, size_of_message(n) % 200))
            n++;
        else
            sched_yield();
    }
    pthread_join(thread, NULL);
    free(ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_and_full), cmocka_unit_test(test_payload_is_bounded),
        cmocka_unit_test(test_wraps),          cmocka_unit_test(test_half_fits),
        cmocka_unit_test(test_shapes),         cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
