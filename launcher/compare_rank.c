/* The measuring program of `ipcrun --compare-ipc`: a rank of a job whose environment names the one
 * transport that it may use. It knows MPI alone. Rank 0 writes the lines of compare.h. */
#include "clock.h"
#include "compare.h"

#include <math.h>
#include <mpi.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "compare_load.h"
#include "util.h"

enum {
    BATCHES = 5,        /* of a pattern and size, at most: the median counts */
    MANY = 1 << 20,     /* repetitions of a batch, at most */
    LEAST = 24,         /* messages that the smallest measurement of a size takes, roughly */
    WAKES = 15,         /* samples of the wake-up */
    WAKE_REST_US = 4000 /* after which the receiver sleeps: progress.c is patient for 500 or 1000 */
};

/* All times in seconds. `point`: of a pattern and size. `size_limit`: a size that would take longer
 * is left out. `rank_limit`: of the whole program; `count_limit`: of counting system calls. */
struct pace {
    double point, size_limit, rank_limit, count_limit;
    int factor; /* from one size to the next */
    int wakes;
};
static const struct pace normal = {0.025, 2.0, 12, 0.5, IPCR_COMPARE_FACTOR, WAKES};
static const struct pace quick = {0.006, 1.0, 4, 0.15, IPCR_COMPARE_QUICK_FACTOR, WAKES / 2};

static struct ipcr_load load;

static void say(enum ipcr_metric m, size_t bytes, double value)
{
    if (load.rank == 0)
        printf("value %s %zu %.9g\n", ipcr_metrics[m].key, bytes, value);
}

/* ---- one pattern ---- */

static int ascending(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static void add(struct ipcr_load_cost *to, const struct ipcr_load_cost *c)
{
    for (int side = 0; side < 2; side++) {
        to->cpu[side] += c->cpu[side];
        to->switches[side] += c->switches[side];
        to->calls[side] += c->calls[side];
    }
}

static void divide(struct ipcr_load_cost *c, double by)
{
    for (int side = 0; side < 2; side++) {
        c->cpu[side] /= by;
        c->switches[side] /= by;
        c->calls[side] /= by;
    }
}

/* The lesser of two: something else may have had the core. The clock is the slowest rank's and the
 * same for all, so that all decide alike. */
static double try_batch(ipcr_pattern *pattern, long count)
{
    double first = ipcr_load_batch(&load, pattern, count).seconds;
    double second = ipcr_load_batch(&load, pattern, count).seconds;
    return first < second ? first : second;
}

/* Repetitions that fill a batch. */
static long fill_batch(ipcr_pattern *pattern, double batch)
{
    long count = 1;
    double took = try_batch(pattern, count);
    while (took < batch / 2 && count < MANY) {
        count *= batch > 4 * took ? 4 : 2;
        took = try_batch(pattern, count);
    }
    return count;
}

/* Of one repetition. */
struct result {
    double median, least;       /* seconds */
    struct ipcr_load_cost mean; /* everything else */
};

static struct result measure(ipcr_pattern *pattern, double point)
{
    long count = fill_batch(pattern, point / BATCHES);
    double seconds[BATCHES], spent = 0;
    struct result r = {0};
    int n = 0;
    while (n < BATCHES && (n == 0 || spent < point)) {
        struct ipcr_load_cost c = ipcr_load_batch(&load, pattern, count);
        add(&r.mean, &c);
        spent += c.seconds;
        seconds[n++] = c.seconds;
    }
    qsort(seconds, (size_t)n, sizeof *seconds, ascending);
    r.median = seconds[n / 2] / (double)count;
    r.least = seconds[0] / (double)count;
    divide(&r.mean, (double)count * n);
    return r;
}

/* ---- one size ---- */

static int pairs(void)
{
    return load.size > 1 ? load.size / 2 : 1;
}

static void measure_streams(size_t bytes, double point)
{
    double messages = (double)load.window * pairs(), mb = messages * (double)bytes * 1e-6;
    struct result r = measure(ipcr_load_one_way, point);
    say(IPCR_ONE_WAY, bytes, mb / r.median);
    say(IPCR_RATE, bytes, messages / r.median);
    say(IPCR_CPU_SEND, bytes, 1e6 * r.mean.cpu[0] / messages);
    say(IPCR_SWITCH_SEND, bytes, r.mean.switches[0] / messages);
    if (load.size == 1)
        return; /* one process is both sides, and both ways are one */
    say(IPCR_CPU_RECV, bytes, 1e6 * r.mean.cpu[1] / messages);
    say(IPCR_SWITCH_RECV, bytes, r.mean.switches[1] / messages);
    r = measure(ipcr_load_both_ways, point);
    say(IPCR_BOTH_WAYS, bytes, 2 * mb / r.median);
}

/* Slow messages take smaller windows, or a single one would be longer than the point. */
static int window_for(double message, double point)
{
    double fit = message > 0 ? point / message : IPCR_LOAD_WINDOW;
    return fit < 2 ? 2 : fit < IPCR_LOAD_WINDOW ? (int)fit : IPCR_LOAD_WINDOW;
}

static void measure_size(size_t bytes, double point)
{
    ipcr_load_size(&load, bytes, 1);
    struct result r = measure(ipcr_load_ping_pong, point);
    say(IPCR_LATENCY, bytes, 1e6 * r.median / 2);
    say(IPCR_SWITCH_PING, bytes, (r.mean.switches[0] + r.mean.switches[1]) / (2.0 * pairs()));
    ipcr_load_size(&load, bytes, window_for(r.least / 2, point));
    measure_streams(bytes, point);
}

/* Of one message, of some: the first one connects, and a busy machine is late now and then. */
static double try_message(size_t bytes, double enough)
{
    enum { TRIES = 3 };
    double least = 0;
    ipcr_load_size(&load, bytes, 1);
    for (int i = 0; i < TRIES && (i == 0 || least > enough); i++) {
        double s = ipcr_load_batch(&load, ipcr_load_ping_pong, 1).seconds / 2;
        least = i == 0 || s < least ? s : least;
    }
    return least;
}

/* Rank 0's clock decides for all. */
static bool is_late(double since, double limit)
{
    int late = ipcr_load_now() - since > limit;
    MPI_Bcast(&late, 1, MPI_INT, 0, MPI_COMM_WORLD);
    return late;
}

/* Why sizes from this one on are left out; false: they are not. */
static bool is_too_much(size_t bytes, const struct pace *pace, double start, char why[80])
{
    if (is_late(start, pace->rank_limit)) {
        snprintf(why, 80, "the time was up");
        return true;
    }
    double message = try_message(bytes, pace->size_limit / LEAST);
    snprintf(why, 80, "a message takes about %s ms", ipcr_compare_number(1e3 * message));
    return message * LEAST > pace->size_limit;
}

/* The largest size that was measured. */
static size_t measure_sizes(const struct pace *pace, double start)
{
    size_t largest = 0;
    char why[80];
    for (size_t bytes = 1; bytes; bytes = ipcr_compare_next(bytes, pace->factor)) {
        if (is_too_much(bytes, pace, start, why)) {
            if (load.rank == 0)
                printf("skip from %s on: %s\n", ipcr_compare_bytes(bytes), why);
            break;
        }
        measure_size(bytes, pace->point);
        largest = bytes;
        fflush(stdout);
    }
    return largest;
}

/* ---- a receiver that sleeps ---- */

static long times_slept(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_nvcsw; /* handing the core on counts as the other kind */
}

/* The message carries the time at which it was sent; both ranks read one clock. NAN: the receiver
 * did not sleep. */
static double receive_asleep(void)
{
    uint64_t sent;
    long before = times_slept();
    MPI_Recv(&sent, sizeof sent, MPI_BYTE, load.peer, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    uint64_t now = ipcr_clock_ns();
    return times_slept() > before ? (double)(now - sent) * 1e-3 : NAN;
}

static void send_later(void)
{
    struct timespec rest = {0, WAKE_REST_US * 1000};
    nanosleep(&rest, NULL);
    uint64_t sent = ipcr_clock_ns();
    MPI_Send(&sent, sizeof sent, MPI_BYTE, load.peer, 0, MPI_COMM_WORLD);
}

/* Between the first pair; the other ranks sleep in the barrier. */
static void measure_wake_up(int wakes)
{
    double sample[WAKES], median = NAN;
    int n = 0, receiver = load.size / 2;
    for (int i = 0; i < wakes && load.size > 1; i++) {
        double us = NAN;
        MPI_Barrier(MPI_COMM_WORLD);
        if (load.rank == 0)
            send_later();
        else if (load.rank == receiver)
            us = receive_asleep();
        if (!isnan(us))
            sample[n++] = us;
    }
    qsort(sample, (size_t)n, sizeof *sample, ascending);
    if (n > wakes / 2)
        median = sample[n / 2];
    MPI_Bcast(&median, 1, MPI_DOUBLE, receiver, MPI_COMM_WORLD);
    if (!isnan(median))
        say(IPCR_WAKE_UP, 1, median);
}

/* ---- system calls ---- */

static double count_size(size_t bytes)
{
    enum { ROUNDS = 8 };
    double start = ipcr_load_now();
    ipcr_load_size(&load, bytes, ROUNDS);
    ipcr_load_batch(&load, ipcr_load_ping_pong, 1); /* links and buffers are there from now on */
    struct ipcr_load_cost c = ipcr_load_batch(&load, ipcr_load_ping_pong, ROUNDS);
    say(IPCR_CALLS_PING, bytes, (c.calls[0] + c.calls[1]) / (2.0 * ROUNDS * pairs()));
    c = ipcr_load_batch(&load, ipcr_load_one_way, 2);
    double messages = 2.0 * load.window * pairs();
    say(IPCR_CALLS_SEND, bytes, c.calls[0] / messages);
    if (load.size > 1)
        say(IPCR_CALLS_RECV, bytes, c.calls[1] / messages);
    return ipcr_load_now() - start;
}

/* Last of all: it slows everything down. Stops before a size that would take too long. */
static void count_calls(const struct pace *pace, size_t largest)
{
    int rc = ipcr_count_start(), worst;
    double start = ipcr_load_now(), last = 0;
    MPI_Allreduce(&rc, &worst, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    for (size_t bytes = 1; worst == 0 && bytes && bytes <= largest;
         bytes = ipcr_compare_next(bytes, pace->factor)) {
        if (is_late(start - last * pace->factor, pace->count_limit))
            break;
        last = count_size(bytes);
    }
    if (rc == 0)
        ipcr_count_stop();
}

/* ---- the whole ---- */

/* The list names a CPU for each rank, in turn; "-": wherever the system puts them. */
static void bind_to(const char *list, int rank)
{
    int cpus[2], n = sscanf(list, "%d,%d", &cpus[0], &cpus[1]);
    cpu_set_t set;
    if (n < 1)
        return;
    CPU_ZERO(&set);
    CPU_SET(cpus[rank % n], &set);
    sched_setaffinity(0, sizeof set, &set);
}

static void say_checked(void)
{
    double checked;
    long wrong;
    MPI_Reduce(&load.checked, &checked, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    MPI_Reduce(&load.wrong, &wrong, 1, MPI_LONG, MPI_SUM, 0, MPI_COMM_WORLD);
    if (load.rank == 0)
        printf("checked %.0f\nwrong %ld\n", checked, wrong);
}

/* argv[2]: CPUs, argv[3]: "quick" or "normal". */
int ipcr_compare_rank(int argc, char **argv)
{
    if (argc != 4)
        return IPCR_EXIT_USAGE;
    const struct pace *pace = strcmp(argv[3], "quick") == 0 ? &quick : &normal;
    MPI_Init(&argc, &argv);
    if (!ipcr_load_open(&load, IPCR_COMPARE_LARGEST))
        MPI_Abort(MPI_COMM_WORLD, IPCR_EXIT_LOST);
    bind_to(argv[2], load.rank);
    double start = ipcr_load_now();
    size_t largest = measure_sizes(pace, start);
    measure_wake_up(pace->wakes);
    count_calls(pace, largest);
    say_checked();
    ipcr_load_close(&load);
    MPI_Finalize();
    return 0;
}
