/* Descriptors between the ranks of a node, for transports that inherit them (route.h). */
#ifndef IPCR_CHANNELS_H
#define IPCR_CHANNELS_H

#include "route.h"

/* in[from * n + to], out[...]: what local rank `from` reads and writes to talk to `to`; -1: none
 * (any more). For a pair of sockets both are the same. */
struct ipcr_channels {
    int n; /* local ranks; 0: no channels */
    int *in, *out;
};

/* Descriptors that the agent holds at the same time for n ranks. */
unsigned long ipcr_channels_cost(enum ipcr_inherit kind, int n);
/* Makes all of them, close-on-exec and non-blocking, with numbers from `least` on. 0, or a negative
 * errno. */
int ipcr_channels_make(struct ipcr_channels *c, enum ipcr_inherit kind, int n, int least);
/* In the child that becomes local rank r: its ends survive exec. */
void ipcr_channels_keep(const struct ipcr_channels *c, int r);
/* In the agent: rank r has its ends. */
void ipcr_channels_close(struct ipcr_channels *c, int r);
void ipcr_channels_free(struct ipcr_channels *c);

#endif
