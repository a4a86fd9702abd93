/* Visitors of the head: other ipcruns of the same user (or of root) that ask what the job does.
 * Each question (VISIT) gets one answer (JOB), so nothing piles up for one that does not read. */
#ifndef IPCR_VISIT_H
#define IPCR_VISIT_H

struct ipcr_sleeper;

/* Lets visitors in from now on. Where the system has no such sockets there are none. */
void ipcr_visit_open(void);
/* All hosts have said what their ranks do: answers those that wait. all[i] is rank i. */
void ipcr_visit_answer(const struct ipcr_sleeper *all);

#endif
