/* Where the output of all ranks leaves the head: stdout and stderr, without ever blocking on a slow
 * reader, whole lines at a time, optionally with time and rank in front of each line. */
#ifndef IPCR_SINK_H
#define IPCR_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

enum ipcr_sink_tag {
    IPCR_SINK_RANK = 1,
    IPCR_SINK_TIME = 2,
    IPCR_SINK_JSON = 4, /* instead: an object a line, all of them to stdout (outjson.h) */
    IPCR_SINK_PATTERN = 8
};

/* The words of IPCR_SINK_PATTERN (pattern.h), which are kept. */
void ipcr_sink_pattern(const char *pattern, const struct ipcr_plan *plan);
/* Opens fds 1 and 2. tags: of each line. on_room: the backlog shrank, more may be sent;
 * on_broken(stream, errno): the reader is gone (EPIPE) or a write failed; output for that stream is
 * dropped from then on. */
void ipcr_sink_open(int tags, void (*on_room)(void), void (*on_broken)(int stream, int error));
/* Takes n bytes of a rank for stream 1 or 2. */
void ipcr_sink_put(int stream, int rank, const void *bytes, size_t n);
/* Bytes that are still to be written are few: producers may go on. */
bool ipcr_sink_has_room(void);
/* Everything was written (or dropped). */
bool ipcr_sink_is_empty(void);

#endif
