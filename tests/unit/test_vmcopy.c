/* Copies between processes: every distance between the two places in their pages, every length
 * around the size of a piece, both directions, and a process that is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <unistd.h>

#include "transport/vmcopy.h"

enum { ROOM = 16 * 4096, GUARD = 64 };

static _Alignas(4096) unsigned char source[ROOM], target[ROOM];

static const size_t lengths[] = {8, 1000, 8191, 9363, 16383, 18724, 18725, 3 * 16384 + 5};
static const size_t places[] = {64, 65, 72, 80, 95, 96, 2048, 4095};

static void fill(void)
{
    for (size_t i = 0; i < ROOM; i++)
        source[i] = (unsigned char)(i * 131 + i / 251);
    memset(target, 0xee, ROOM);
}

/* Exactly those bytes have come, and none beside them. */
static void check(size_t from, size_t to, size_t len)
{
    assert_memory_equal(target + to, source + from, len);
    for (size_t i = 0; i < GUARD; i++) {
        assert_int_equal(target[to - 1 - i], 0xee);
        assert_int_equal(target[to + len + i], 0xee);
    }
}

/* As two parts, of which the second is short. */
static void try(size_t from, size_t to, size_t len)
{
    size_t half = len - len / 8;
    struct ipcr_pull reads[] = {{(uintptr_t)(source + from), target + to, half},
                                {(uintptr_t)(source + from + half), target + to + half, len / 8}};
    struct ipcr_pull writes[] = {{(uintptr_t)(target + to), source + from, half},
                                 {(uintptr_t)(target + to + half), source + from + half, len / 8}};
    fill();
    assert_int_equal(ipcr_vmcopy_read(getpid(), reads, 2), 0);
    check(from, to, len);
    fill();
    assert_int_equal(ipcr_vmcopy_write(getpid(), writes, 2), 0);
    check(from, to, len);
}

static void each_place(void **state)
{
    (void)state;
    struct ipcr_pull one = {(uintptr_t)source, target, 1};
    if (ipcr_vmcopy_read(getpid(), &one, 1) < 0)
        skip(); /* a sandbox that forbids it */
    for (size_t from = 0; from < sizeof places / sizeof *places; from++)
        for (size_t to = 0; to < sizeof places / sizeof *places; to++)
            for (size_t len = 0; len < sizeof lengths / sizeof *lengths; len++)
                try(places[from], places[to], lengths[len]);
}

/* Pieces go through the buffer here, and the error comes back all the same. */
static void nobody(void **state)
{
    (void)state;
    enum { NOBODY = 0x3fffffff };
    for (size_t ahead = 0; ahead <= 8; ahead += 8) {
        struct ipcr_pull reads = {(uintptr_t)source, target + ahead, 16384};
        struct ipcr_pull writes = {(uintptr_t)source + ahead, target, 16384};
        assert_true(ipcr_vmcopy_read(NOBODY, &reads, 1) < 0);
        assert_true(ipcr_vmcopy_write(NOBODY, &writes, 1) < 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_place), cmocka_unit_test(nobody)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
