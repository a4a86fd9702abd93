/* The library lock and the gate in front of every MPI call. */
#include "lock.h"

#include <sched.h>

#include "bell.h"
#include "err.h"
#include "observe.h"
#include "relax.h"

_Atomic unsigned ipcr_gate = IPCR_GATE_CLOSED;
_Thread_local struct ipcr_door ipcr_door;

/* The lock: U. Drepper, "Futexes Are Tricky" (2011), the second mutex, which makes no system call
 * unless somebody sleeps. Only that a thread spins before it sleeps: most calls are over sooner
 * than a wake-up. A thread that took it once it had slept leaves SLEEPERS behind, since there may
 * be more of them: one wake-up too many. */
enum { FREE, HELD, SLEEPERS /* held, and somebody may sleep until it is free */ };
enum {
    SPINS = 200, /* looks at the lock before sleep: some microseconds */
    LET_IN = 30  /* looks of a polling thread until somebody else has seen that it is free */
};
static _Alignas(64) _Atomic uint32_t lock;
static _Thread_local unsigned depth __attribute__((tls_model("initial-exec")));

/* Not beside the lock, at which those look who spin. */
_Alignas(64) _Atomic bool ipcr_lock_wanted;

static void want(bool wanted)
{
    if (atomic_load_explicit(&ipcr_lock_wanted, memory_order_relaxed) != wanted)
        atomic_store_explicit(&ipcr_lock_wanted, wanted, memory_order_relaxed);
}

static bool is_free(void)
{
    return atomic_load_explicit(&lock, memory_order_relaxed) == FREE;
}

/* Acquires what release() has published. */
static bool try_to_take(void)
{
    uint32_t expected = FREE;
    return atomic_compare_exchange_strong_explicit(&lock, &expected, HELD, memory_order_acquire,
                                                   memory_order_relaxed);
}

static bool taken_by_spinning(void)
{
    for (int i = 0; i < SPINS; i++, ipcr_cpu_relax()) {
        if (is_free() && try_to_take())
            return true;
        want(true);
    }
    return false;
}

static void sleep_until_taken(void)
{
    while (atomic_exchange_explicit(&lock, SLEEPERS, memory_order_acquire) != FREE)
        ipcr_bell_futex_wait(&lock, SLEEPERS);
}

static void take(void)
{
    if (__builtin_expect(try_to_take(), 1))
        return;
    if (!taken_by_spinning())
        sleep_until_taken();
    want(false);
}

/* Whether somebody slept, whom this wakes. */
static bool release(void)
{
    if (__builtin_expect(atomic_exchange_explicit(&lock, FREE, memory_order_release) != SLEEPERS,
                         1))
        return false;
    ipcr_bell_futex_wake(&lock, 1);
    return true;
}

/* The lock is free during the pause even if nobody waits for it: a thread that loses its core while
 * it polls, as it does sooner or later where there are more threads than cores, should not take the
 * lock with it. */
void ipcr_lock_let_in(void)
{
    unsigned held = depth;
    bool wanted = ipcr_lock_is_wanted();
    depth = 0;
    want(false);
    bool woken = held && release();
    ipcr_cpu_relax();
    if (woken)
        sched_yield();
    for (int i = 0; wanted && i < LET_IN && is_free(); i++)
        ipcr_cpu_relax();
    ipcr_lock_resume(held);
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
        release();
}

unsigned ipcr_lock_pause(void)
{
    unsigned held = depth;
    depth = 0;
    if (held)
        release();
    return held;
}

void ipcr_lock_resume(unsigned held)
{
    if (held)
        take();
    depth = held;
}
