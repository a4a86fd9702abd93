/* Joint copies: two threads that copy one message, with helpers that come early, late, for another
 * message or not at all, and with copies that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <pthread.h>

#include "transport/joint.h"

enum { MOST = 3 * 1024 * 1024 + 77, ROUNDS = 300, HELPER = 5 };

static struct ipcr_joint joint;
static unsigned char *source, *target;
static _Atomic int calls, over, helped;
static _Atomic int refuse_read, refuse_write;

static int read_copy(void *arg, uint64_t remote, void *local, size_t len)
{
    (void)arg;
    if (refuse_read)
        return -EPERM;
    memcpy(local, (const void *)(uintptr_t)remote, len);
    return 0;
}

static int write_copy(void *arg, uint64_t remote, void *local, size_t len)
{
    (void)arg;
    if (refuse_write)
        return -EPERM;
    memcpy((void *)(uintptr_t)remote, local, len);
    helped++;
    return 0;
}

static const struct ipcr_joint_way reading = {read_copy, NULL}, writing = {write_copy, NULL};

static void call_helper(int sender)
{
    assert_int_equal(sender, HELPER);
    calls++;
}

static int pull(size_t len)
{
    return ipcr_joint_pull(&joint, HELPER, (uint64_t)(uintptr_t)source, target, len, &reading,
                           call_helper);
}

/* Helps whenever it likes, as a sender does that looks now and then. */
static void *help(void *arg)
{
    int me = *(int *)arg;
    unsigned seed = 3;
    while (!over) {
        ipcr_joint_help(&joint, me, &writing);
        for (int i = rand_r(&seed) % 2000; i > 0; i--)
            __asm__ volatile("");
    }
    return NULL;
}

static void with_helper(int me, void (*run)(void))
{
    pthread_t thread;
    over = 0;
    assert_int_equal(pthread_create(&thread, NULL, help, &me), 0);
    run();
    over = 1;
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void expect_bytes(size_t len)
{
    assert_memory_equal(target, source, len);
    assert_int_equal(target[len], 0xEE);
}

static void many_lengths(void)
{
    unsigned seed = 11;
    for (int i = 0; i < ROUNDS; i++) {
        size_t len = IPCR_JOINT_MIN + (size_t)rand_r(&seed) % (MOST - IPCR_JOINT_MIN - 1);
        if (i % 3 == 0)
            len = IPCR_JOINT_MIN + len % 9000;
        source[(size_t)rand_r(&seed) % len]++;
        memset(target, 0xEE, len + 1);
        assert_int_equal(pull(len), 0);
        expect_bytes(len);
    }
}

static void alone(void **state)
{
    (void)state;
    calls = helped = 0;
    many_lengths();
    assert_int_equal(calls, ROUNDS);
    assert_int_equal(helped, 0);
}

static void with_the_sender(void **state)
{
    (void)state;
    helped = 0;
    /* On a busy machine the helper may come too late for one round of lengths, not for all. */
    for (int tries = 0; tries < 100 && !helped; tries++)
        with_helper(HELPER, many_lengths);
    assert_true(helped > 0);
}

static void strangers_get_nothing(void **state)
{
    (void)state;
    helped = 0;
    with_helper(HELPER + 1, many_lengths);
    assert_int_equal(helped, 0);
}

static void a_helper_that_may_not(void **state)
{
    (void)state;
    refuse_write = 1;
    with_helper(HELPER, many_lengths);
    refuse_write = 0;
}

static void refused_reads(void)
{
    for (int i = 0; i < ROUNDS; i++)
        assert_int_equal(pull(MOST - 1), -EPERM);
}

/* After a refusal nobody writes any more: the memory may be the program's again. */
static void a_receiver_that_may_not(void **state)
{
    (void)state;
    refuse_read = 1;
    with_helper(HELPER, refused_reads);
    int before = helped;
    ipcr_joint_help(&joint, HELPER, &writing);
    assert_int_equal(helped, before);
    refuse_read = 0;
}

static int setup(void **state)
{
    (void)state;
    source = malloc(MOST);
    target = malloc(MOST);
    for (size_t i = 0; source && i < MOST; i++)
        source[i] = (unsigned char)(i * 7 + i / 251);
    return source && target ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    free(source);
    free(target);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone),
        cmocka_unit_test(with_the_sender),
        cmocka_unit_test(strangers_get_nothing),
        cmocka_unit_test(a_helper_that_may_not),
        cmocka_unit_test(a_receiver_that_may_not),
    };
    return cmocka_run_group_tests_name("joint", tests, setup, teardown);
}
