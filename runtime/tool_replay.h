/* --record and --replay: what decide.h asks is written down, and enforced.
 *
 * One file a rank (tape.h). In it are, for each receive with a wildcard in the order of posting,
 * the source and tag that it met, and the answers to probes, tests and MPI_Waitany and its kin in
 * the order of the calls. That is enough: given the same messages in the order of each sender, an
 * MPI program without threads has nowhere else to see time, but for the cancelling of sends, the
 * clock, and what is not MPI.
 *
 * To enforce a match, the receive is posted without wildcards. That yields the recorded pairs: of
 * one sender and tag, both messages and the receives that met them are in order (section 3.5). A
 * receive that met nothing in the record meets nothing, unless it is where a record broke off. So
 * nothing is held back by a replay, and it
 * cannot block where the record did not: all that an answer rests on has happened before it, there
 * and here. (Back-pressure could; the launcher turns it off.)
 *
 * Functions are called with the lock held, by decide.c only. */
#ifndef IPCR_TOOL_REPLAY_H
#define IPCR_TOOL_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "decide.h"
#include "observe.h"
#include "tape.h"

/* Its row in observe.c. */
extern const struct ipcr_observer ipcr_tool_replay;

/* A receive with a wildcard is posted: yields its number (else 0) and narrows it down as recorded.
 */
uint32_t ipcr_replay_receive(struct ipcr_wanted *w);

/* The next answer of the record, which is of this kind or IPCR_TAPE_NO; false: none is played, or
 * it has come to its end. Ends the job if the record has something else here. */
bool ipcr_replay_next(enum ipcr_tape_kind kind, struct ipcr_tape_event *e);
/* Writes down an answer, if a record is made. */
void ipcr_replay_note(const struct ipcr_tape_event *e);
/* What the record says here (in the words of fmt) cannot be: ends the job. */
_Noreturn void ipcr_replay_diverged(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
