/* Going to sleep and waking (runtime/bell.h): can a rank sleep on while something lies there for it?
 *
 * Two wakers publish messages for one sleeper. What a processor stores stays in its store buffer
 * for a while, so that its own next load may be earlier: that is what Dekker's pattern is lost by.
 * The sleeper's membarrier empties the buffers of all. A sleeper that is never woken is an invalid
 * end state.
 *
 *   OWN_FENCE  no membarrier: the wakers fence for themselves (needs_fence)
 *   NO_FENCE   nobody does. There must be an error, or the model could not find one. */
#define WAKERS   2
#define MESSAGES 3

byte buffered[WAKERS]; /* published, and not yet seen by others */
byte there;            /* seen by all, and not yet taken */
byte taken;
bool sleeping;
byte count;

inline drain(w)
{
    d_step {
        there = there + buffered[w];
        buffered[w] = 0
    }
}

/* A store buffer empties itself at some time. */
active [WAKERS] proctype store_buffer()
{
end:
    do
    :: buffered[_pid] > 0 -> drain(_pid)
    od
}

proctype waker(byte me)
{
    byte sent;
    bool slept;
    do
    :: sent < MESSAGES ->
        buffered[me]++;
        sent++;
#ifdef OWN_FENCE
        drain(me);
#endif
        if
        :: sleeping ->
            atomic { /* an exchange is a full fence, too */
                drain(me);
                slept = sleeping;
                sleeping = false
            }
            if
            :: slept -> count++ /* and FUTEX_WAKE, which the sleeper's wait below implies */
            :: else
            fi
        :: else
        fi
    :: else -> break
    od
}

proctype sleeper()
{
    byte seen;
    do
    :: there > 0 ->
        atomic {
            there--;
            taken++
        }
    :: taken == WAKERS * MESSAGES -> break
    :: there == 0 && taken < WAKERS * MESSAGES ->
        seen = count;
        sleeping = true;
#if !defined OWN_FENCE && !defined NO_FENCE
        drain(0);
        drain(1);
#endif
        if
        :: there > 0 -> sleeping = false
        :: else -> count != seen
        fi
    od
}

init {
    atomic {
        run waker(0);
        run waker(1);
        run sleeper()
    }
}
