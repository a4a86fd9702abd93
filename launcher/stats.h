/* What ranks have written down about themselves (runtime/profile.h), collected at the head for
 * --stats: stats.c takes it in, stats_text.c and stats_html.c show it. */
#ifndef IPCR_STATS_H
#define IPCR_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "profile.h"
#include "proto.h"

struct ipcr_stats_peer {
    uint32_t rank;
    struct ipcr_profile_peer flow;
};

/* One rank. Times are nanoseconds. */
struct ipcr_stats_rank {
    bool there;       /* false: it never came to MPI_Init, or its host was lost */
    bool closed;      /* it has left MPI in the proper way */
    uint64_t wall_ns; /* from MPI_Init on */
    uint64_t mpi_ns, wait_ns[IPCR_WAIT_KINDS];
    struct ipcr_profile_flow sent[2], received[2]; /* the program's, the collectives' */
    struct ipcr_stats_peer *peers;                 /* those it has talked to */
    uint32_t npeers;
};

/* One MPI function, of all ranks. */
struct ipcr_stats_call {
    char name[IPCR_PROFILE_NAME];
    uint64_t calls, ns, wait_ns;
    uint64_t most_ns; /* in one rank, */
    int most_rank;    /* this one */
};

struct ipcr_stats {
    int size;
    struct ipcr_stats_rank *ranks; /* [size] */
    struct ipcr_stats_call *calls; /* most time first, once sorted */
    int ncalls;
    uint64_t sizes[IPCR_PROFILE_SIZES];
};

/* The agent's side: the body of STATS. */
void ipcr_stats_put(struct ipcr_buf *b, uint32_t rank, int size, const struct ipcr_tally *t);

/* The head's side. A message that makes no sense is dropped. */
void ipcr_stats_open(struct ipcr_stats *s, int size);
void ipcr_stats_take(struct ipcr_stats *s, struct ipcr_reader *r);
void ipcr_stats_sort(struct ipcr_stats *s);
void ipcr_stats_free(struct ipcr_stats *s);

/* Sums over all waits, and over the program's and the collectives' messages. */
uint64_t ipcr_stats_waited(const struct ipcr_stats_rank *r);
struct ipcr_profile_flow ipcr_stats_flow(const struct ipcr_profile_flow pair[2]);

/* "3.2 MB". The text is good until the fourth next call. */
const char *ipcr_stats_bytes(uint64_t bytes);

/* What all calls of a rank did not take, and what was not waiting. */
uint64_t ipcr_stats_computed(const struct ipcr_stats_rank *r);
uint64_t ipcr_stats_moved(const struct ipcr_stats_rank *r);

/* What stands over a column of waiting. */
extern const char *const ipcr_stats_waits[IPCR_WAIT_KINDS];

void ipcr_stats_text(const struct ipcr_stats *s, FILE *to);
/* A page with pictures (stats_chart.c draws them). */
void ipcr_stats_html(const struct ipcr_stats *s, FILE *to);

/* Its pictures, and the part of the style that they need. */
extern const char ipcr_stats_style[];
void ipcr_stats_draw_balance(const struct ipcr_stats *s, FILE *to);
void ipcr_stats_draw_matrix(const struct ipcr_stats *s, FILE *to);
void ipcr_stats_draw_sizes(const struct ipcr_stats *s, FILE *to);

#endif
