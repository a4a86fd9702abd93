/* Addresses of hosts: what is published survives the way, what is no address is refused, and the
 * likeliest place comes first. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "env.h"
#include "transport/allowed.h"
#include "transport/tcp_addr.h"

static struct ipcr_tcp_place place(const char *ip, uint8_t prefix)
{
    struct ipcr_tcp_place p = {.v6 = strchr(ip, ':') != NULL, .prefix = prefix};
    assert_int_equal(inet_pton(p.v6 ? AF_INET6 : AF_INET, ip, p.ip), 1);
    return p;
}

/* "ip/prefix ip/prefix ..." */
static struct ipcr_tcp_addr addr(const char *list)
{
    struct ipcr_tcp_addr a = {.port = 4711, .host = "node"};
    char text[400], *rest = text, *word;
    strcpy(text, list);
    while ((word = strsep(&rest, " "))) {
        char *ip = strsep(&word, "/");
        a.at[a.n++] = place(ip, (uint8_t)atoi(word));
    }
    return a;
}

static void expect_order(const char *mine, const char *theirs, const char *sorted)
{
    struct ipcr_tcp_addr m = addr(mine), t = addr(theirs), s = addr(sorted);
    ipcr_tcp_addr_sort(&t, &m);
    assert_int_equal(t.n, s.n);
    assert_memory_equal(t.at, s.at, s.n * sizeof s.at[0]);
}

static void test_order(void **state)
{
    (void)state;
    /* The same network first, a container bridge that both have last. */
    expect_order("172.17.0.1/16 10.0.0.1/24", "172.17.0.1/16 10.0.0.2/24",
                 "10.0.0.2/24 172.17.0.1/16");
    /* A family that this host does not have comes after one that it has. */
    expect_order("10.0.0.1/24", "fd00::2/64 192.168.1.2/24", "192.168.1.2/24 fd00::2/64");
    expect_order("fd00::1/64", "10.0.0.2/24 fd01::2/64 fd00::2/64",
                 "fd00::2/64 fd01::2/64 10.0.0.2/24");
    /* Networks that end inside a byte; another prefix is another network. */
    expect_order("10.0.16.1/20", "10.0.32.2/20 10.0.31.2/20", "10.0.31.2/20 10.0.32.2/20");
    expect_order("10.0.0.1/8", "10.0.0.2/24 10.1.1.1/8", "10.1.1.1/8 10.0.0.2/24");
    expect_order("1.2.3.4/0", "9.9.9.9/0", "9.9.9.9/0");
    /* Ranks of one host that look like two nodes: its own addresses are all there is. */
    expect_order("10.0.0.1/24 127.0.0.1/8", "10.0.0.1/24", "10.0.0.1/24");
    /* Otherwise the order is the publisher's. */
    expect_order("10.0.0.1/24", "10.0.0.3/24 10.0.0.2/24 10.0.0.4/24",
                 "10.0.0.3/24 10.0.0.2/24 10.0.0.4/24");
}

static void test_round_trip(void **state)
{
    struct ipcr_tcp_addr a = addr("10.0.0.1/24 fd00::1/64"), b;
    struct ipcr_addr published;
    (void)state;
    ipcr_tcp_addr_pack(&a, &published);
    assert_true(published.len < 120);
    assert_int_equal(ipcr_tcp_addr_unpack(&b, published.bytes, published.len), 0);
    assert_int_equal(b.port, 4711);
    assert_string_equal(b.host, "node");
    assert_int_equal(b.n, 2);
    assert_memory_equal(a.at, b.at, 2 * sizeof a.at[0]);
}

static void refuse(struct ipcr_tcp_addr a, size_t len)
{
    struct ipcr_tcp_addr b;
    assert_true(ipcr_tcp_addr_unpack(&b, &a, len) < 0);
}

static void test_no_address(void **state)
{
    struct ipcr_tcp_addr a = addr("10.0.0.1/24 fd00::1/64"), bad;
    size_t len = offsetof(struct ipcr_tcp_addr, at) + 2 * sizeof a.at[0];
    (void)state;
    for (size_t n = 0; n <= sizeof a; n++)
        if (n != len)
            refuse(a, n);
    bad = a;
    bad.n = 0;
    refuse(bad, len);
    bad.n = 1;
    refuse(bad, len);
    bad.n = 60000;
    refuse(bad, len);
    bad = a;
    memset(bad.host, 'x', sizeof bad.host);
    refuse(bad, len);
    bad = a;
    bad.at[0].prefix = 33;
    refuse(bad, len);
    bad = a;
    bad.at[1].prefix = 129;
    refuse(bad, len);
    bad = a;
    bad.at[1].v6 = 2;
    refuse(bad, len);
}

static void test_text(void **state)
{
    struct sockaddr_storage s;
    struct ipcr_tcp_place v4 = place("10.1.2.3", 24), v6 = place("fd00::12", 64);
    char text[IPCR_TCP_TEXT];
    (void)state;
    ipcr_tcp_place_sockaddr(&v4, 80, &s);
    ipcr_tcp_addr_text(&s, text);
    assert_string_equal(text, "10.1.2.3:80");
    ipcr_tcp_place_sockaddr(&v6, 65535, &s);
    ipcr_tcp_addr_text(&s, text);
    assert_string_equal(text, "[fd00::12]:65535");
}

static const struct ipcr_job job = {.host = "here", .local_rank = 2, .local_size = 4};

/* This host has some address, and never publishes one that only it can use. */
static void test_mine(void **state)
{
    struct ipcr_tcp_addr a = {0};
    (void)state;
    if (ipcr_tcp_addr_mine(&a, &job) < 0)
        skip();
    assert_true(a.n > 0 && a.n <= IPCR_TCP_PLACES);
    for (int i = 0; i < a.n; i++)
        assert_false(a.at[i].v6 && a.at[i].ip[0] == 0xfe && (a.at[i].ip[1] & 0xc0) == 0x80);
}

/* The loopback has addresses everywhere, and is offered when it is asked for; and nothing else. */
static void test_named(void **state)
{
    struct ipcr_tcp_addr a = {0};
    (void)state;
    ipcr_env.iface = "nosuch0,lo";
    assert_int_equal(ipcr_tcp_addr_mine(&a, &job), 0);
    for (int i = 0; i < a.n; i++)
        assert_true(a.at[i].v6 ? a.at[i].ip[15] == 1 : a.at[i].ip[0] == 127);
    ipcr_env.iface = "l";
    assert_int_equal(ipcr_tcp_addr_mine(&a, &job), -EADDRNOTAVAIL);
    ipcr_env.iface = "";
}

/* Ports 7 and 8 are taken. */
static int use_port(void *ctx, uint16_t port)
{
    *(uint16_t *)ctx = port;
    return port == 7 || port == 8 ? -EADDRINUSE : port == 6 ? -EACCES : 0;
}

static void test_ports(void **state)
{
    static const struct {
        const char *range;
        int result, port;
    } cases[] = {{"", 0, 0},
                 {"5-9", 0, 9},
                 {"9-12", 0, 11},
                 {"7-8", -EADDRINUSE, 8},
                 {"4-8", -EACCES, 6},
                 {"8-7", -EINVAL, -1},
                 {"0-7", -EINVAL, -1},
                 {"7", -EINVAL, -1},
                 {"7-8x", -EINVAL, -1},
                 {"7-65536", -EINVAL, -1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint16_t port = 0xffff;
        ipcr_env.ports = cases[i].range;
        assert_int_equal(ipcr_allowed_port(&job, use_port, &port), cases[i].result);
        if (cases[i].result == 0)
            assert_int_equal(port, cases[i].port);
    }
    ipcr_env.ports = "";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),      cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_no_address), cmocka_unit_test(test_text),
        cmocka_unit_test(test_mine),       cmocka_unit_test(test_named),
        cmocka_unit_test(test_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
