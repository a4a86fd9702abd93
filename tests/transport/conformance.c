/* Every transport against its contract (transport.h): the same cases for each row of
 * runtime/transports.c. A new row is tested without a change here.
 *
 * Usage: conformance [TRANSPORT [CASE]] */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

/* Cases that need a rank of its own for each side. */
static bool reaches_others(const struct ipcr_transport *t)
{
    return t->reach != IPCR_REACH_SELF;
}

static int me(void)
{
    return ipcr_job.rank;
}

/* Where traffic goes to and comes from in cases of two ranks: the other one, or this one itself. */
static int partner(void)
{
    return ipcr_job.size == 1 ? 0 : 1 - me();
}

static void owe(int rank, uint32_t count)
{
    traffic[rank].goal = traffic[rank].sent + count;
}

/* ---- order: small messages of all kinds ---- */

static void plan_small(uint32_t seq, struct plan *p)
{
    static const uint8_t kinds[] = {IPCR_EAGER, IPCR_RTS,    IPCR_EAGER, IPCR_CTS,  IPCR_FIN,
                                    IPCR_EAGER, IPCR_CREDIT, IPCR_ACK,   IPCR_EAGER};
    p->kind = kinds[seq % sizeof kinds];
    p->len = p->kind == IPCR_EAGER ? seq * 2654435761u % 300 : seq % 33;
}

static void run_one_way(void)
{
    enum { MESSAGES = 20000 };
    join();
    if (me() == 0)
        owe(partner(), MESSAGES);
    work_out();
    if (me() == partner() || me() == 1)
        work_in(partner(), MESSAGES);
    meet();
    leave();
}

static void run_both_ways(void)
{
    enum { MESSAGES = 10000 };
    join();
    owe(partner(), MESSAGES);
    work_in(partner(), MESSAGES);
    work_out();
    meet();
    leave();
}

/* ---- sizes ---- */

/* All small sizes; then below, at and above every power of two, up to the transport's limits. */
enum { SMALL_SIZES = 200, EDGES = 3 * 21 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* A link may take no more than this of what its transport has as its most: rings of eight ranks. */
static size_t most_eager(void)
{
    return least(via->eager_max, 64 * 1024);
}

static void plan_sizes(uint32_t seq, struct plan *p)
{
    if (seq < SMALL_SIZES) {
        p->len = seq;
        return;
    }
    seq -= SMALL_SIZES;
    p->kind = seq % 2 ? IPCR_DATA : IPCR_EAGER;
    p->sunk = seq % 4 == 1;
    size_t most = p->kind == IPCR_DATA ? via->frag_max : most_eager();
    uint32_t edge = seq / 2;
    p->len = edge < EDGES ? ((size_t)1 << (edge / 3)) + edge % 3 - 1 : most - (edge - EDGES);
    p->len = least(p->len, most);
    if (p->kind == IPCR_DATA && p->len == 0)
        p->len = 1;
}

static void run_sizes(void)
{
    uint32_t messages = SMALL_SIZES + 2 * (EDGES + 70);
    join();
    owe(partner(), messages);
    work_in(partner(), messages);
    work_out();
    meet();
    leave();
}

/* ---- long messages: many fragments, with and without a sink, contiguous and strided ---- */

static void plan_long(uint32_t seq, struct plan *p)
{
    enum { FRAGMENTS = 9 }; /* of one message; the last one is short */
    uint32_t part = seq % FRAGMENTS, message = seq / FRAGMENTS;
    p->kind = IPCR_DATA;
    p->offset = part * via->frag_max;
    p->len = part == FRAGMENTS - 1 ? 17 + message * 1009 % via->frag_max : via->frag_max;
    p->len = least(p->len, via->frag_max);
    p->sunk = message % 2;
}

static void plan_strided(uint32_t seq, struct plan *p)
{
    plan_long(seq, p);
    p->strided = true;
    if (seq % 5 == 0) {
        p->kind = IPCR_EAGER;
        p->sunk = false;
        p->offset = 0;
        p->len = seq * 2654435761u % (most_eager() + 1);
    }
}

/* A message of more than 4 MiB, and a short one behind it. */
static void plan_beyond(uint32_t seq, struct plan *p)
{
    const size_t whole = (4u << 20) + 12345;
    p->offset = seq * via->frag_max;
    if (p->offset >= whole) { /* the short one */
        p->offset = 0;
        p->len = 77;
        return;
    }
    p->kind = IPCR_DATA;
    p->len = least(via->frag_max, whole - p->offset);
    p->sunk = seq % 2;
}

static void run_beyond(void)
{
    uint32_t fragments = (uint32_t)(((4u << 20) + 12345) / via->frag_max) + 2;
    join();
    owe(partner(), fragments);
    work_in(partner(), fragments);
    work_out();
    meet();
    leave();
}

static void run_long(void)
{
    enum { FRAGMENTS = 12 * 9 };
    join();
    owe(partner(), FRAGMENTS);
    work_in(partner(), FRAGMENTS);
    work_out();
    meet();
    leave();
}

/* ---- a receiver that does not look ---- */

static void plan_largest(uint32_t seq, struct plan *p)
{
    (void)seq;
    p->kind = IPCR_DATA;
    p->len = via->frag_max;
}

static void plan_tiny(uint32_t seq, struct plan *p)
{
    p->len = seq % 9;
}

static void wait_until_linked(void)
{
    /* What is sent before the connection stands is refused, which is not the fullness meant. */
    owe(1, 1);
    work_out();
}

/* Sends until refused for a while. Refusals must come at once, after an amount that the channel can
 * hold, and the sender's memory must not grow with what was taken, but by the pages of a ring. */
static void fill_channel(void)
{
    enum { MOST_BYTES = 128 << 20, MOST_MESSAGES = 4000000, RING_KIB = 2100 };
    size_t taken = 0;
    uint32_t before = traffic[1].sent;
    long kib = peak_kib();
    for (double last = now(); now() - last < 0.3;) {
        double begin = now();
        struct plan p = {.kind = IPCR_EAGER};
        test->plan(traffic[1].sent, &p);
        enum ipcr_result r = send_next(1);
        if (now() - begin > 1)
            fail("send took %.1f s", now() - begin);
        if (r == IPCR_AGAIN) {
            sleep_for_work(20);
            continue;
        }
        last = now();
        taken += p.len;
        if (taken > MOST_BYTES || traffic[1].sent - before > MOST_MESSAGES)
            fail("took %u messages, %zu bytes, without a receiver", traffic[1].sent, taken);
    }
    if (peak_kib() - kib > RING_KIB + 1024 + (long)(via->frag_max * 2 / 1024))
        fail("the sender grew by %ld KiB while it sent %zu bytes", peak_kib() - kib, taken);
}

static _Atomic int *filled;

static void run_full(void)
{
    join();
    filled = &shared_counter[0];
    if (me() == 0) {
        wait_until_linked();
        meet();
        fill_channel();
        atomic_store(filled, (int)traffic[1].sent + 100);
        traffic[1].goal = traffic[1].sent + 100;
        double used = cpu();
        meet();
        work_out();
        if (cpu() - used > 1 + 0.001 * traffic[1].sent)
            fail("%.2f s of CPU to wait for a receiver that slept", cpu() - used);
    } else {
        work_in(0, 1);
        meet();
        meet();
        nap(0.7);
        work_in(0, (uint32_t)atomic_load(filled));
    }
    meet();
    leave();
}

/* A blocked sender sleeps, and wakes up when there is room again. */
static void run_wake_on_room(void)
{
    join();
    filled = &shared_counter[0];
    if (me() == 0) {
        wait_until_linked();
        meet();
        fill_channel();
        atomic_store(filled, (int)traffic[1].sent + 1);
        traffic[1].goal = traffic[1].sent + 1;
        meet();
        double used = cpu(), begin = now();
        work_out();
        if (now() - begin > 20)
            fail("%.1f s until the sender woke up", now() - begin);
        if (cpu() - used > 0.1)
            fail("%.3f s of CPU while blocked for %.1f s", cpu() - used, now() - begin);
    } else {
        work_in(0, 1);
        meet();
        meet();
        nap(1.5);
        work_in(0, (uint32_t)atomic_load(filled));
    }
    meet();
    leave();
}

/* Both sides fill the channel and must still come free: who sends has to receive meanwhile. */
static void run_crossing(void)
{
    enum { FRAGMENTS = 200 };
    join();
    owe(partner(), FRAGMENTS);
    work_in(partner(), FRAGMENTS);
    work_out();
    meet();
    leave();
}

/* ---- many ranks ---- */

static void plan_mixed(uint32_t seq, struct plan *p)
{
    uint32_t x = seq * 2654435761u;
    p->kind = x % 5 == 0 ? IPCR_DATA : IPCR_EAGER;
    p->len = p->kind == IPCR_DATA ? 1 + x % via->frag_max
             : x % 11 == 0        ? x % most_eager()
                                  : x % 500;
    p->sunk = x % 2;
    p->strided = x % 3 == 0;
}

static uint32_t from_each;

static bool all_in(void)
{
    for (int r = 0; r < ipcr_job.size; r++)
        if (reached(r) && traffic[r].received < from_each)
            return false;
    return true;
}

static void exchange_with_all(uint32_t messages)
{
    from_each = messages;
    for (int r = 0; r < ipcr_job.size; r++)
        if (reached(r))
            owe(r, messages);
    work_until(all_in);
    work_out();
}

static void run_all_to_all(void)
{
    join();
    exchange_with_all(200);
    meet();
    leave();
}

/* All pairs meet for the first time at the same moment, again and again. */
static void run_first_contact(void)
{
    for (int life = 0; life < 30; life++) {
        join();
        exchange_with_all(3);
        meet();
        leave();
    }
}

/* ---- idle ---- */

static void run_idle(void)
{
    enum { SECONDS = 3 };
    join();
    owe(partner(), 1);
    work_out();
    work_in(partner(), 1);
    meet();
    if (me() == 0) {
        nap(SECONDS);
        atomic_store(&shared_counter[1], (int)(now() * 1000 - atomic_load(&shared_counter[0])));
        owe(1, 1);
        work_out();
    } else {
        double used = cpu(), begin = now();
        work_in(0, 2);
        if (cpu() - used > 0.03 * SECONDS)
            fail("%.3f s of CPU while idle for %.1f s", cpu() - used, now() - begin);
        if (now() - begin > SECONDS + 1)
            fail("woken %.1f s after the message was sent", now() - begin - SECONDS);
    }
    meet();
    leave();
}

/* ---- parting ---- */

/* What was sent before close arrives, even if the receiver looks much later, and even if there are
 * messages for the sender that it never reads. */
static void run_parting(void)
{
    enum { MESSAGES = 40 };
    join();
    owe(partner(), 1);
    work_in(partner(), 1);
    work_out();
    meet();
    if (me() == 1) {
        owe(0, MESSAGES / 8);
        work_out();
    }
    meet();
    if (me() == 0) {
        owe(1, MESSAGES);
        while (traffic[1].sent < traffic[1].goal && send_next(1) == IPCR_OK)
            ;
        atomic_store(&shared_counter[0], (int)traffic[1].sent);
        leave();
        meet();
    } else {
        nap(0.5);
        while (!atomic_load(&shared_counter[0]))
            nap(0.001);
        work_in(0, (uint32_t)atomic_load(&shared_counter[0]));
        meet();
        leave();
    }
}

static void plan_parting(uint32_t seq, struct plan *p)
{
    p->len = least(1000 + seq * 100, most_eager());
}

/* ---- nothing is left ---- */

static int entries(const char *path)
{
    DIR *d = opendir(path);
    int n = 0;
    if (!d)
        return 0;
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static void run_clean(void)
{
    int fds = entries("/proc/self/fd"), maps = 0;
    for (int life = 0; life < 5; life++) {
        join();
        exchange_with_all(50);
        meet();
        leave();
        meet();
        if (entries("/proc/self/fd") != fds)
            fail("%d descriptors before, %d after life %d", fds, entries("/proc/self/fd"), life);
        /* The first life fills caches of the C library. */
        if (life == 0)
            maps = entries("/proc/self/map_files");
        else if (entries("/proc/self/map_files") > maps + 2)
            fail("%d mappings after one life, %d after %d", maps, entries("/proc/self/map_files"),
                 life + 1);
    }
}

/* ---- a peer dies ---- */

/* The survivor goes on until it is told (ipcr_err_fatal ends it) or the time is over. No call may
 * block, and nothing may crash. */
static void survive(double seconds)
{
    for (double begin = now(); now() - begin < seconds;) {
        double before = now();
        int n = via->poll(64);
        if (me() == 0 && traffic[1].sent < traffic[1].goal)
            n += send_next(1) == IPCR_OK;
        if (now() - before > 1)
            fail("poll or send took %.1f s after a peer died", now() - before);
        if (n == 0)
            sleep_for_work(20);
    }
}

static void die_soon(void)
{
    nap(0.01 + (getpid() % 50) * 0.001);
    kill(getpid(), SIGKILL);
}

static void run_death_of_receiver(void)
{
    join();
    owe(1, UINT32_MAX / 2);
    if (me() == 0) {
        survive(4);
        stop_here();
    }
    traffic[0].goal = 0;
    if (fork() == 0) { /* kills its parent at a moment of its own */
        nap(0.02 + (getpid() % 97) * 0.001);
        kill(getppid(), SIGKILL);
        _exit(0);
    }
    traffic[1].goal = 0;
    for (;;)
        if (via->poll(64) == 0)
            sleep_for_work(20);
}

static void run_death_of_sender(void)
{
    join();
    if (me() == 0) {
        survive(4);
        stop_here();
    }
    owe(0, 20000);
    while (traffic[0].sent < 50 + (uint32_t)getpid() % 100)
        if (send_next(0) != IPCR_OK)
            via->poll(64);
    die_soon();
}

/* ---- pull ---- */

static bool pulls(const struct ipcr_transport *t)
{
    return t->pull != NULL;
}

static void run_pull(void)
{
    enum { LEN = 1 << 20 };
    static unsigned char here[LEN];
    /* The same address in all ranks, since they are forks of one process. */
    static unsigned char there[LEN];
    join();
    memset(there, 0x40 + me(), LEN);
    owe(partner(), 1);
    work_in(partner(), 1);
    work_out();
    meet();
    /* Several messages in one go: all of it but five bytes between each two. */
    enum { EACH = LEN / IPCR_PULLS };
    struct ipcr_pull part[IPCR_PULLS];
    for (size_t i = 0; i < IPCR_PULLS; i++)
        part[i] = (struct ipcr_pull){(uint64_t)(uintptr_t)there + i * EACH + 5, here + i * EACH,
                                     EACH - 5};
    int rc = via->pull(&ipcr_peers[partner()], part, IPCR_PULLS);
    if (rc > 0)
        fail("pull returned %d", rc);
    for (size_t i = 0; rc == 0 && i < LEN; i++)
        if (here[i] != (i % EACH < EACH - 5 ? 0x40 + partner() : 0))
            fail("pulled byte %zu is wrong", i);
    part[1].remote = 8;
    if (via->pull(&ipcr_peers[partner()], part, 2) == 0 && me() != partner())
        fail("pull from an address that is not mapped reports success");
    meet();
    leave();
}

/* A pull from nowhere is a crash within one process. */
static bool pulls_from_others(const struct ipcr_transport *t)
{
    return pulls(t) && reaches_others(t);
}

static const struct test tests[] = {
    {.name = "order, one way", .ranks = 2, .plan = plan_small, .run = run_one_way},
    {.name = "order, both ways", .ranks = 2, .plan = plan_small, .run = run_both_ways},
    {.name = "every size", .ranks = 2, .plan = plan_sizes, .run = run_sizes},
    {.name = "messages of many fragments", .ranks = 2, .plan = plan_long, .run = run_long},
    {.name = "more than 4 MiB both ways", .ranks = 2, .plan = plan_beyond, .run = run_beyond},
    {.name = "strided layouts", .ranks = 2, .plan = plan_strided, .run = run_long},
    {.name = "full of large fragments",
     .ranks = 2,
     .plan = plan_largest,
     .run = run_full,
     .suits = reaches_others},
    {.name = "full of tiny fragments",
     .ranks = 2,
     .plan = plan_tiny,
     .run = run_full,
     .suits = reaches_others},
    {.name = "a blocked sender sleeps and wakes",
     .ranks = 2,
     .plan = plan_largest,
     .run = run_wake_on_room,
     .suits = reaches_others},
    {.name = "both directions full", .ranks = 2, .plan = plan_largest, .run = run_crossing},
    {.name = "all to all of 8", .ranks = 8, .plan = plan_mixed, .run = run_all_to_all},
    {.name = "first contact of 8 at once",
     .ranks = 8,
     .plan = plan_mixed,
     .run = run_first_contact},
    {.name = "idle costs nothing",
     .ranks = 2,
     .plan = plan_small,
     .run = run_idle,
     .suits = reaches_others},
    {.name = "what was sent before close arrives",
     .ranks = 2,
     .plan = plan_parting,
     .run = run_parting,
     .suits = reaches_others},
    {.name = "nothing is left", .ranks = 3, .plan = plan_mixed, .run = run_clean},
    {.name = "the receiver dies, large fragments",
     .ranks = 2,
     .plan = plan_largest,
     .run = run_death_of_receiver,
     .suits = reaches_others,
     .expect_killed = 1,
     .may_lose = true},
    {.name = "the receiver dies, mixed fragments",
     .ranks = 2,
     .plan = plan_mixed,
     .run = run_death_of_receiver,
     .suits = reaches_others,
     .expect_killed = 1,
     .may_lose = true},
    {.name = "the sender dies",
     .ranks = 2,
     .plan = plan_mixed,
     .run = run_death_of_sender,
     .suits = reaches_others,
     .expect_killed = 1,
     .may_lose = true},
    {.name = "pull", .ranks = 2, .plan = plan_small, .run = run_pull, .suits = pulls_from_others},
};

static bool wanted(const char *word, const char *name)
{
    return !word || strcmp(word, name) == 0;
}

/* One line of TAP, whole: others write to the same place. */
static int run_case(const struct ipcr_transport *row, const struct test *t)
{
    char line[1400];
    double begin = now();
    const char *wrong = harness_run(row, t);
    int n = snprintf(line, sizeof line, "%sok - %s: %s (%.1f s)%s%s\n", wrong ? "not " : "",
                     row->name, t->name, now() - begin, wrong ? "\n# " : "", wrong ? wrong : "");
    return write(STDOUT_FILENO, line, (size_t)n) == n && !wrong ? 0 : 1;
}

static bool chosen(const struct ipcr_transport *row, const struct test *t, const char *name)
{
    return wanted(name, t->name) && (!t->suits || t->suits(row));
}

static int run_row(const struct ipcr_transport *row, const char *name)
{
    int failures = 0;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (chosen(row, &tests[i], name))
            failures += run_case(row, &tests[i]);
    return failures;
}

/* Cases sleep most of the time, so a few rows run at once; not all, since some cases measure. */
int main(int argc, char **argv)
{
    enum { AT_ONCE = 3 };
    const char *only = argc > 1 ? argv[1] : NULL, *name = argc > 2 ? argv[2] : NULL;
    int cases = 0, running = 0, failures = 0, status;
    for (int t = 0; ipcr_transports[t]; t++) {
        const struct ipcr_transport *row = ipcr_transports[t];
        if (!wanted(only, row->name))
            continue;
        for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
            cases += chosen(row, &tests[i], name);
        if (running == AT_ONCE) {
            wait(&status);
            failures += status != 0;
            running--;
        }
        running++;
        if (fork() == 0)
            _exit(run_row(row, name) != 0);
    }
    while (wait(&status) > 0)
        failures += status != 0;
    printf("1..%d\n", cases);
    return failures != 0;
}
