/* The library lock and the gate in front of every MPI call. */
#include "lock.h"

#include <pthread.h>
#include <stdlib.h>

#include "err.h"

_Atomic unsigned ipcr_gate = IPCR_GATE_CLOSED;
_Thread_local const char *ipcr_call;

/* An error-free recursive lock: depth and owner are only read by the owner. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local unsigned depth __attribute__((tls_model("initial-exec")));

void ipcr_lock_enter_slow(void)
{
    if (ipcr_lock_gate() & IPCR_GATE_CLOSED)
        ipcr_err_fatal("called before MPI_Init (or MPI_Session_init) or after MPI_Finalize");
    ipcr_lock_enter_any_slow();
}

void ipcr_lock_enter_any_slow(void)
{
    if (depth++ == 0)
        pthread_mutex_lock(&mutex);
}

void ipcr_lock_leave_slow(void)
{
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
        pthread_mutex_lock(&mutex);
    depth = held;
}
