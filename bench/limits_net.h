// The part of limits that concerns TCP: what two processes reach that only read and write a socket.
#ifndef BENCH_LIMITS_NET_H
#define BENCH_LIMITS_NET_H

// On the loopback of this host; core: where the two processes are bound.
void limits_tcp(const int core[2]);

// Between two hosts: one serves and ends with its client, the other measures. Both return an exit
// status.
int limits_serve(const char *address);
int limits_meet(const char *address);

#endif
