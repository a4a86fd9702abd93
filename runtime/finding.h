/* What --check has found wrong with the program, on its way to the launcher. */
#ifndef IPCR_FINDING_H
#define IPCR_FINDING_H

enum { IPCR_FINDINGS_WANTED = 2 }; /* the setting `check` that asks for them */

/* A call of the program's, and the address to which it returns. */
struct ipcr_place {
    const char *call;
    const void *caller;
};

/* The call that this thread is in. */
struct ipcr_place ipcr_place_here(void);

/* Each kind of finding (fmt, a constant) is told once for each place: a mistake in a loop is one
 * mistake. After some dozens of findings a rank says no more. */
void ipcr_finding(struct ipcr_place where, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
