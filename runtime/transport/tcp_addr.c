/* The addresses of a host: collected, published, put in order of likelihood. */
#include "tcp_addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "allowed.h"
#include "env.h"
#include "err.h"

static size_t ip_bytes(const struct ipcr_tcp_place *p)
{
    return p->v6 ? 16 : 4;
}

static uint8_t mask_bits(const uint8_t *mask, size_t bytes)
{
    uint8_t bits = 0;
    for (size_t i = 0; i < bytes; i++)
        bits += (uint8_t)__builtin_popcount(mask[i]);
    return bits;
}

/* False for families and addresses that no other host could use. */
static bool place_of(const struct ifaddrs *i, struct ipcr_tcp_place *p)
{
    if (!i->ifa_addr || !i->ifa_netmask)
        return false;
    *p = (struct ipcr_tcp_place){.v6 = i->ifa_addr->sa_family == AF_INET6};
    if (p->v6) {
        const struct sockaddr_in6 *a = (const void *)i->ifa_addr, *m = (const void *)i->ifa_netmask;
        memcpy(p->ip, &a->sin6_addr, 16);
        p->prefix = mask_bits((const uint8_t *)&m->sin6_addr, 16);
        return !IN6_IS_ADDR_LINKLOCAL(&a->sin6_addr);
    }
    if (i->ifa_addr->sa_family != AF_INET)
        return false;
    const struct sockaddr_in *a = (const void *)i->ifa_addr, *m = (const void *)i->ifa_netmask;
    memcpy(p->ip, &a->sin_addr, 4);
    p->prefix = mask_bits((const uint8_t *)&m->sin_addr, 4);
    return true;
}

/* Connected: an interface without carrier (a bridge with nothing on it, an unplugged card) is up,
 * but not running. */
static void collect(struct ipcr_tcp_addr *a, const struct ifaddrs *list, unsigned loopback)
{
    const unsigned usable = IFF_UP | IFF_RUNNING;
    for (const struct ifaddrs *i = list; i && a->n < IPCR_TCP_PLACES; i = i->ifa_next)
        if ((i->ifa_flags & usable) == usable && (i->ifa_flags & IFF_LOOPBACK) == loopback &&
            place_of(i, &a->at[a->n]))
            a->n++;
}

/* Those that the user names, whatever they are. */
static void collect_named(struct ipcr_tcp_addr *a, const struct ifaddrs *list)
{
    for (const struct ifaddrs *i = list; i && a->n < IPCR_TCP_PLACES; i = i->ifa_next)
        if ((i->ifa_flags & IFF_UP) && ipcr_allowed_iface(i->ifa_name) && place_of(i, &a->at[a->n]))
            a->n++;
}

int ipcr_tcp_addr_mine(struct ipcr_tcp_addr *a, const struct ipcr_job *job)
{
    struct ifaddrs *list;
    if (getifaddrs(&list) < 0)
        return -errno;
    a->n = 0;
    if (ipcr_allowed_some())
        collect_named(a, list);
    else
        collect(a, list, 0);
    if (a->n == 0 && !ipcr_allowed_some())
        collect(a, list, IFF_LOOPBACK);
    freeifaddrs(list);
    if (a->n == 0 && ipcr_allowed_some())
        ipcr_err_note(MPI_ERR_OTHER,
                      "host %s has no interface '%.100s' that is up and has an address (--iface)",
                      job->host, ipcr_env.iface);
    return a->n ? 0 : -EADDRNOTAVAIL;
}

void ipcr_tcp_addr_pack(const struct ipcr_tcp_addr *a, struct ipcr_addr *out)
{
    out->len = (uint16_t)(offsetof(struct ipcr_tcp_addr, at) + a->n * sizeof a->at[0]);
    memcpy(out->bytes, a, out->len);
}

int ipcr_tcp_addr_unpack(struct ipcr_tcp_addr *a, const void *bytes, size_t len)
{
    size_t fixed = offsetof(struct ipcr_tcp_addr, at);
    if (len < fixed || len > sizeof *a)
        return -EINVAL;
    memcpy(a, bytes, len);
    if (a->n == 0 || a->n > IPCR_TCP_PLACES || len != fixed + a->n * sizeof a->at[0] ||
        !memchr(a->host, 0, sizeof a->host))
        return -EINVAL;
    for (int i = 0; i < a->n; i++)
        if (a->at[i].v6 > 1 || a->at[i].prefix > 8 * ip_bytes(&a->at[i]))
            return -EINVAL;
    return 0;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;
    return memcmp(a, b, whole) == 0 && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

enum likelihood { NEAR, ROUTED, NO_FAMILY, MY_OWN };

static enum likelihood judge(const struct ipcr_tcp_place *p, const struct ipcr_tcp_addr *mine)
{
    enum likelihood best = NO_FAMILY;
    for (int i = 0; i < mine->n; i++) {
        const struct ipcr_tcp_place *m = &mine->at[i];
        if (m->v6 != p->v6)
            continue;
        if (memcmp(m->ip, p->ip, ip_bytes(p)) == 0)
            return MY_OWN;
        if (m->prefix == p->prefix && same_bits(m->ip, p->ip, p->prefix))
            best = NEAR;
        else if (best == NO_FAMILY)
            best = ROUTED;
    }
    return best;
}

void ipcr_tcp_addr_sort(struct ipcr_tcp_addr *theirs, const struct ipcr_tcp_addr *mine)
{
    struct ipcr_tcp_place sorted[IPCR_TCP_PLACES];
    int n = 0;
    for (int want = NEAR; want <= MY_OWN; want++)
        for (int i = 0; i < theirs->n; i++)
            if ((int)judge(&theirs->at[i], mine) == want)
                sorted[n++] = theirs->at[i];
    memcpy(theirs->at, sorted, (size_t)n * sizeof sorted[0]);
}

socklen_t ipcr_tcp_place_sockaddr(const struct ipcr_tcp_place *p, uint16_t port,
                                  struct sockaddr_storage *out)
{
    memset(out, 0, sizeof *out);
    if (p->v6) {
        struct sockaddr_in6 *a = (void *)out;
        a->sin6_family = AF_INET6;
        a->sin6_port = htons(port);
        memcpy(&a->sin6_addr, p->ip, 16);
        return sizeof *a;
    }
    struct sockaddr_in *a = (void *)out;
    a->sin_family = AF_INET;
    a->sin_port = htons(port);
    memcpy(&a->sin_addr, p->ip, 4);
    return sizeof *a;
}

void ipcr_tcp_addr_text(const struct sockaddr_storage *a, char text[IPCR_TCP_TEXT])
{
    char ip[INET6_ADDRSTRLEN] = "?";
    const struct sockaddr_in *v4 = (const void *)a;
    const struct sockaddr_in6 *v6 = (const void *)a;
    bool is_v6 = a->ss_family == AF_INET6;
    if (!is_v6)
        inet_ntop(AF_INET, &v4->sin_addr, ip, sizeof ip);
    else if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) /* how a dual-stack listener sees IPv4 */
        inet_ntop(AF_INET, (const char *)&v6->sin6_addr + 12, ip, sizeof ip);
    else
        inet_ntop(AF_INET6, &v6->sin6_addr, ip, sizeof ip);
    snprintf(text, IPCR_TCP_TEXT, strchr(ip, ':') ? "[%s]:%u" : "%s:%u", ip,
             ntohs(is_v6 ? v6->sin6_port : v4->sin_port));
}
