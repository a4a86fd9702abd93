// What the test programs of this folder share: checks that say where, on which rank and with which
// values they failed, and contents that a receiver can verify without asking the sender.
//
// A program prints nothing when all is well. Each failure is one line on stderr and makes this
// rank exit with 1; after CHECK_LIMIT failures the job is aborted, so that a broken library does
// not fill a log. Checks may be used from several threads.
#ifndef TESTS_MPI_CHECK_H
#define TESTS_MPI_CHECK_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_LIMIT = 20 };

// True where the library under test is ours (the header is that of the standard ABI), so must have
// each optional type; peers may lack some.
#ifdef MPI_ABI_VERSION
#define CHECK_ABI 1
#else
#define CHECK_ABI 0
#endif

// Open MPI 4.1 is older than this handler.
#if defined(OPEN_MPI) && !defined(MPI_ERRORS_ABORT)
#define MPI_ERRORS_ABORT MPI_ERRORS_ARE_FATAL
#endif

static int me = -1; // rank in MPI_COMM_WORLD
static int np = 0;  // its size
static int check_failures;

static inline void check_fail(const char *file, int line, const char *text)
{
    int before = __atomic_fetch_add(&check_failures, 1, __ATOMIC_RELAXED);
    fprintf(stderr, "%s:%d: rank %d of %d: %s\n", file, line, me, np, text);
    if (before + 1 < CHECK_LIMIT)
        return;
    fprintf(stderr, "%s:%d: rank %d of %d: too many failures\n", file, line, me, np);
    MPI_Abort(MPI_COMM_WORLD, 1);
}

#define FAIL(...)                                             \
    do {                                                      \
        char check_text[1024];                                \
        snprintf(check_text, sizeof check_text, __VA_ARGS__); \
        check_fail(__FILE__, __LINE__, check_text);           \
    } while (0)

#define CHECK(condition)                      \
    do {                                      \
        if (!(condition))                     \
            FAIL("not true: %s", #condition); \
    } while (0)

// A condition with the numbers that explain it.
#define CHECK_SAYING(condition, ...) \
    do {                             \
        if (!(condition))            \
            FAIL(__VA_ARGS__);       \
    } while (0)

// Two integers.
#define EQ(got, want)                                                                    \
    do {                                                                                 \
        long long check_got = (long long)(got), check_want = (long long)(want);          \
        if (check_got != check_want)                                                     \
            FAIL("%s is %lld; should be %lld (%s)", #got, check_got, check_want, #want); \
    } while (0)

static inline int check_class(int code)
{
    int class;
    return MPI_Error_class(code, &class) == MPI_SUCCESS ? class : -1;
}

static inline void check_code(const char *file, int line, const char *call, int code)
{
    char why[MPI_MAX_ERROR_STRING] = "?", text[MPI_MAX_ERROR_STRING + 512];
    int length;

    if (code == MPI_SUCCESS)
        return;
    MPI_Error_string(code, why, &length);
    snprintf(text, sizeof text, "%s returned class %d: %s", call, check_class(code), why);
    check_fail(file, line, text);
}

// A call that must succeed.
#define OK(call) check_code(__FILE__, __LINE__, #call, (call))

// A call that must fail with an error of this class (under MPI_ERRORS_RETURN).
#define FAILS(call, class)                                                                    \
    do {                                                                                      \
        int check_got_class = check_class(call);                                              \
        if (check_got_class != (class))                                                       \
            FAIL("%s gave error class %d; should be %s (%d)", #call, check_got_class, #class, \
                 (int)(class));                                                               \
    } while (0)

static inline void check_status(const char *file, int line, const MPI_Status *status,
                                const int want[2])
{
    char text[256];
    if (status->MPI_SOURCE == want[0] && status->MPI_TAG == want[1])
        return;
    snprintf(text, sizeof text, "status has source %d, tag %d; should be source %d, tag %d",
             status->MPI_SOURCE, status->MPI_TAG, want[0], want[1]);
    check_fail(file, line, text);
}

static inline void check_count(const char *file, int line, const MPI_Status *status,
                               MPI_Datatype type, int want)
{
    char text[256];
    int got = -77;
    MPI_Get_count(status, type, &got);
    if (got == want)
        return;
    snprintf(text, sizeof text, "status has count %d; should be %d", got, want);
    check_fail(file, line, text);
}

// Source, tag and count of a status.
#define STATUS(status, source, tag, type, count)                                     \
    do {                                                                             \
        check_status(__FILE__, __LINE__, (status), (const int[2]){(source), (tag)}); \
        check_count(__FILE__, __LINE__, (status), (type), (count));                  \
    } while (0)

// The empty status of section 3.7.3 (null and inactive requests).
#define EMPTY(status)                                             \
    do {                                                          \
        int check_flag = -1;                                      \
        STATUS(status, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_BYTE, 0); \
        OK(MPI_Test_cancelled((status), &check_flag));            \
        EQ(check_flag, 0);                                        \
    } while (0)

// The status of a receive from MPI_PROC_NULL (section 3.10).
#define NOBODY(status) STATUS(status, MPI_PROC_NULL, MPI_ANY_TAG, MPI_BYTE, 0)

static inline void check_begin(int *argc, char ***argv)
{
    OK(MPI_Init(argc, argv));
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &np);
}

// For `return check_end();` at the end of main.
static inline int check_end(void)
{
    OK(MPI_Finalize());
    return check_failures != 0;
}

// A whole number on the command line, or what stands for it.
static inline long argument(int argc, char **argv, int at, long otherwise)
{
    return at < argc ? atol(argv[at]) : otherwise;
}

// Memory that is there, or the end of the job.
static inline void *need(size_t bytes)
{
    void *memory = malloc(bytes ? bytes : 1);
    if (memory == NULL) {
        FAIL("no memory for %zu bytes", bytes);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    return memory;
}

// splitmix64's finaliser: every bit of the result depends on every bit of x.
static inline uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline uint64_t mix3(uint64_t a, uint64_t b, uint64_t c)
{
    return mix(mix(mix(a) ^ b) ^ c);
}

// A random number below `bound`; the same sequence everywhere for the same starting state.
static inline uint64_t rnd(uint64_t *state, uint64_t bound)
{
    *state += 0x9e3779b97f4a7c15u;
    return mix(*state) % bound;
}

// Contents that depend on the seed and on the place, so that a shifted, mixed up or stale message
// is noticed.
static inline void fill(void *buffer, size_t bytes, uint64_t seed)
{
    unsigned char *to = buffer;
    size_t at = 0;

    for (; at + 8 <= bytes; at += 8) {
        uint64_t word = mix(seed ^ at);
        memcpy(to + at, &word, 8);
    }
    for (uint64_t word = mix(seed ^ at); at < bytes; at++, word >>= 8)
        to[at] = (unsigned char)word;
}

// The first byte that differs from what fill wrote, or `bytes`.
static inline size_t wrong_at(const void *buffer, size_t bytes, uint64_t seed)
{
    const unsigned char *from = buffer;
    size_t at = 0;

    for (; at + 8 <= bytes; at += 8) {
        uint64_t word = mix(seed ^ at);
        if (memcmp(from + at, &word, 8) != 0)
            break;
    }
    for (; at < bytes; at++) {
        uint64_t word = mix(seed ^ (at & ~(size_t)7));
        if (from[at] != (unsigned char)(word >> (8 * (at & 7))))
            return at;
    }
    return bytes;
}

#define FILLED(buffer, bytes, seed)                                                       \
    do {                                                                                  \
        size_t check_bytes = (bytes), check_at = wrong_at((buffer), check_bytes, (seed)); \
        if (check_at != check_bytes)                                                      \
            FAIL("%s is wrong from byte %zu of %zu", #buffer, check_at, check_bytes);     \
    } while (0)

// True when each byte is `value`: for gaps and margins that nobody may write.
static inline int all_bytes(const void *buffer, size_t bytes, unsigned char value)
{
    const unsigned char *from = buffer;
    for (size_t at = 0; at < bytes; at++)
        if (from[at] != value)
            return 0;
    return 1;
}

#endif
