// How far apart the cores of two ranks are, now: what a cache line takes from one to the other.
// The two measure that themselves, between their batches: another pair of processes may get other
// cores, and those of a virtual machine may be put elsewhere when they have been idle.
#ifndef BENCH_DISTANCE_H
#define BENCH_DISTANCE_H

// Collective over MPI_COMM_WORLD. Ranks 0 and 1 share a page from now on if there are just these
// two and they are on one host; there is no distance otherwise.
void distance_open(int rank, int size);
// Called by both ranks at about the same time. Nanoseconds one way, the same on both; 0: there is
// no distance. Takes some 100 us.
double distance_ns(void);
void distance_close(void);

#endif
