/* A switch between the hosts of one machine (bench/hosts) whose links have a length and a speed,
 * for kernels that cannot shape them: what arrives at a port waits until the link has room, for the
 * time its bytes take, and for the way.
 *
 * Usage: link DELAY_US MBIT_PER_S PORT...    until it is killed; 0 Mbit/s: as fast as it goes
 *
 * Frames carry what the kernel has left to the card (checksums, cutting of long TCP segments) in
 * front of them: PACKET_VNET_HDR passes it on, so one frame here stands for up to 64 KiB and both
 * sides can send 10 Gbit/s through one process. It runs before all others (SCHED_FIFO), since the
 * ranks that spin on every core would make the way longer by their turns: real cables need no core.
 */
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    FRAME = 1 << 17,
    PORTS = 16,
    QUEUE_NS = 20000000, /* more than so much ahead of the link is dropped, as a switch does */
    VNET = 10,           /* bytes of the header for the card */
    OVERHEAD = 24        /* bytes of a frame's preamble, checksum and gap on a wire */
};

struct frame {
    struct frame *next;
    uint64_t due;
    size_t len;
    char bytes[];
};

static struct port {
    int fd;
    unsigned char address[ETH_ALEN]; /* of the one host behind it, once it has spoken */
    uint64_t free_at;                /* when the link towards it has sent what waits */
    struct frame *first, **last;
} ports[PORTS];

static int count;
static uint64_t delay_ns;
static double ns_per_byte;

static void die(const char *what)
{
    fprintf(stderr, "link: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void open_port(struct port *p, const char *name)
{
    int on = 1, buffer = 32 << 20;
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(name)};
    struct packet_mreq all = {.mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
    p->last = &p->first;
    p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (p->fd < 0 || setsockopt(p->fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) < 0 ||
        setsockopt(p->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) < 0 ||
        setsockopt(p->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0 ||
        bind(p->fd, (struct sockaddr *)&at, sizeof at) < 0)
        die(name);
    setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    setsockopt(p->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
}

/* Segments that the card would cut travel with a header each, whose bytes count too. */
static double wire_bytes(const char *bytes, size_t len)
{
    uint16_t header, segment; /* struct virtio_net_hdr: at 2 and 4 */
    memcpy(&header, bytes + 2, sizeof header);
    memcpy(&segment, bytes + 4, sizeof segment);
    double body = (double)(len - VNET);
    double frames = segment && body > header ? (body - header + segment - 1) / segment : 1;
    return body + (frames - 1) * header + frames * OVERHEAD;
}

static void enqueue(struct port *to, const char *bytes, size_t len, uint64_t at)
{
    uint64_t start = to->free_at > at ? to->free_at : at;
    if (start - at > QUEUE_NS)
        return;
    struct frame *f = malloc(sizeof *f + len);
    if (!f)
        die("memory");
    to->free_at = start + (uint64_t)(wire_bytes(bytes, len) * ns_per_byte);
    f->due = to->free_at + delay_ns;
    f->next = NULL;
    f->len = len;
    memcpy(f->bytes, bytes, len);
    *to->last = f;
    to->last = &f->next;
}

/* The port behind which the frame's target is, or NULL: all of them. */
static struct port *target(const unsigned char *address)
{
    for (int i = 0; i < count; i++)
        if (memcmp(ports[i].address, address, ETH_ALEN) == 0)
            return &ports[i];
    return NULL;
}

static void forward(struct port *from, const char *bytes, size_t len, uint64_t at)
{
    const unsigned char *addresses = (const unsigned char *)bytes + VNET;
    memcpy(from->address, addresses + ETH_ALEN, ETH_ALEN);
    struct port *to = target(addresses);
    if (to && to != from)
        enqueue(to, bytes, len, at);
    for (int i = 0; !to && i < count; i++)
        if (&ports[i] != from)
            enqueue(&ports[i], bytes, len, at);
}

static void take(struct port *from)
{
    static char bytes[FRAME];
    for (int most = 64; most; most--) { /* then see what is due */
        ssize_t len = recv(from->fd, bytes, sizeof bytes, 0);
        if (len < VNET + ETH_HLEN)
            return;
        forward(from, bytes, (size_t)len, now());
    }
}

/* Sends what is due; returns when the next one will be, or UINT64_MAX. */
static uint64_t deliver(struct port *to)
{
    for (struct frame *f; (f = to->first) && f->due <= now(); free(f)) {
        to->first = f->next;
        if (!f->next)
            to->last = &to->first;
        if (send(to->fd, f->bytes, f->len, 0) < 0 && errno != ENOBUFS && errno != ENETDOWN &&
            errno != EAGAIN)
            die("send");
    }
    return to->first ? to->first->due : UINT64_MAX;
}

static void sleep_until(uint64_t due)
{
    struct pollfd fds[PORTS];
    uint64_t at = now(), wait = due > at ? due - at : 0;
    struct timespec limit = {(time_t)(wait / 1000000000), (long)(wait % 1000000000)};
    for (int i = 0; i < count; i++)
        fds[i] = (struct pollfd){ports[i].fd, POLLIN, 0};
    ppoll(fds, (nfds_t)count, due == UINT64_MAX ? NULL : &limit, NULL);
}

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text || !(value >= 0 && value < 1e7)) {
        fprintf(stderr, "link: %s is not a number from 0 to 10000000\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv)
{
    struct sched_param first = {.sched_priority = 10};
    if (argc < 5 || argc - 3 > PORTS) {
        fprintf(stderr, "Usage: link DELAY_US MBIT_PER_S PORT PORT... (at most %d)\n", PORTS);
        return 2;
    }
    delay_ns = (uint64_t)(number(argv[1]) * 1e3);
    double mbit = number(argv[2]);
    ns_per_byte = mbit > 0 ? 8000 / mbit : 0;
    for (count = 0; count < argc - 3; count++)
        open_port(&ports[count], argv[3 + count]);
    if (sched_setscheduler(0, SCHED_FIFO, &first) < 0)
        fprintf(stderr, "link: not before all others (%s): the way is longer by their turns\n",
                strerror(errno));
    prctl(PR_SET_TIMERSLACK, 1UL);
    printf("open\n");
    fflush(stdout);
    for (;;) {
        uint64_t due = UINT64_MAX;
        for (int i = 0; i < count; i++)
            take(&ports[i]);
        for (int i = 0; i < count; i++) {
            uint64_t next = deliver(&ports[i]);
            due = next < due ? next : due;
        }
        sleep_until(due);
    }
}
