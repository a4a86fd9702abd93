/* The file of one rank in which --record writes what --replay enforces: a header, then events of
 * equal size in the order in which they happened. It is written through shared memory of the file,
 * so whatever ends the rank, even SIGKILL, what has been written stays; `ended` tells a record
 * that was closed from one that broke off.
 *
 * In host order: a record is played on the kind of machine where it was made. */
#ifndef IPCR_TAPE_H
#define IPCR_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ipcr_tape_kind {
    IPCR_TAPE_MATCH = 1, /* receive `number` (from 1, in the order of posting) met a from tag b */
    IPCR_TAPE_PROBE,     /* a probe found a message from a with tag b */
    IPCR_TAPE_ALL,       /* a test of one request, or of all, was answered yes */
    IPCR_TAPE_SOME,      /* request number a was reported, and `number` more are in the same call */
    IPCR_TAPE_NO         /* so many tests and probes in a row (`number`) were answered no */
};

struct ipcr_tape_event {
    uint32_t kind; /* enum ipcr_tape_kind */
    uint32_t number;
    int32_t a, b;
};

/* Where a receive with wildcards found its message; from -1 (which no rank is): nowhere. */
struct ipcr_tape_match {
    int32_t from, tag;
};

struct ipcr_tape {
    struct ipcr_tape_head *head;    /* the mapping; NULL: closed */
    struct ipcr_tape_event *events; /* in it */
    struct ipcr_tape_match *match;  /* reading: [head->receives], by number less 1 */
    uint64_t matches;               /* reading: so many receives have met a message */
    size_t bytes;                   /* of the mapping */
    uint64_t at;                    /* reading: the next event */
    int fd;
};

struct ipcr_tape_head {
    char magic[8];
    uint32_t rank, size;
    uint64_t events;
    uint64_t receives; /* posted with a wildcard, matched or not */
    uint32_t ended;    /* the rank came to the end of the program's MPI */
    uint32_t unused[7];
};

/* Begins the file of this rank anew. 0 or negative errno. */
int ipcr_tape_create(struct ipcr_tape *t, const char *path, int rank, int size);
/* The next event. 0 or negative errno (no room). */
int ipcr_tape_add(struct ipcr_tape *t, const struct ipcr_tape_event *e);
/* The event written last, to be counted up; NULL if there is none. */
struct ipcr_tape_event *ipcr_tape_last(struct ipcr_tape *t);

/* Opens a file for reading. 0, or -EINVAL if it is no whole record, or another negative errno. */
int ipcr_tape_open(struct ipcr_tape *t, const char *path);
/* The next event that is not a match, without going past it; NULL: there is no more. All events of
 * one call are there if the first one is. */
const struct ipcr_tape_event *ipcr_tape_peek(struct ipcr_tape *t);

/* Frees everything; what was written is cut to its length. */
void ipcr_tape_close(struct ipcr_tape *t, bool ended);

#endif
