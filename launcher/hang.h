/* All ranks asleep: is it a deadlock? The argument that there is no false alarm.
 *
 * Each agent tells the head when every rank of its node sleeps: its board row says that it blocks
 * in an MPI call, the kernel that all its threads sleep, or it is past MPI for good (QUIET). When
 * all agents have said so, the head asks them to look again (CONFIRM), and a rank that was awake in
 * between shows: its record has another generation, or the kernel does not let it sleep. All first
 * looks come before all second ones, so there was a moment at which all ranks slept at once. If the
 * fragments sent and arrived, which do not change in sleep, have equal sums over the job, none was
 * under way at that moment, in whatever transport or network; and no rank had anything parked. A
 * rank of such a job is woken by messages only, and nobody is left to send one.
 *
 * A rank that computes, tests in a loop, reads, sleeps by itself, is stopped or has a thread that
 * might call MPI is not asleep in this sense, and ends the suspicion. Lost counts (of ranks that
 * are past MPI) make the sums differ: then nothing is said. */
#ifndef IPCR_HANG_H
#define IPCR_HANG_H

#include "sleeper.h"

struct ipcr_node;

/* hang.c, in the head */
void ipcr_hang_quiet(struct ipcr_node *n, struct ipcr_reader *r);
void ipcr_hang_confirmed(struct ipcr_node *n, struct ipcr_reader *r);

/* hang_show.c: has every host tell what its ranks do, for visitors (visit.h) that wait for it; */
void ipcr_show_ask(void);
/* prints it as well, and then calls `then` (NULL: nothing). */
void ipcr_show_all(void (*then)(void));
/* Prints it by itself when a rank has waited in one call for so long, once for each such call. */
void ipcr_show_watch(long hang_ms);
void ipcr_show_states(struct ipcr_reader *r);

/* hang_words.c: what all ranks do, in lines of text (to be freed) that begin with `prefix`. all[i]
 * is rank i. `proved`: this is a deadlock, so who waits for whom stays as it is. */
char *ipcr_hang_words(const struct ipcr_sleeper *all, int n, bool proved, const char *prefix);

#endif
