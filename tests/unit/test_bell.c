/* The bell: two processes hand a number to and fro and go to sleep before every answer, with delays
 * that put the other side's message at any point of going to sleep. A lost wake-up hangs the test;
 * alarm() bounds it. Run with the sleeper's membarrier and with the waker's own fence, on a futex
 * and on a descriptor. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bell.h"
#include "job.h"
#include "seg.h"

enum { ROUNDS = 30000, BOUND_S = 120 };

static _Atomic uint32_t *box; /* [2]: the number last given to each side */

static bool miscounted; /* more sleepers were told of than there are ranks */

static void block(uint32_t count)
{
    if (ipcr_bell_fd() < 0) {
        ipcr_bell_block(count);
        return;
    }
    struct pollfd p = {.fd = ipcr_bell_fd(), .events = POLLIN};
    poll(&p, 1, -1);
    ipcr_bell_drain();
}

static void await(int me, uint32_t number)
{
    while (atomic_load_explicit(&box[me], memory_order_acquire) != number) {
        uint32_t count = ipcr_bell_announce();
        miscounted |= ipcr_bell_asleep() > 2;
        if (atomic_load_explicit(&box[me], memory_order_acquire) != number)
            block(count);
        ipcr_bell_revoke();
    }
}

static void give(int to, uint32_t number)
{
    atomic_store_explicit(&box[to], number, memory_order_release);
    ipcr_bell_ring(ipcr_seg_bell(to), to);
}

static void dawdle(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    for (volatile unsigned i = (*seed >> 16) % 4000; i > 0; i--)
        ;
}

static void play(int me)
{
    unsigned seed = (unsigned)me + 1;
    for (uint32_t n = 1; n <= ROUNDS; n++) {
        if (me == 0) {
            dawdle(&seed);
            give(1, n);
            await(0, n);
        } else {
            await(1, n);
            dawdle(&seed);
            give(0, n);
        }
    }
}

static void run(bool with_fd, bool fenced)
{
    int fd = memfd_create("test_bell", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)ipcr_seg_bytes(2)), 0);
    box = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_int_equal(ipcr_seg_open(fd, 2), 0);
    snprintf(ipcr_job.id, sizeof ipcr_job.id, "t%d", (int)getpid());
    pid_t child = fork();
    assert_true(child >= 0);
    int me = child == 0;
    ipcr_job.local_rank = me;
    alarm(BOUND_S);
    int rc = ipcr_bell_open(with_fd ? IPCR_BELL_SOCKET : IPCR_BELL_FUTEX);
    if (fenced)
        ipcr_bell_fenced = true;
    if (with_fd)
        usleep(50000); /* both sockets exist before the first datagram, as after MPI_Init */
    if (rc == 0)
        play(me);
    ipcr_bell_close();
    if (me)
        _exit(rc != 0 || miscounted);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(rc, 0);
    assert_false(miscounted);
    assert_int_equal(ipcr_bell_asleep(), 0); /* each sleep has ended once, whoever ended it */
    alarm(0);
    ipcr_seg_close();
    munmap(box, 4096);
}

static void test_futex_membarrier(void **state)
{
    (void)state;
    run(false, false);
}

static void test_futex_fenced(void **state)
{
    (void)state;
    run(false, true);
}

static void test_descriptor_membarrier(void **state)
{
    (void)state;
    run(true, false);
}

static void test_descriptor_fenced(void **state)
{
    (void)state;
    run(true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_futex_membarrier),
        cmocka_unit_test(test_futex_fenced),
        cmocka_unit_test(test_descriptor_membarrier),
        cmocka_unit_test(test_descriptor_fenced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
