// What the measuring programs share: options, batches of fixed length in time, one line a result.
// Against the MPI standard alone, so that the same source measures every MPI.
//
// A result line has nine words:  NAME RANKS BYTES MEDIAN MIN MAX UNIT BATCHES OPERATIONS
// (median, min and max over batches; operations in each batch). Lines that begin with # are
// comments; `# distance BEFORE AFTER` (ns, of the cores of two ranks) is about the next line.
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "stats.h"

#include <stddef.h>

struct bench {
    int rank, size;
    size_t least, most; // sizes in bytes, from -s
    int factor;         // from one size to the next, from -x
    double batch_s;     // seconds that a batch shall take, from -b
    double point_s;     // seconds that all batches of one point may take, from -t
    int batches;        // as many as fit into point_s, but at most this, from -n
    int alloc_mem;      // buffers come from MPI_Alloc_mem, from -a
    int level;          // what MPI_Init_thread is asked for; MPI_THREAD_SINGLE before the call
    char **names;       // operations named on the command line, NULL-terminated; none = all
    int wrong;          // verifications that failed on this rank
};

// Does `count` operations. All ranks call it with the same count.
typedef void bench_fn(void *arg, long count);

// MPI_Init_thread for b->level, and options. `what` describes the operations for the usage text.
// The default sizes stand in *b before the call. Ends the program with status 2 for a wrong option.
void bench_begin(struct bench *b, int argc, char **argv, const char *what);

// MPI_Finalize; returns the exit status, which is 1 if any rank found wrong contents.
int bench_end(struct bench *b);

// Was this operation named on the command line, or none at all?
int bench_wants(const struct bench *b, const char *name);

// The size after this one: 0, 1, 2, 4 ... with the default factor of 2.
size_t bench_next(const struct bench *b, size_t bytes);

// Collective over MPI_COMM_WORLD. Chooses a count that fills batch_s, then runs the batches. On
// rank 0 the seconds that an operation takes: of each batch the mean over its operations, and of
// these means the largest of all ranks.
struct stats bench_measure(const struct bench *b, bench_fn *fn, void *arg);

// Prints a result line on rank 0.
void bench_print(const struct bench *b, const char *name, size_t bytes, struct stats s,
                 const char *unit);

// A buffer that starts on a page, touched by this process; never NULL (the program ends instead).
void *bench_alloc(size_t bytes);

// The same, or from MPI_Alloc_mem if -a says so; bench_buffer_free gives it back.
void *bench_buffer(const struct bench *b, size_t bytes);
void bench_buffer_free(const struct bench *b, void *p);

// Byte k of what rank `from` sends to rank `to` (0 where all get the same) in round `round`.
unsigned char bench_byte(int from, int to, int round, size_t k);

// Fills or checks n such bytes. The check counts a wrong buffer in b->wrong and says where.
void bench_fill(void *buf, size_t n, int from, int to, int round);
void bench_check(struct bench *b, const char *name, const void *buf, size_t n, const int who[3]);

#endif
