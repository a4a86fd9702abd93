/* Every transport, in order of preference: the first one that reaches a peer is used for it. What
 * stands behind tcp, which reaches everybody, is used only where a list names it (route.h). */
#include "transport.h"

extern const struct ipcr_transport ipcr_transport_self, ipcr_transport_shm, ipcr_transport_tcp,
    ipcr_transport_udp, ipcr_transport_unix, ipcr_transport_pipe, ipcr_transport_fifo,
    ipcr_transport_mmap, ipcr_transport_mqueue, ipcr_transport_file, ipcr_transport_signal;

const struct ipcr_transport *const ipcr_transports[] = {
    &ipcr_transport_self,   /* a rank and itself */
    &ipcr_transport_shm,    /* ranks of one node */
    &ipcr_transport_tcp,    /* everything else */
    &ipcr_transport_udp,    /* the same */
    &ipcr_transport_unix,   /* ranks of one node */
    &ipcr_transport_pipe,   /* the same */
    &ipcr_transport_fifo,   /* the same */
    &ipcr_transport_mmap,   /* and of other nodes that are the same machine */
    &ipcr_transport_mqueue, /* ranks of one node */
    &ipcr_transport_file,   /* and of others that share a directory */
    &ipcr_transport_signal, /* ranks of one node */
    NULL,
};
