// The part of limits that concerns sleep: how long it takes to wake a process that has slept for
// longer than any queue of the scheduler remembers.
#ifndef BENCH_LIMITS_WAKE_H
#define BENCH_LIMITS_WAKE_H

// By a futex and by a byte over TCP on the loopback, from just before the call that wakes to the
// first instruction behind the one that slept; each on its core, as ranks are that have computed.
void limits_wake(const int core[2]);

#endif
