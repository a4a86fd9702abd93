/* Shared memory of a node: what one process writes to its area, another one copies out of it
 * without a system call, and nothing beside it. The other process is a child, which finds the area
 * by what stands on the status board. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "board.h"
#include "job.h"
#include "mem.h"
#include "seg.h"

enum { BYTES = 1000000 };

static int setup(void **state)
{
    (void)state;
    int fd = memfd_create("test", 0);
    assert_int_equal(ftruncate(fd, (off_t)ipcr_seg_bytes(2)), 0);
    assert_int_equal(ipcr_seg_open(fd, 2), 0);
    ipcr_job.local_size = 2;
    ipcr_job.local_rank = 0;
    atomic_store(&ipcr_seg_board(ipcr_seg.base, 0)->pid, (uint32_t)getpid());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ipcr_mem_finish();
    ipcr_seg_close();
    return 0;
}

/* Whether a process that is the node's other rank gets what is expected: 0 yes, 1 other bytes, 2
 * nothing. */
static int pulled(const void *at, size_t bytes, unsigned char expected)
{
    pid_t child = fork();
    if (child == 0) {
        int result = 0;
        ipcr_job.local_rank = 1;
        const unsigned char *view = ipcr_mem_view(0, (uint64_t)(uintptr_t)at, bytes);
        if (!view)
            _exit(2);
        for (size_t i = 0; i < bytes; i++)
            result |= view[i] != expected;
        _exit(result);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void another_process_reads(void **state)
{
    (void)state;
    char *block = ipcr_mem_alloc(BYTES, 64);
    assert_non_null(block);
    memset(block, 7, BYTES);
    assert_int_equal(pulled(block, BYTES, 7), 0);
    memset(block + 5000, 9, 100);
    assert_int_equal(pulled(block + 5000, 100, 9), 0);
    assert_true(ipcr_mem_is_shown(block, BYTES));
    assert_true(ipcr_mem_is_shown(block + 5000, 100));
    assert_true(ipcr_mem_free(block));
}

static void freed_pages_are_gone(void **state)
{
    (void)state;
    char *block = ipcr_mem_alloc(BYTES, 64);
    memset(block, 7, BYTES);
    assert_true(ipcr_mem_free(block));
    assert_int_equal(pulled(block, BYTES, 0), 0);
    char *again = ipcr_mem_alloc(BYTES, 64);
    assert_ptr_equal(again, block);
    assert_int_equal(again[BYTES / 2], 0);
    assert_true(ipcr_mem_free(again));
}

static void other_memory_is_not_pulled(void **state)
{
    (void)state;
    char *small = ipcr_mem_alloc(100, 64), *aligned = ipcr_mem_alloc(BYTES, 1 << 20);
    char *shared = ipcr_mem_alloc(BYTES, 64), here[100] = {0};
    assert_int_equal((uintptr_t)aligned % (1 << 20), 0);
    assert_int_equal(pulled(here, sizeof here, 0), 2);
    assert_int_equal(pulled(small, 100, 0), 2);
    assert_int_equal(pulled(aligned, 100, 0), 2);
    assert_int_equal(pulled(shared - 1, 10, 0), 2);
    assert_int_equal(pulled(shared, SIZE_MAX, 0), 2);
    assert_false(ipcr_mem_is_shown(here, sizeof here));
    assert_false(ipcr_mem_is_shown(small, 100));
    assert_false(ipcr_mem_is_shown(shared - 1, 10));
    assert_false(ipcr_mem_is_shown(shared, SIZE_MAX));
    assert_true(ipcr_mem_free(aligned));
    assert_true(ipcr_mem_free(small));
    assert_true(ipcr_mem_free(shared));
    assert_false(ipcr_mem_free(shared));
}

/* The board may be of a process that is gone, and its number another one's. */
static void a_wrong_process_is_noticed(void **state)
{
    (void)state;
    char *block = ipcr_mem_alloc(BYTES, 64);
    struct ipcr_board_memory *m = &ipcr_seg_board(ipcr_seg.base, 0)->memory;
    m->inode++;
    assert_int_equal(pulled(block, 100, 0), 2);
    m->inode--;
    atomic_store(&ipcr_seg_board(ipcr_seg.base, 0)->pid, UINT32_C(0x7fffffff));
    assert_int_equal(pulled(block, 100, 0), 2);
    atomic_store(&ipcr_seg_board(ipcr_seg.base, 0)->pid, (uint32_t)getpid());
    assert_int_equal(pulled(block, 100, 0), 0);
    assert_true(ipcr_mem_free(block));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_process_reads),
        cmocka_unit_test(freed_pages_are_gone),
        cmocka_unit_test(other_memory_is_not_pulled),
        cmocka_unit_test(a_wrong_process_is_noticed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
