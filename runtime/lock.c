/* The library lock and the gate in front of every MPI call. */
#include "lock.h"

#include <pthread.h>
#include <stdlib.h>

#include "err.h"
#include "observe.h"

_Atomic unsigned ipcr_gate = IPCR_GATE_CLOSED;
_Thread_local struct ipcr_door ipcr_door;

/* An error-free recursive lock: depth and owner are only read by the owner. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local unsigned depth __attribute__((tls_model("initial-exec")));

_Atomic unsigned ipcr_lock_waiting;

static void take(void)
{
    if (pthread_mutex_trylock(&mutex) == 0)
        return;
    atomic_fetch_add_explicit(&ipcr_lock_waiting, 1, memory_order_relaxed);
    pthread_mutex_lock(&mutex);
    atomic_fetch_sub_explicit(&ipcr_lock_waiting, 1, memory_order_relaxed);
}

/* How many calls the thread is in whose tools know of them. */
static _Thread_local unsigned observed __attribute__((tls_model("initial-exec")));

static void tell_enter(void)
{
    if (observed++ == 0)
        ipcr_observe_enter(ipcr_door.call, ipcr_door.caller);
}

/* The call that brought the tools up was not seen to enter. */
static void tell_leave(void)
{
    if (observed && --observed == 0)
        ipcr_observe_leave();
}

void ipcr_lock_enter_slow(void)
{
    if (ipcr_lock_gate() & IPCR_GATE_CLOSED)
        ipcr_err_fatal("called before MPI_Init (or MPI_Session_init) or after MPI_Finalize");
    ipcr_lock_enter_any_slow();
}

void ipcr_lock_enter_any_slow(void)
{
    unsigned gate = ipcr_lock_gate();
    if (gate & (IPCR_GATE_CLOSED | IPCR_GATE_THREADS) && depth++ == 0)
        take();
    if (gate & IPCR_GATE_OBSERVED)
        tell_enter();
}

void ipcr_lock_leave_slow(void)
{
    if (ipcr_lock_gate() & IPCR_GATE_OBSERVED)
        tell_leave();
    /* MPI_Init opens the gate inside a call that entered without the lock. */
    if (depth && --depth == 0)
        pthread_mutex_unlock(&mutex);
}

unsigned ipcr_lock_pause(void)
{
    unsigned held = depth;
    depth = 0;
    if (held)
        pthread_mutex_unlock(&mutex);
    return held;
}

void ipcr_lock_resume(unsigned held)
{
    if (held)
        take();
    depth = held;
}
