/* Every transport, in order of preference: the first one that reaches a peer is used for it. */
#include "transport.h"

extern const struct ipcr_transport ipcr_transport_self, ipcr_transport_shm, ipcr_transport_tcp,
    ipcr_transport_udp;

const struct ipcr_transport *const ipcr_transports[] = {
    &ipcr_transport_self, /* a rank and itself */
    &ipcr_transport_shm,  /* ranks of one node */
    &ipcr_transport_tcp,  /* everything else */
    &ipcr_transport_udp,  /* only where it is asked for */
    NULL,
};
