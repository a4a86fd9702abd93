/* Spools: whole and in order, whatever a reader sees of a record that is being written, and in
 * bounded room. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "transport/spool.h"

static char dir[] = "/tmp/ipcr-spool-XXXXXX";
static char path[100];
static struct ipcr_spool_out out;
static struct ipcr_spool_in in;
static uint64_t written, received;
static unsigned char buffer[3 * IPCR_SPOOL_RECORD];

static const char *in_dir(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static int files(const char *folder)
{
    int n = 0;
    DIR *d = opendir(in_dir(folder));
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

static int set_up(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/ipcr-spool-XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(mkdir(in_dir("3"), 0700), 0);
    assert_int_equal(mkdir(in_dir("5"), 0700), 0);
    assert_int_equal(ipcr_spool_out_open(&out, dir, 3, 5), 0);
    assert_int_equal(ipcr_spool_in_open(&in, dir, 3, 5), 0);
    written = received = 0;
    return 0;
}

static void empty(const char *folder)
{
    char full[100];
    snprintf(full, sizeof full, "%s/%s", dir, folder);
    DIR *d = opendir(full);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(full);
}

static int tear_down(void **state)
{
    (void)state;
    ipcr_spool_out_close(&out);
    ipcr_spool_in_close(&in);
    empty("3");
    empty("5");
    return rmdir(dir);
}

static unsigned char byte_at(uint64_t i)
{
    return (unsigned char)(i * 31 + (i >> 8) * 7);
}

/* As a stream writes: a head, and a payload. */
static size_t write_some(size_t len)
{
    for (size_t i = 0; i < len; i++)
        buffer[i] = byte_at(written + i);
    struct iovec part[2] = {{buffer, len / 3}, {buffer + len / 3, len - len / 3}};
    ssize_t n = ipcr_spool_write(&out, part, 2);
    assert_true(n >= 0);
    written += (uint64_t)n;
    return (size_t)n;
}

static bool read_one(void)
{
    const void *bytes;
    ssize_t n = ipcr_spool_read(&in, &bytes);
    assert_true(n >= 0);
    for (ssize_t i = 0; i < n; i++)
        assert_int_equal(((const unsigned char *)bytes)[i], byte_at(received + (uint64_t)i));
    received += (uint64_t)n;
    return n > 0;
}

static void test_all_sizes(void **state)
{
    (void)state;
    assert_false(read_one());
    for (size_t len = 1; len < sizeof buffer; len = len * 3 / 2 + 1) {
        assert_int_equal(write_some(len), len);
        while (read_one())
            ;
        assert_int_equal(received, written);
    }
}

/* Gigabytes would go through as few files. */
static void test_bounded(void **state)
{
    (void)state;
    for (int i = 0; written < 24 * IPCR_SPOOL_WINDOW; i++) {
        write_some(1 + (size_t)i * 7919 % (2 * IPCR_SPOOL_RECORD));
        for (int k = 0; k < 1 + i % 3; k++)
            read_one();
        assert_true(out.written - out.acked < IPCR_SPOOL_WINDOW + 2 * IPCR_SPOOL_RECORD);
        assert_true(files("5") <= (int)(IPCR_SPOOL_WINDOW / IPCR_SPOOL_SEGMENT) + 2);
    }
    while (read_one())
        ;
    assert_int_equal(received, written);
    assert_true(in.segment > 8);
}

static void test_full_window(void **state)
{
    (void)state;
    while (write_some(IPCR_SPOOL_RECORD) > 0)
        ;
    assert_false(out.no_space);
    assert_true(written >= IPCR_SPOOL_WINDOW - IPCR_SPOOL_RECORD && written <= IPCR_SPOOL_WINDOW);
    while (read_one())
        ;
    assert_int_equal(write_some(100), 100);
}

/* Every prefix of a record, and a record with a hole in it, are no record yet. */
static void test_halves(void **state)
{
    static const unsigned char zeros[64];
    unsigned char whole[400];
    (void)state;
    write_some(300);
    FILE *f = fopen(in_dir("5/3.0"), "r+");
    assert_non_null(f);
    size_t len = fread(whole, 1, sizeof whole, f);
    assert_int_equal(len, 308);
    for (size_t n = 0; n < len; n++) {
        assert_int_equal(ftruncate(fileno(f), 0), 0);
        assert_int_equal(pwrite(fileno(f), whole, n, 0), n);
        assert_false(read_one());
    }
    for (size_t at = 0; at + sizeof zeros < len; at += sizeof zeros) {
        assert_int_equal(pwrite(fileno(f), whole, len, 0), len);
        assert_int_equal(pwrite(fileno(f), zeros, sizeof zeros, (off_t)at), sizeof zeros);
        assert_false(read_one());
    }
    assert_int_equal(pwrite(fileno(f), whole, len, 0), len);
    fclose(f);
    assert_true(read_one());
    assert_int_equal(received, 300);
}

/* A reader that looks through a fresh descriptor each time, as on a network file system. */
static void test_rest(void **state)
{
    (void)state;
    for (int i = 0; i < 300; i++) {
        write_some(20000);
        ipcr_spool_rest(&in);
        assert_true(read_one());
    }
    assert_int_equal(received, written);
}

static void test_reader_is_gone(void **state)
{
    struct iovec part = {buffer, 10};
    (void)state;
    empty("5");
    assert_int_equal(ipcr_spool_write(&out, &part, 1), -1);
    assert_int_equal(mkdir(in_dir("5"), 0700), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {CASE(test_all_sizes),   CASE(test_bounded),
                                       CASE(test_full_window), CASE(test_halves),
                                       CASE(test_rest),        CASE(test_reader_is_gone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
