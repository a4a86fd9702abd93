/* Blocks: none overlaps another one, they lie as promised, and memory goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "slab.h"

enum { N = 50000 };

static void fill(struct ipcr_slab *s, unsigned char **block)
{
    for (int i = 0; i < N; i++) {
        block[i] = ipcr_slab_take(s);
        assert_non_null(block[i]);
        assert_int_equal((uintptr_t)block[i] % s->bytes, 0);
        memset(block[i], i & 0xff, s->bytes);
    }
    assert_int_equal(s->used, N);
}

static void give_back(struct ipcr_slab *s, unsigned char **block, int i)
{
    for (size_t at = 0; at < s->bytes; at++)
        assert_int_equal(block[i][at], i & 0xff);
    ipcr_slab_give(s, block[i]);
}

static void test_blocks(void **state)
{
    (void)state;
    static unsigned char *block[N];
    for (size_t bytes = 16; bytes <= 256; bytes *= 2) {
        struct ipcr_slab s = {.bytes = bytes};
        fill(&s, block);
        for (int i = 0; i < N; i += 2)
            give_back(&s, block, i);
        for (int i = 0; i < N; i += 2) {
            block[i] = ipcr_slab_take(&s);
            memset(block[i], i & 0xff, bytes);
        }
        for (int i = 0; i < N; i++)
            give_back(&s, block, i);
        assert_int_equal(s.used, 0);
        fill(&s, block); /* out of what was given back to the system, and taken again */
        ipcr_slab_finish(&s);
        assert_null(s.chunks);
    }
}

/* Those that are taken one after the other lie so, the second time as well. */
static void test_neighbours(void **state)
{
    (void)state;
    struct ipcr_slab s = {.bytes = 128};
    unsigned char *block[100];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 100; i++)
            block[i] = ipcr_slab_take(&s);
        for (int i = 1; i < 100; i++)
            assert_ptr_equal(block[i], block[i - 1] + 128);
        for (int i = 0; i < 100; i++)
            ipcr_slab_give(&s, block[i]);
        ipcr_slab_finish(&s);
    }
}

/* A second time nothing is asked of the system; what is not needed for long, or is very much, goes
 * back. */
static void test_kept(void **state)
{
    (void)state;
    static unsigned char *block[N];
    struct ipcr_slab s = {.bytes = 128};
    fill(&s, block);
    unsigned char *second = block[1000];
    for (int i = 0; i < N; i++)
        give_back(&s, block, i);
    assert_in_range(s.kept_bytes, N / 2 * 128, N * 2 * 128);
    fill(&s, block);
    assert_ptr_equal(block[1000], second);
    assert_int_equal(s.kept_bytes, 0);
    for (int i = 0; i < N; i++)
        give_back(&s, block, i);
    for (int i = 0; i < 100; i++)
        ipcr_slab_give(&s, ipcr_slab_take(&s));
    assert_null(s.kept);
    ipcr_slab_finish(&s);
}

static void test_not_all_is_kept(void **state)
{
    (void)state;
    enum { BYTES = 4096 };
    static unsigned char *block[N / 4];
    struct ipcr_slab s = {.bytes = BYTES};
    for (int i = 0; i < N / 4; i++)
        block[i] = ipcr_slab_take(&s);
    for (int i = 0; i < N / 4; i++)
        ipcr_slab_give(&s, block[i]);
    assert_in_range(s.kept_bytes, 1, 16 * 1024 * 1024);
    ipcr_slab_finish(&s);
    assert_null(s.kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_not_all_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
