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

#include "transport/ring.h"

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
    static const size_t edges[] = {
        0, 1, 8, 31, 32, 33, 64, 100, 4096, IPCR_RING_FRAG - 1, IPCR_RING_FRAG};
    return edges[(n * 2654435761u >> 7) % (sizeof edges / sizeof *edges)];
}

static struct ipcr_ring *new_ring(void)
{
    struct ipcr_ring *ring = aligned_alloc(64, sizeof *ring);
    assert_non_null(ring);
    memset(ring, 0, sizeof *ring);
    return ring;
}

static void test_empty_and_full(void **state)
{
    (void)state;
    struct ipcr_ring *ring = new_ring();
    struct ipcr_ring_out out = {.ring = ring};
    struct ipcr_ring_in in = {.ring = ring};
    assert_null(ipcr_ring_peek(&in));
    for (uint64_t n = 0; n < IPCR_RING_ENTRIES; n++)
        assert_true(put(&out, n, 8));
    assert_false(put(&out, IPCR_RING_ENTRIES, 8));
    assert_true(get(&in, 0, 8));
    assert_true(put(&out, IPCR_RING_ENTRIES, 8));
    assert_false(put(&out, 0, 8));
    free(ring);
}

static void test_payload_is_bounded(void **state)
{
    (void)state;
    struct ipcr_ring *ring = new_ring();
    struct ipcr_ring_out out = {.ring = ring};
    struct ipcr_ring_in in = {.ring = ring};
    uint64_t n = 0;
    while (put(&out, n, IPCR_RING_FRAG))
        n++;
    assert_int_equal(n, IPCR_RING_PAYLOAD / IPCR_RING_FRAG);
    assert_true(put(&out, n, 4)); /* inline messages need no payload room */
    assert_true(get(&in, 0, IPCR_RING_FRAG));
    assert_true(put(&out, n + 1, IPCR_RING_FRAG));
    free(ring);
}

/* Sizes around every limit, with the counters starting just before they wrap round 2^32. */
static void test_wraps(void **state)
{
    (void)state;
    struct ipcr_ring *ring = new_ring();
    uint32_t start = UINT32_MAX - 300, bytes = UINT32_MAX - 200000;
    bytes -= bytes % 64;
    struct ipcr_ring_out out = {
        .ring = ring, .next = start, .taken = start, .freed = bytes, .pos = bytes};
    struct ipcr_ring_in in = {.ring = ring, .next = start};
    atomic_store(&ring->taken, start);
    atomic_store(&ring->freed, bytes);
    uint64_t sent = 0, got = 0;
    srand(3);
    while (got < 20000) {
        for (int burst = rand() % 40; burst > 0 && put(&out, sent, size_of_message(sent)); burst--)
            sent++;
        for (int burst = rand() % 40; burst > 0 && get(&in, got, size_of_message(got)); burst--)
            got++;
    }
    free(ring);
}

enum { MESSAGES = 200000 };

static void *produce(void *ring)
{
    struct ipcr_ring_out out = {.ring = ring};
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
    struct ipcr_ring *ring = new_ring();
    struct ipcr_ring_in in = {.ring = ring};
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
        cmocka_unit_test(test_empty_and_full),
        cmocka_unit_test(test_payload_is_bounded),
        cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
