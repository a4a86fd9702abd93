/* udp among strangers: what the conformance suite cannot ask of every transport. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "transport/udp.h"

extern const struct ipcr_transport ipcr_transport_udp;

/* Ranks 0 and 1 talk; rank 2 plays everybody who can send datagrams to their ports. */
enum { TALKERS = 2, STRANGER = 2, MESSAGES = 3000, SIEGE = 2000 };

static void plan_mixed(uint32_t seq, struct plan *p)
{
    p->kind = seq % 7 == 0 ? IPCR_DATA : IPCR_EAGER;
    p->len = p->kind == IPCR_DATA ? 1 + seq * 2654435761u % 30000 : seq % 700;
}

static struct ipcr_udp_place place_of(int rank)
{
    struct ipcr_tcp_addr a;
    struct ipcr_udp_place p;
    if (ipcr_tcp_addr_unpack(&a, address_of(rank)->bytes, address_of(rank)->len) < 0)
        fail("rank %d published no address", rank);
    ipcr_udp_loopback(a.port, &p);
    return p;
}

static void send_junk(int rank, uint32_t n)
{
    static unsigned char junk[20000];
    struct ipcr_udp_place to = place_of(rank);
    int fd = socket(to.at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = (unsigned char)(n * 31 + i * 17);
    if (fd < 0)
        fail("the stranger has no socket: %s", strerror(errno));
    sendto(fd, junk, n * 7919 % sizeof junk, MSG_DONTWAIT, (struct sockaddr *)&to.at, to.len);
    close(fd);
}

/* Everything right but the secret: segments that would be delivered, answers that would release
 * what has not arrived, a window that would jump. */
static void send_forged(int rank, uint32_t n)
{
    static const unsigned char payload[100];
    struct ipcr_udp_place to = place_of(rank);
    struct ipcr_segment s = {.seq = n % 300,
                             .ack = n * 3 % 500,
                             .sack = n % 2 ? UINT64_MAX : 0,
                             .len = n % 3 ? 0 : sizeof payload,
                             .ask = n % 5 == 0};
    ipcr_udp_send(rank, &s, payload, &to);
}

static void besiege(void)
{
    uint8_t secret[IPCR_SECRET_BYTES];
    memcpy(secret, ipcr_job.secret, sizeof secret);
    memset(ipcr_job.secret, 0x11, sizeof ipcr_job.secret);
    for (uint32_t n = 0; n < SIEGE || atomic_load(&shared_counter[1]) < TALKERS; n++) {
        int victim = (int)(n % TALKERS);
        send_junk(victim, n);
        ipcr_job.rank = 1 - victim;
        send_forged(victim, n);
        if (n == 100)
            atomic_store(&shared_counter[0], 1); /* now the others may begin */
        if (n % 50 == 0)
            nap(0.001);
    }
    ipcr_job.rank = STRANGER;
    memcpy(ipcr_job.secret, secret, sizeof secret);
}

static void run_strangers(void)
{
    join();
    if (ipcr_job.rank == STRANGER) {
        besiege();
    } else {
        int other = 1 - ipcr_job.rank;
        while (!atomic_load(&shared_counter[0]))
            nap(0.001);
        traffic[other].goal = MESSAGES;
        work_in(other, MESSAGES);
        work_out();
        atomic_fetch_add(&shared_counter[1], 1);
    }
    meet();
    leave();
}

int main(void)
{
    static const struct test strangers = {
        .name = "strangers", .ranks = 3, .plan = plan_mixed, .run = run_strangers};
    const char *wrong = harness_run(&ipcr_transport_udp, &strangers);
    printf("%sok 1 - udp among strangers\n", wrong ? "not " : "");
    if (wrong)
        printf("# %s\n", wrong);
    printf("1..1\n");
    return wrong != NULL;
}
