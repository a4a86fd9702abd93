/* Records: what is written is read, also when nobody closed the file; what is no record is refused.
 */
#include <errno.h>
#include <fcntl.h>
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

#include "tape.h"

static char path[] = "/tmp/ipcr-tape-XXXXXX";
static struct ipcr_tape out, in;

static void add(uint32_t kind, uint32_t number, int32_t a, int32_t b)
{
    struct ipcr_tape_event e = {kind, number, a, b};
    assert_int_equal(ipcr_tape_add(&out, &e), 0);
}

/* The next answer, which is gone past. */
static void next_is(uint32_t kind, uint32_t number, int32_t a, int32_t b)
{
    const struct ipcr_tape_event *e = ipcr_tape_peek(&in);
    assert_non_null(e);
    assert_int_equal(e->kind, kind);
    assert_int_equal(e->number, number);
    assert_int_equal(e->a, a);
    assert_int_equal(e->b, b);
    in.at++;
}

/* A match, answers of each kind, a match. The second of three receives met nothing. */
static void write_some(void)
{
    assert_int_equal(ipcr_tape_create(&out, path, 1, 3), 0);
    assert_null(ipcr_tape_last(&out));
    out.head->receives = 3;
    add(IPCR_TAPE_MATCH, 3, 2, 7);
    add(IPCR_TAPE_NO, 1, 0, 0);
    ipcr_tape_last(&out)->number++;
    add(IPCR_TAPE_PROBE, 0, 2, 8);
    add(IPCR_TAPE_ALL, 1, 0, 0);
    add(IPCR_TAPE_MATCH, 1, 0, -5);
    add(IPCR_TAPE_SOME, 1, 4, 0);
    add(IPCR_TAPE_SOME, 0, 0, 0);
}

static void read_some(bool ended)
{
    assert_int_equal(ipcr_tape_open(&in, path), 0);
    assert_int_equal(in.head->rank, 1);
    assert_int_equal(in.head->size, 3);
    assert_int_equal(in.head->ended, ended);
    assert_int_equal(in.head->receives, 3);
    assert_int_equal(in.matches, 2);
    assert_int_equal(in.match[0].from, 0);
    assert_int_equal(in.match[0].tag, -5);
    assert_true(in.match[1].from < 0);
    assert_int_equal(in.match[2].from, 2);
    assert_int_equal(in.match[2].tag, 7);
    next_is(IPCR_TAPE_NO, 2, 0, 0);
    next_is(IPCR_TAPE_PROBE, 0, 2, 8);
    next_is(IPCR_TAPE_ALL, 1, 0, 0);
    next_is(IPCR_TAPE_SOME, 1, 4, 0);
    next_is(IPCR_TAPE_SOME, 0, 0, 0);
    assert_null(ipcr_tape_peek(&in));
    ipcr_tape_close(&in, false);
}

/* A record that goes on while it is read is read as it was when it was opened. */
static void still_written(void **state)
{
    (void)state;
    write_some();
    assert_int_equal(ipcr_tape_open(&in, path), 0);
    out.head->receives = 4;
    out.head->ended = 1;
    for (int i = 0; i < 10000; i++)
        add(IPCR_TAPE_PROBE, 0, i, 0);
    assert_int_equal(in.head->receives, 3);
    assert_int_equal(in.head->ended, 0);
    in.at = 7;
    assert_null(ipcr_tape_peek(&in));
    ipcr_tape_close(&in, false);
    ipcr_tape_close(&out, false);
}

static off_t size_of_file(void)
{
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    return s.st_size;
}

static void closed(void **state)
{
    (void)state;
    write_some();
    ipcr_tape_close(&out, true);
    assert_int_equal(size_of_file(), sizeof(struct ipcr_tape_head) + 7 * 16);
    read_some(true);
}

/* As a rank that was killed leaves it: read while the writer has it open. */
static void broken_off(void **state)
{
    (void)state;
    write_some();
    read_some(false);
    add(IPCR_TAPE_SOME, 2, 1, 0); /* and two more that were never written */
    read_some(false);
    ipcr_tape_close(&out, false);
}

static void long_one(void **state)
{
    enum { MANY = 3000000 };
    (void)state;
    assert_int_equal(ipcr_tape_create(&out, path, 0, 1), 0);
    for (int i = 0; i < MANY; i++)
        add(IPCR_TAPE_PROBE, 0, i, -i);
    ipcr_tape_close(&out, true);
    assert_int_equal(ipcr_tape_open(&in, path), 0);
    for (int i = 0; i < MANY; i++)
        next_is(IPCR_TAPE_PROBE, 0, i, -i);
    assert_null(ipcr_tape_peek(&in));
    ipcr_tape_close(&in, false);
}

/* Changes one byte of a good record. */
static void patch(off_t at, char byte)
{
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void refused(void **state)
{
    (void)state;
    for (off_t size = size_of_file() - 1; size >= 0; size -= 13) {
        write_some();
        ipcr_tape_close(&out, true);
        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(ipcr_tape_open(&in, path), -EINVAL);
    }
    write_some();
    ipcr_tape_close(&out, true);
    patch(0, 'I');
    assert_int_equal(ipcr_tape_open(&in, path), -EINVAL);
    patch(0, 'i');
    patch(sizeof(struct ipcr_tape_head) + 4, 4); /* the receive of the first match */
    assert_int_equal(ipcr_tape_open(&in, path), -EINVAL);
    patch(sizeof(struct ipcr_tape_head) + 4, 0);
    assert_int_equal(ipcr_tape_open(&in, path), -EINVAL);
    assert_int_equal(ipcr_tape_open(&in, "/tmp/no/such/file"), -ENOENT);
    assert_int_equal(ipcr_tape_create(&out, "/tmp/no/such/file", 0, 1), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed),   cmocka_unit_test(broken_off), cmocka_unit_test(still_written),
        cmocka_unit_test(long_one), cmocka_unit_test(closed),     cmocka_unit_test(refused)};
    int fd = mkstemp(path);
    if (fd < 0)
        return 99;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
