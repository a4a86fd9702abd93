/* Where a rank can be found over TCP: the addresses of its host and the port of its listener. What
 * open() publishes, and what a dialling rank makes of it. */
#ifndef IPCR_TCP_ADDR_H
#define IPCR_TCP_ADDR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "transport.h"

#define IPCR_TCP_PLACES 20 /* addresses of one host that are offered */

struct ipcr_tcp_place {
    uint8_t ip[16]; /* IPv4: the first four bytes */
    uint8_t v6;     /* 0 or 1 */
    uint8_t prefix; /* bits of ip that name the network */
};

/* Published as it stands, without the unused places: bytes, with the numbers at the front. */
struct ipcr_tcp_addr {
    uint16_t port;
    uint16_t n;
    char host[64]; /* for messages */
    struct ipcr_tcp_place at[IPCR_TCP_PLACES];
};
_Static_assert(sizeof(struct ipcr_tcp_addr) <= IPCR_ADDR_MAX, "fits into what boot.h carries");

/* This host's usable numeric addresses: of interfaces that are up and connected, no link-local
 * ones; the loopback only if there is nothing else. If the user names interfaces (allowed.h), those
 * and no others. Port and host are left alone. 0 or -errno. */
int ipcr_tcp_addr_mine(struct ipcr_tcp_addr *a, const struct ipcr_job *job);

void ipcr_tcp_addr_pack(const struct ipcr_tcp_addr *a, struct ipcr_addr *out);
/* 0, or -EINVAL if the bytes are no address. */
int ipcr_tcp_addr_unpack(struct ipcr_tcp_addr *a, const void *bytes, size_t len);

/* Puts the places where a connection will most likely succeed first: those in a network that this
 * host is in as well, then those of a family that it has. Last come those that this host has
 * itself: the bridge of a container engine looks the same everywhere. (Where both ranks are on one
 * host there are no others, and they work.) */
void ipcr_tcp_addr_sort(struct ipcr_tcp_addr *theirs, const struct ipcr_tcp_addr *mine);

socklen_t ipcr_tcp_place_sockaddr(const struct ipcr_tcp_place *p, uint16_t port,
                                  struct sockaddr_storage *out);
/* "10.0.0.7:4711" or "[fd00::7]:4711" of a socket address. */
#define IPCR_TCP_TEXT 56
void ipcr_tcp_addr_text(const struct sockaddr_storage *a, char text[IPCR_TCP_TEXT]);

#endif
