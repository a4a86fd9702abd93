/* The network between two hosts as it is on a bad day: takes the place of the bridge, and of every
 * thousand frames loses, doubles and delays (so that others overtake them) so many.
 *
 * Usage: weather LOST DOUBLED DELAYED SEED PORT1 PORT2    until it is killed
 *
 * Frames carry what the kernel has left to the card (checksums, cutting of long TCP segments) in
 * front of them: PACKET_VNET_HDR passes it on, so it is made up for on the other side. */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 1 << 17, WAITING = 64 };

static struct {
    double at; /* when it goes on; 0: this place is free */
    int to;
    ssize_t len;
    char *bytes;
} waiting[WAITING];

static int port[2];
static unsigned lost, doubled, delayed;
static uint64_t seed;
static unsigned long passed, gone;

static unsigned dice(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % 1000;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
    fprintf(stderr, "weather: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_port(const char *name)
{
    int on = 1, buffer = 8 << 20;
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(name)};
    struct packet_mreq all = {.mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) < 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof at) < 0)
        die(name);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    return fd;
}

static void pass(int to, const char *bytes, ssize_t len)
{
    if (send(port[to], bytes, (size_t)len, 0) < 0 && errno != ENOBUFS && errno != ENETDOWN)
        die("send");
}

/* False: no place is free, so it is not delayed. */
static int hold(int to, const char *bytes, ssize_t len)
{
    for (int i = 0; i < WAITING; i++)
        if (waiting[i].at == 0) {
            waiting[i].at = now() + 0.0002 * (1 + dice() % 20);
            waiting[i].to = to;
            waiting[i].len = len;
            if (!(waiting[i].bytes = malloc((size_t)len)))
                die("memory");
            memcpy(waiting[i].bytes, bytes, (size_t)len);
            return 1;
        }
    return 0;
}

static void let_go(void)
{
    for (int i = 0; i < WAITING; i++)
        if (waiting[i].at != 0 && waiting[i].at <= now()) {
            pass(waiting[i].to, waiting[i].bytes, waiting[i].len);
            free(waiting[i].bytes);
            waiting[i].at = 0;
        }
}

static int any_waits(void)
{
    for (int i = 0; i < WAITING; i++)
        if (waiting[i].at != 0)
            return 1;
    return 0;
}

static void take(int from)
{
    static char bytes[FRAME];
    struct sockaddr_ll at;
    socklen_t at_len = sizeof at;
    ssize_t len =
        recvfrom(port[from], bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&at, &at_len);
    if (len <= 0 || at.sll_pkttype == PACKET_OUTGOING) /* what went out here comes back to us */
        return;
    passed++;
    if (dice() < lost) {
        gone++;
        return;
    }
    for (int copies = dice() < doubled ? 2 : 1; copies; copies--)
        if (dice() >= delayed || !hold(!from, bytes, len))
            pass(!from, bytes, len);
}

int main(int argc, char **argv)
{
    if (argc != 7)
        return 2;
    lost = (unsigned)atoi(argv[1]);
    doubled = (unsigned)atoi(argv[2]);
    delayed = (unsigned)atoi(argv[3]);
    seed = (uint64_t)atol(argv[4]);
    for (int i = 0; i < 2; i++)
        port[i] = open_port(argv[5 + i]);
    printf("blowing\n");
    fflush(stdout);
    for (;;) {
        struct pollfd fds[2] = {{port[0], POLLIN, 0}, {port[1], POLLIN, 0}};
        poll(fds, 2, any_waits() ? 1 : 1000);
        for (int i = 0; i < 2; i++)
            if (fds[i].revents)
                take(i);
        let_go();
    }
}
