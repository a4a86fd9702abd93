/* The handshake of connections between ranks: two sides over a socket pair, in all the ways in
 * which it ends well, and against everybody who must not get through. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "transport/auth.h"

struct side {
    struct ipcr_job job;
    struct ipcr_auth auth;
    int fd;
};

/* A dials B. */
struct pair {
    struct side a, b;
};

static struct ipcr_job job_of(int rank)
{
    struct ipcr_job job = {.rank = rank, .size = 8, .id = "job"};
    memset(job.secret, 0x77, sizeof job.secret);
    return job;
}

static struct pair connected(int a, int b)
{
    int fds[2];
    struct pair p = {.a.job = job_of(a), .b.job = job_of(b)};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    p.a.fd = fds[0];
    p.b.fd = fds[1];
    return p;
}

static void disconnect(struct pair *p)
{
    close(p->a.fd);
    close(p->b.fd);
}

static enum ipcr_auth_result step(struct side *s)
{
    return ipcr_auth_step(&s->auth, s->fd);
}

static void begin(struct pair *p)
{
    assert_int_equal(ipcr_auth_dial(&p->a.auth, &p->a.job, p->a.fd, p->b.job.rank), IPCR_AUTH_WAIT);
    ipcr_auth_accept(&p->b.auth, &p->b.job);
}

static bool nothing_unread(int fd)
{
    char byte;
    return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

static void test_lower_rank_dials(void **state)
{
    struct pair p = connected(2, 5);
    (void)state;
    begin(&p);
    assert_int_equal(step(&p.b), IPCR_AUTH_WAIT);
    assert_int_equal(p.b.auth.peer, 2);
    assert_int_equal(step(&p.a), IPCR_AUTH_CHOOSE);
    assert_int_equal(step(&p.b), IPCR_AUTH_WAIT); /* not before A has committed */
    assert_int_equal(ipcr_auth_commit(&p.a.auth, p.a.fd), IPCR_AUTH_OPEN);
    assert_int_equal(step(&p.b), IPCR_AUTH_OPEN);
    assert_true(nothing_unread(p.a.fd));
    assert_true(nothing_unread(p.b.fd));
    disconnect(&p);
}

static void test_higher_rank_dials(void **state)
{
    struct pair p = connected(5, 2);
    (void)state;
    begin(&p);
    assert_int_equal(step(&p.b), IPCR_AUTH_WAIT);
    assert_int_equal(step(&p.a), IPCR_AUTH_WAIT);
    assert_int_equal(step(&p.b), IPCR_AUTH_CHOOSE);
    assert_int_equal(step(&p.a), IPCR_AUTH_WAIT);
    assert_int_equal(ipcr_auth_commit(&p.b.auth, p.b.fd), IPCR_AUTH_OPEN);
    assert_int_equal(step(&p.a), IPCR_AUTH_OPEN);
    assert_true(nothing_unread(p.a.fd));
    disconnect(&p);
}

/* What follows the handshake at once stays in the socket. */
static void test_reads_nothing_more(void **state)
{
    struct pair p = connected(2, 5);
    char rest[16];
    (void)state;
    begin(&p);
    step(&p.b);
    step(&p.a);
    ipcr_auth_commit(&p.a.auth, p.a.fd);
    assert_int_equal(send(p.a.fd, "first data", 10, 0), 10);
    assert_int_equal(step(&p.b), IPCR_AUTH_OPEN);
    assert_int_equal(recv(p.b.fd, rest, sizeof rest, 0), 10);
    assert_memory_equal(rest, "first data", 10);
    disconnect(&p);
}

/* Not chosen: the one who may decide closes, and the other side learns that. */
static void test_not_chosen(void **state)
{
    struct pair p = connected(5, 2);
    (void)state;
    begin(&p);
    step(&p.b);
    step(&p.a);
    assert_int_equal(step(&p.b), IPCR_AUTH_CHOOSE);
    shutdown(p.b.fd, SHUT_RDWR);
    assert_int_equal(step(&p.a), IPCR_AUTH_BAD);
    disconnect(&p);
}

/* One byte at a time, as slow as the sender likes. */
static void test_dribble(void **state)
{
    struct pair p = connected(2, 5), q = connected(2, 5);
    (void)state;
    assert_int_equal(ipcr_auth_dial(&p.a.auth, &p.a.job, p.a.fd, 5), IPCR_AUTH_WAIT);
    ipcr_auth_accept(&q.b.auth, &q.b.job);
    for (size_t i = 0; i < sizeof(struct ipcr_auth_hello); i++) {
        char byte;
        assert_true(nothing_unread(q.a.fd)); /* no answer before all of it is there */
        assert_int_equal(recv(p.b.fd, &byte, 1, 0), 1);
        assert_int_equal(send(q.a.fd, &byte, 1, 0), 1);
        assert_int_equal(step(&q.b), IPCR_AUTH_WAIT);
    }
    assert_false(nothing_unread(q.a.fd));
    disconnect(&p);
    disconnect(&q);
}

static void refuse_hello(struct ipcr_job liar, int calls)
{
    struct pair p = connected(2, 5);
    p.a.job = liar;
    assert_int_equal(ipcr_auth_dial(&p.a.auth, &p.a.job, p.a.fd, calls), IPCR_AUTH_WAIT);
    ipcr_auth_accept(&p.b.auth, &p.b.job);
    assert_int_equal(step(&p.b), IPCR_AUTH_BAD);
    assert_non_null(p.b.auth.why);
    assert_true(nothing_unread(p.a.fd)); /* and is told nothing */
    disconnect(&p);
}

static void test_wrong_hello(void **state)
{
    struct ipcr_job liar = job_of(2);
    (void)state;
    refuse_hello(liar, 4);      /* for another rank */
    refuse_hello(job_of(5), 5); /* claims to be myself */
    refuse_hello(job_of(8), 5);
    refuse_hello(job_of(-1), 5);
    strcpy(liar.id, "other");
    refuse_hello(liar, 5);
}

static void test_garbage(void **state)
{
    struct pair p = connected(2, 5);
    char junk[200];
    (void)state;
    memset(junk, 'x', sizeof junk);
    assert_int_equal(send(p.a.fd, junk, sizeof junk, 0), sizeof junk);
    ipcr_auth_accept(&p.b.auth, &p.b.job);
    assert_int_equal(step(&p.b), IPCR_AUTH_BAD);
    disconnect(&p);
}

static void test_closed_early(void **state)
{
    struct pair p = connected(2, 5);
    (void)state;
    begin(&p);
    step(&p.b);
    shutdown(p.a.fd, SHUT_WR);
    assert_int_equal(step(&p.b), IPCR_AUTH_BAD);
    disconnect(&p);
}

/* A dialled host that does not know the secret, in either half of it, gets no proof out of us. */
static void wrong_acceptor(size_t byte)
{
    struct pair p = connected(2, 5);
    p.b.job.secret[byte] ^= 1;
    begin(&p);
    assert_int_equal(step(&p.b), IPCR_AUTH_WAIT);
    assert_int_equal(step(&p.a), IPCR_AUTH_BAD);
    assert_true(nothing_unread(p.b.fd));
    disconnect(&p);
}

/* Somebody who dials without the secret: B's challenge cannot be answered. A is made to believe B
 * by force, to see what B makes of A's proof. */
static void wrong_initiator(size_t byte)
{
    struct pair p = connected(2, 5);
    begin(&p);
    assert_int_equal(step(&p.b), IPCR_AUTH_WAIT);
    assert_int_equal(step(&p.a), IPCR_AUTH_CHOOSE);
    p.a.job.secret[byte] ^= 0x80;
    assert_int_equal(ipcr_auth_commit(&p.a.auth, p.a.fd), IPCR_AUTH_OPEN);
    assert_int_equal(step(&p.b), IPCR_AUTH_BAD);
    disconnect(&p);
}

static void wrong_decider(size_t byte)
{
    struct pair p = connected(5, 2);
    begin(&p);
    step(&p.b);
    step(&p.a);
    assert_int_equal(step(&p.b), IPCR_AUTH_CHOOSE);
    p.b.job.secret[byte] ^= 4;
    assert_int_equal(ipcr_auth_commit(&p.b.auth, p.b.fd), IPCR_AUTH_OPEN);
    assert_int_equal(step(&p.a), IPCR_AUTH_BAD);
    disconnect(&p);
}

static void test_wrong_secret(void **state)
{
    (void)state;
    for (size_t byte = 0; byte < IPCR_SECRET_BYTES; byte++) {
        wrong_acceptor(byte);
        wrong_initiator(byte);
        wrong_decider(byte);
    }
}

static void read_exactly(int fd, void *to, size_t n)
{
    assert_int_equal(recv(fd, to, n, 0), n);
}

/* An acceptor that sends our own challenge back to us, or what another connection produced. */
static void test_reflection(void **state)
{
    struct pair p = connected(2, 5), q = connected(5, 2);
    struct ipcr_auth_hello hello;
    struct ipcr_auth_challenge c;
    (void)state;
    /* The thief is dialled by rank 2, dials rank 2 in turn as rank 5 with the same nonce, and
     * hands its challenge back. */
    assert_int_equal(ipcr_auth_dial(&p.a.auth, &p.a.job, p.a.fd, 5), IPCR_AUTH_WAIT);
    read_exactly(p.b.fd, &hello, sizeof hello);
    hello.from = 5;
    hello.to = 2;
    ipcr_auth_accept(&q.b.auth, &q.b.job);
    assert_int_equal(send(q.a.fd, &hello, sizeof hello, 0), sizeof hello);
    assert_int_equal(step(&q.b), IPCR_AUTH_WAIT);
    read_exactly(q.a.fd, &c, sizeof c);
    assert_int_equal(send(p.b.fd, &c, sizeof c, 0), sizeof c);
    assert_int_equal(step(&p.a), IPCR_AUTH_BAD);
    /* Nor does a challenge serve as a proof. */
    assert_int_equal(send(q.a.fd, c.mac, sizeof c.mac, 0), sizeof c.mac);
    assert_int_equal(step(&q.b), IPCR_AUTH_BAD);
    disconnect(&p);
    disconnect(&q);
}

/* A recorded proof is worth nothing the next time: nonces differ. */
static void test_replay(void **state)
{
    struct pair p = connected(2, 5), q = connected(2, 5);
    struct ipcr_auth_hello hello;
    struct ipcr_auth_challenge c;
    uint8_t proof[IPCR_SIPHASH_TAG];
    (void)state;
    ipcr_auth_dial(&p.a.auth, &p.a.job, p.a.fd, 5);
    assert_int_equal(recv(p.b.fd, &hello, sizeof hello, MSG_PEEK), sizeof hello);
    ipcr_auth_accept(&p.b.auth, &p.b.job);
    step(&p.b);
    step(&p.a);
    ipcr_auth_commit(&p.a.auth, p.a.fd);
    assert_int_equal(recv(p.b.fd, proof, sizeof proof, MSG_PEEK), sizeof proof);
    assert_int_equal(step(&p.b), IPCR_AUTH_OPEN);

    assert_int_equal(send(q.a.fd, &hello, sizeof hello, 0), sizeof hello);
    ipcr_auth_accept(&q.b.auth, &q.b.job);
    assert_int_equal(step(&q.b), IPCR_AUTH_WAIT);
    read_exactly(q.a.fd, &c, sizeof c);
    assert_int_equal(send(q.a.fd, proof, sizeof proof, 0), sizeof proof);
    assert_int_equal(step(&q.b), IPCR_AUTH_BAD);
    disconnect(&p);
    disconnect(&q);
}

/* Whatever bit of whatever message is turned over on the way, no side opens. */
static void flip(int message, size_t bit)
{
    struct pair p = connected(5, 2);
    uint8_t bytes[64];
    struct side *from[] = {&p.a, &p.b, &p.a, &p.b}, *to[] = {&p.b, &p.a, &p.b, &p.a};
    begin(&p);
    enum ipcr_auth_result r = IPCR_AUTH_WAIT;
    for (int m = 0; m < 4 && r != IPCR_AUTH_BAD; m++) {
        ssize_t n = recv(to[m]->fd, bytes, sizeof bytes, 0);
        assert_true(n > 0);
        if (m == message)
            bytes[bit % (8 * (size_t)n) / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(send(from[m]->fd, bytes, (size_t)n, 0), n);
        r = step(to[m]);
        if (r == IPCR_AUTH_CHOOSE)
            assert_int_equal(ipcr_auth_commit(&to[m]->auth, to[m]->fd), IPCR_AUTH_OPEN);
        assert_false(r == IPCR_AUTH_OPEN && m >= message);
    }
    assert_int_equal(r, IPCR_AUTH_BAD);
    disconnect(&p);
}

static void test_every_bit(void **state)
{
    static const size_t bits[] = {8 * sizeof(struct ipcr_auth_hello),
                                  8 * sizeof(struct ipcr_auth_challenge), 128, 128};
    (void)state;
    for (int m = 0; m < 4; m++)
        for (size_t bit = 0; bit < bits[m]; bit++)
            flip(m, bit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lower_rank_dials),
        cmocka_unit_test(test_higher_rank_dials),
        cmocka_unit_test(test_reads_nothing_more),
        cmocka_unit_test(test_not_chosen),
        cmocka_unit_test(test_dribble),
        cmocka_unit_test(test_wrong_hello),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_closed_early),
        cmocka_unit_test(test_wrong_secret),
        cmocka_unit_test(test_reflection),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_every_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
