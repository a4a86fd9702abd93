/* Joint copies: two threads that copy one message or several, with helpers that come early, late,
 * for another message or not at all, and with copies that fail. */
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

static struct ipcr_joint joint, other;
static unsigned char *source, *target;
static _Atomic int calls, over, helped, reads;
static _Atomic int refuse_read, refuse_write;

static int read_copy(void *arg, const struct ipcr_pull *part, int n)
{
    (void)arg;
    if (refuse_read)
        return -EPERM;
    assert_in_range(n, 1, IPCR_JOINT_MOST);
    for (int i = 0; i < n; i++)
        memcpy(part[i].local, (const void *)(uintptr_t)part[i].remote, part[i].len);
    reads++;
    return 0;
}

static int write_copy(void *arg, const struct ipcr_pull *part, int n)
{
    (void)arg;
    if (refuse_write)
        return -EPERM;
    for (int i = 0; i < n; i++)
        memcpy((void *)(uintptr_t)part[i].remote, part[i].local, part[i].len);
    helped++;
    return 0;
}

static const struct ipcr_joint_way reading = {read_copy, NULL}, writing = {write_copy, NULL};

static void call_helper(int sender)
{
    assert_int_equal(sender, HELPER);
    calls++;
}

/* Pulls len bytes as so many messages of random lengths. */
static int pull_several(size_t len, int messages, size_t theirs)
{
    static unsigned seed = 5;
    struct ipcr_pull part[IPCR_PULLS];
    size_t at = 0;
    for (int i = 0; i < messages; i++) {
        size_t rest = len - at - (size_t)(messages - 1 - i); /* none is empty */
        size_t n = i == messages - 1 ? rest : 1 + (size_t)rand_r(&seed) % rest;
        part[i] = (struct ipcr_pull){(uint64_t)(uintptr_t)(source + at), target + at, n};
        at += n;
    }
    struct ipcr_joint_task t = {HELPER, part, messages, theirs, &other};
    return ipcr_joint_pull(&joint, &t, &reading, call_helper);
}

static int pull(size_t len)
{
    return pull_several(len, 1, 0);
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
        assert_int_equal(pull_several(len, 1 + i % IPCR_PULLS, i % 2 ? 0 : len), 0);
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

/* Who has a sender with as much to copy takes half a megabyte at once, and all of it from one that
 * copies already; other messages go in halves. */
static void portions(void **state)
{
    static const struct {
        size_t len, theirs;
        int busy, reads;
    } rows[] = {
        {256 * 1024, 0, 0, 2},         {256 * 1024, 256 * 1024, 0, 1}, {256 * 1024, 1 << 20, 0, 1},
        {512 * 1024, 32 * 1024, 1, 3}, {1 << 20, 1 << 20, 0, 2},       {2 << 20, 0, 0, 4},
        {2 << 20, 2 << 20, 0, 3},      {2 << 20, 2 << 20, 1, 1},       {2 << 20, 3 << 19, 1, 2}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        reads = 0;
        other.busy = (uint32_t)rows[i].busy;
        assert_int_equal(pull_several(rows[i].len, 1 + (int)i, rows[i].theirs), 0);
        assert_int_equal(reads, rows[i].reads);
    }
    other.busy = 0;
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
        cmocka_unit_test(portions),
        cmocka_unit_test(strangers_get_nothing),
        cmocka_unit_test(a_helper_that_may_not),
        cmocka_unit_test(a_receiver_that_may_not),
    };
    return cmocka_run_group_tests_name("joint", tests, setup, teardown);
}
