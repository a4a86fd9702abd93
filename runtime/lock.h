/* The door of every MPI call: names the call (for errors and the status board), refuses it outside
 * MPI_Init .. MPI_Finalize, and takes the library's lock when the program asked for
 * MPI_THREAD_MULTIPLE. With one thread the price is a store, a load and a predicted branch.
 *
 * The lock is recursive because user callbacks (reduction functions, attribute callbacks) run under
 * it and may ask simple questions of the library. Whoever waits (progress.c) lets go of it
 * altogether, so a waiting thread never keeps another one out. */
#ifndef IPCR_LOCK_H
#define IPCR_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "footprint.h"
#include "hidden.h"
#include "mpi.h"

/* Zero when a call may simply proceed: initialised, not finalised, one thread at a time, and nobody
 * looks on. */
enum { IPCR_GATE_CLOSED = 1, IPCR_GATE_THREADS = 2, IPCR_GATE_OBSERVED = 4 /* observe.h */ };
extern IPCR_HIDDEN _Atomic unsigned ipcr_gate;

void ipcr_lock_enter_slow(void);
void ipcr_lock_enter_any_slow(void);
void ipcr_lock_leave_slow(void);
/* Gives the lock up completely (whatever the depth) around a blocking wait, and takes it back. */
unsigned ipcr_lock_pause(void);
void ipcr_lock_resume(unsigned depth);

/* A thread that spins for the lock says so again and again; whoever polls under it lets go of it
 * and forgets that. So one that has lost its core while it spun holds nobody up. */
extern IPCR_HIDDEN _Atomic bool ipcr_lock_wanted;
/* Does that, and pauses between two looks: one of them has had the lock then, or had time to take
 * it. */
void ipcr_lock_let_in(void);
static inline bool ipcr_lock_is_wanted(void)
{
    return __builtin_expect(atomic_load_explicit(&ipcr_lock_wanted, memory_order_relaxed), 0);
}

/* Whoever changes the gate holds the lock, or there is one thread: no order is needed. */
static inline unsigned ipcr_lock_gate(void)
{
    return atomic_load_explicit(&ipcr_gate, memory_order_relaxed);
}

static inline void ipcr_lock_enter(const char *call)
{
    ipcr_door.call = call;
    if (__builtin_expect(ipcr_lock_gate() != 0, 0))
        ipcr_lock_enter_slow();
}

/* For the calls that are legal at any time, and from any thread while MPI is not running. */
static inline void ipcr_lock_enter_any(const char *call)
{
    ipcr_door.call = call;
    if (__builtin_expect(ipcr_lock_gate() != 0, 0))
        ipcr_lock_enter_any_slow();
}

static inline int ipcr_lock_leave(void)
{
    if (__builtin_expect(ipcr_lock_gate() != 0, 0))
        ipcr_lock_leave_slow();
    return MPI_SUCCESS;
}

/* Only in the public functions themselves: they are what the program called. */
#define IPCR_ENTER(name) (ipcr_footprint_call(__builtin_return_address(0)), ipcr_lock_enter(name))
#define IPCR_ENTER_ANY(name) \
    (ipcr_footprint_call(__builtin_return_address(0)), ipcr_lock_enter_any(name))
#define IPCR_LEAVE() ipcr_lock_leave()

/* PMPI_x is the function; MPI_x is a weak alias of it that a profiler may replace. */
#define IPCR_ALIAS(name)                      \
    extern __typeof__(PMPI_##name) MPI_##name \
        __attribute__((weak, alias("PMPI_" #name), visibility("default")))

#endif
