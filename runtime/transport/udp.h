/* What the files of the UDP transport share: udp.c is the transport, udp_socket.c its socket, which
 * sends and receives datagrams of this job and knows nothing of links. */
#ifndef IPCR_UDP_H
#define IPCR_UDP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "job.h"
#include "reliable.h"
#include "tcp_addr.h"

#define IPCR_UDP_HERE  (16u * 1024u) /* payload on the loopback: a window of a MiB */
#define IPCR_UDP_THERE 1296u         /* elsewhere: 1400 bytes with all headers pass tunnels, too */

struct ipcr_udp_header {
    uint8_t mac[8]; /* of the rest of this header, under the job's secret */
    uint32_t magic, version;
    int32_t from, to; /* world ranks */
    struct ipcr_segment s;
};
_Static_assert(sizeof(struct ipcr_udp_header) == 64, "no padding goes into a MAC");

/* An address as the socket takes it. */
struct ipcr_udp_place {
    struct sockaddr_storage at;
    socklen_t len; /* 0: unknown */
};

/* One socket on a free port of all addresses. 0 or -errno. */
int ipcr_udp_open(const struct ipcr_job *job, uint16_t *port);
void ipcr_udp_close(void);
int ipcr_udp_fd(void);

void ipcr_udp_place_of(const struct ipcr_tcp_place *from, uint16_t port, struct ipcr_udp_place *to);
void ipcr_udp_loopback(uint16_t port, struct ipcr_udp_place *to);

/* Sends a segment to a rank at some place, perhaps in vain. */
void ipcr_udp_send(int rank, const struct ipcr_segment *s, const void *payload,
                   const struct ipcr_udp_place *to);

/* Receives until the socket is empty or about `budget` datagrams have been handed on; those that no
 * rank of this job can have sent to this one are dropped. Returns how many were handed on. */
typedef void ipcr_udp_taker(int rank, const struct ipcr_segment *s, const void *payload,
                            const struct ipcr_udp_place *from);
int ipcr_udp_receive(ipcr_udp_taker *taker, int budget);

/* Where a port is closed: the next place from which a datagram came back. False: no more. */
bool ipcr_udp_refused(struct ipcr_udp_place *by);

#endif
