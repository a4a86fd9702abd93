/* launcher/compare_load.c and compare_data.c: a message with a wrong byte is noticed, whatever its
 * size and wherever the byte; sizes and figures are written as they should be. The world is this
 * process. */
#include "compare_load.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"

static struct ipcr_load load;
static size_t spoilt; /* which byte of which place the pattern below changes */
static int spoilt_slot;

static void spoil(struct ipcr_load *l, long count)
{
    ipcr_load_one_way(l, count);
    unsigned char *place = (unsigned char *)(l->in + (size_t)spoilt_slot * l->stride);
    place[spoilt] ^= 0x10;
}

static void lose_the_last(struct ipcr_load *l, long count)
{
    size_t bytes = (size_t)l->window * l->stride * 8;
    memset(l->in, 0, bytes);
    ipcr_load_one_way(l, count);
    memset(l->in + (size_t)(l->window - 1) * l->stride, 0, l->stride * 8);
}

static const size_t sizes[] = {1, 7, 8, 9, 64, 1000, 65536};

static void good_messages_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ipcr_load_size(&load, sizes[i], 5);
        load.wrong = 0;
        load.checked = 0;
        ipcr_load_batch(&load, ipcr_load_one_way, 3);
        ipcr_load_batch(&load, ipcr_load_ping_pong, 2);
        assert_int_equal(load.wrong, 0);
        assert_true(load.checked == 6.0 * (double)sizes[i]);
    }
}

static void one_wrong_byte_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ipcr_load_size(&load, sizes[i], 5);
        const size_t at[] = {0, sizes[i] / 2, sizes[i] - 1};
        for (int k = 0; k < 3; k++) {
            spoilt = at[k];
            spoilt_slot = k * 2;
            load.wrong = 0;
            ipcr_load_batch(&load, spoil, 1);
            assert_int_equal(load.wrong, 1);
        }
    }
}

static void a_missing_message_is_noticed(void **state)
{
    (void)state;
    ipcr_load_size(&load, 256, 8);
    load.wrong = 0;
    ipcr_load_batch(&load, lose_the_last, 1);
    assert_int_equal(load.wrong, 1);
}

/* What the batch before had sent is no longer right: a transport that delivers nothing would be
 * found, too. */
static void keep_the_old(struct ipcr_load *l, long count)
{
    (void)l, (void)count;
}

static void an_old_message_is_noticed(void **state)
{
    (void)state;
    ipcr_load_size(&load, 64, 4);
    ipcr_load_batch(&load, ipcr_load_one_way, 1);
    load.wrong = 0;
    ipcr_load_batch(&load, keep_the_old, 1);
    assert_int_equal(load.wrong, 4);
}

static void windows_fit_the_buffers(void **state)
{
    (void)state;
    ipcr_load_size(&load, 1, 1000);
    assert_int_equal(load.window, IPCR_LOAD_WINDOW);
    ipcr_load_size(&load, IPCR_COMPARE_LARGEST, IPCR_LOAD_WINDOW);
    assert_int_equal(load.window, 2);
}

static void sizes_end_with_the_largest(void **state)
{
    static const int factors[] = {IPCR_COMPARE_FACTOR, IPCR_COMPARE_QUICK_FACTOR};
    (void)state;
    for (int i = 0; i < 2; i++) {
        size_t last = 0, n = 0;
        for (size_t bytes = 1; bytes; bytes = ipcr_compare_next(bytes, factors[i]), n++)
            last = bytes;
        assert_int_equal(last, IPCR_COMPARE_LARGEST);
        assert_true(n <= IPCR_COMPARE_SIZES);
    }
}

static void figures_are_short(void **state)
{
    (void)state;
    assert_string_equal(ipcr_compare_number(NAN), "-");
    assert_string_equal(ipcr_compare_number(0.1549), "0.15");
    assert_string_equal(ipcr_compare_number(9.994), "9.99");
    assert_string_equal(ipcr_compare_number(9.996), "10.0");
    assert_string_equal(ipcr_compare_number(99.96), "100");
    assert_string_equal(ipcr_compare_number(99999), "99999");
    assert_string_equal(ipcr_compare_number(100000), "100k");
    assert_string_equal(ipcr_compare_number(2.84e6), "2.8M");
    assert_string_equal(ipcr_compare_number(31e6), "31M");
    assert_string_equal(ipcr_compare_bytes(64), "64 B");
    assert_string_equal(ipcr_compare_bytes(4096), "4 KiB");
    assert_string_equal(ipcr_compare_bytes(4 << 20), "4 MiB");
}

static int open_load(void **state)
{
    (void)state;
    MPI_Init(NULL, NULL);
    return ipcr_load_open(&load, IPCR_COMPARE_LARGEST) ? 0 : -1;
}

static int close_load(void **state)
{
    (void)state;
    ipcr_load_close(&load);
    return MPI_Finalize();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_messages_are_right),
        cmocka_unit_test(one_wrong_byte_is_noticed),
        cmocka_unit_test(a_missing_message_is_noticed),
        cmocka_unit_test(an_old_message_is_noticed),
        cmocka_unit_test(windows_fit_the_buffers),
        cmocka_unit_test(sizes_end_with_the_largest),
        cmocka_unit_test(figures_are_short),
    };
    return cmocka_run_group_tests(tests, open_load, close_load);
}
