/* Framing over a stream socket: whole and in order however the bytes are cut, straight to where
 * they belong, bounded, and unimpressed by bytes that no rank would send. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "transport/stream.h"

static const struct ipcr_transport limits = {.eager_max = IPCR_STREAM_EAGER,
                                             .frag_max = 300 * 1000};

/* ---- the upper half: notes what arrives ---- */

static struct {
    int fragments, pieces;
    uint32_t next; /* tag that the next fragment must have */
    bool offer, straight, lenient;
    unsigned char *sink;
    size_t so_far;
} up;

static unsigned char byte_at(uint32_t n, size_t i)
{
    return (unsigned char)(n * 37 + i * 11 + i / 251);
}

static size_t size_of_fragment(uint32_t n)
{
    static const size_t sizes[] = {
        0, 1, 31, 32, 33, 500, 4096, 40000, IPCR_STREAM_EAGER, 70000, 131072, 300 * 1000};
    return sizes[n % (sizeof sizes / sizeof *sizes)];
}

static uint8_t kind_of(uint32_t n)
{
    return size_of_fragment(n) > IPCR_STREAM_EAGER || n % 5 == 2 ? IPCR_DATA : IPCR_EAGER;
}

void *ipcr_p2p_sink(struct ipcr_peer *peer, const struct ipcr_wire *hdr, size_t len)
{
    (void)peer, (void)hdr;
    if (up.offer && len <= limits.frag_max)
        up.sink = malloc(len);
    return up.sink;
}

void ipcr_p2p_arrive(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len)
{
    const unsigned char *at = bytes;
    (void)peer;
    up.pieces++;
    if (!up.lenient) {
        assert_int_equal(hdr->tag, up.next);
        assert_int_equal(hdr->kind, kind_of(up.next));
        if (hdr->kind == IPCR_EAGER)
            assert_int_equal(len, size_of_fragment(up.next));
        for (size_t i = 0; i < len; i++)
            assert_int_equal(at[i], byte_at(up.next, up.so_far + i));
        if (up.sink)
            assert_ptr_equal(bytes, up.sink);
    }
    up.straight |= up.sink && bytes == up.sink;
    up.so_far += len;
    if (up.so_far >= size_of_fragment(up.next) || up.lenient) {
        up.so_far = 0;
        up.next++;
        up.fragments++;
    }
    free(up.sink);
    up.sink = NULL;
}

/* Elements of 4 bytes, 6 apart. */
void ipcr_type_pack(const struct ipcr_type *t, size_t count, const void *buf, size_t offset,
                    void *out, size_t len)
{
    const unsigned char *from = buf;
    unsigned char *to = out;
    (void)t, (void)count;
    for (size_t i = offset; i < offset + len; i++)
        *to++ = from[i / 4 * 6 + i % 4];
}

/* ---- two ends ---- */

static struct ipcr_stream out, in;

static int set_up(void **state)
{
    int fds[2], small = 8192;
    (void)state;
    memset(&up, 0, sizeof up);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    assert_int_equal(ipcr_stream_open(&out, fds[0], NULL, &limits), 0);
    assert_int_equal(ipcr_stream_open(&in, fds[1], NULL, &limits), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ipcr_stream_close(&out);
    ipcr_stream_close(&in);
    ipcr_stream_close(&in);
    free(up.sink);
    return 0;
}

static struct ipcr_frag fragment(uint32_t n, unsigned char *buf)
{
    size_t len = size_of_fragment(n);
    for (size_t i = 0; i < len; i++)
        buf[i] = byte_at(n, i);
    return (struct ipcr_frag){
        .hdr = {.kind = kind_of(n), .tag = (int32_t)n}, .buf = buf, .count = len, .len = len};
}

static unsigned char buffer[2 * 300 * 1000];

/* Puts and gets in turn until fragment `n` has arrived. */
static void carry(uint32_t n)
{
    struct ipcr_frag f = fragment(n, buffer);
    enum ipcr_result r;
    while ((r = ipcr_stream_put(&out, &f)) == IPCR_AGAIN) {
        assert_true(out.full);
        ipcr_stream_flush(&out);
        assert_true(ipcr_stream_get(&in, 1) >= 0);
    }
    assert_int_equal(r, IPCR_OK);
    memset(buffer, 0xdd, f.len); /* the tail is a copy */
    for (int rounds = 0; up.next <= n; rounds++) {
        assert_true(rounds < 100000);
        assert_int_not_equal(ipcr_stream_flush(&out), IPCR_FAIL);
        assert_true(ipcr_stream_get(&in, 1) >= 0);
    }
}

static void test_all_sizes(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 120; n++)
        carry(n);
    assert_int_equal(up.fragments, 120);
    assert_false(up.straight);
}

static void test_sink(void **state)
{
    (void)state;
    up.offer = true;
    for (uint32_t n = 0; n < 120; n++)
        carry(n);
    assert_true(up.straight);
}

/* The sender runs ahead until the socket and the tail are full; its memory stays bounded. */
static void test_runs_ahead(void **state)
{
    uint32_t sent = 0;
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct ipcr_frag f = fragment(sent, buffer);
        while (ipcr_stream_put(&out, &f) == IPCR_OK) {
            assert_true(out.tail_end <= sizeof(struct ipcr_frame) + limits.frag_max);
            f = fragment(++sent, buffer);
        }
        assert_int_equal(ipcr_stream_put(&out, &f), IPCR_AGAIN);
        assert_true(ipcr_stream_get(&in, 3) >= 0);
        ipcr_stream_flush(&out);
    }
    while (up.next < sent) {
        ipcr_stream_flush(&out);
        assert_true(ipcr_stream_get(&in, 3) >= 0);
    }
    assert_true(sent > 50);
}

/* A full socket refuses the fragment as a whole: nothing of it is sent, no tail is made. */
static void test_refusal_is_whole(void **state)
{
    char junk[4096] = {0};
    (void)state;
    while (send(out.fd, junk, sizeof junk, 0) > 0)
        ;
    struct ipcr_frag f = fragment(1, buffer);
    assert_int_equal(ipcr_stream_put(&out, &f), IPCR_AGAIN);
    assert_true(out.full);
    assert_null(out.tail);
    while (recv(in.fd, junk, sizeof junk, 0) > 0)
        ;
    assert_int_equal(ipcr_stream_flush(&out), IPCR_OK);
    assert_false(out.full);
    up.next = 1;
    carry(1);
}

static void test_strided(void **state)
{
    const struct ipcr_type strided = {.size = 4, .extent = 6};
    (void)state;
    for (uint32_t n = 0; n < 24; n++) {
        size_t len = size_of_fragment(n);
        struct ipcr_frag f = {.hdr = {.kind = kind_of(n), .tag = (int32_t)n},
                              .buf = buffer,
                              .type = &strided,
                              .count = (len + 3) / 4,
                              .len = len};
        for (size_t i = 0; i < len; i++)
            buffer[i / 4 * 6 + i % 4] = byte_at(n, i);
        while (ipcr_stream_put(&out, &f) == IPCR_AGAIN) {
            ipcr_stream_flush(&out);
            assert_true(ipcr_stream_get(&in, 1) >= 0);
        }
        memset(buffer, 0xdd, sizeof buffer);
    }
    while (up.next < 24) {
        ipcr_stream_flush(&out);
        assert_true(ipcr_stream_get(&in, 1) >= 0);
    }
}

/* ---- bytes by hand ---- */

/* Frames 0 .. count-1 as they go over the wire; the caller frees. */
static unsigned char *image(uint32_t count, size_t *len)
{
    unsigned char *all = malloc(count * (sizeof(struct ipcr_frame) + limits.frag_max));
    assert_non_null(all);
    *len = 0;
    for (uint32_t n = 0; n < count; n++) {
        struct ipcr_frag f = fragment(n, buffer);
        struct ipcr_frame frame = {(uint32_t)f.len, IPCR_FRAME_MARK, f.hdr};
        memcpy(all + *len, &frame, sizeof frame);
        memcpy(all + *len + sizeof frame, f.buf, f.len);
        *len += sizeof frame + f.len;
    }
    return all;
}

static void write_all(const unsigned char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(out.fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0)
            assert_true(ipcr_stream_get(&in, 1) >= 0);
        else
            bytes += n, len -= (size_t)n;
    }
}

/* However the bytes are cut on their way: in pieces of a prime number of bytes, down to one. */
static void test_any_cut(void **state)
{
    static const size_t cuts[] = {1, 2, 7, 31, 33, 997, 65521};
    size_t len;
    unsigned char *all = image(9, &len);
    (void)state;
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        up.next = 0;
        up.offer = c % 2;
        for (size_t at = 0; at < len; at += cuts[c]) {
            write_all(all + at, cuts[c] < len - at ? cuts[c] : len - at);
            assert_true(ipcr_stream_get(&in, 1) >= 0);
        }
        assert_int_equal(up.next, 9);
    }
    free(all);
}

/* One read may bring hundreds of small frames: none is left over, or the descriptor would not tell
 * of it. */
static void test_nothing_is_left_over(void **state)
{
    struct ipcr_frame frame = {0, IPCR_FRAME_MARK, {.kind = IPCR_FIN}};
    (void)state;
    up.lenient = true;
    for (int i = 0; i < 100; i++)
        write_all((unsigned char *)&frame, sizeof frame);
    assert_true(ipcr_stream_get(&in, 1) > 0);
    assert_int_equal(up.fragments, 100);
    assert_int_equal(ipcr_stream_get(&in, 1), 0);
}

/* The last frame that came decides whether its acknowledgement is waited for. */
static void test_the_last_is_awaited(void **state)
{
    static unsigned char byte;
    struct ipcr_frag f = {.hdr.kind = IPCR_EAGER, .buf = &byte, .len = 1};
    (void)state;
    up.lenient = true;
    for (int i = 0; i < 4; i++) {
        bool awaits = i % 2;
        for (int n = 0; n < 2; n++) {
            out.awaits = n == 1 ? awaits : !awaits;
            assert_int_equal(ipcr_stream_put(&out, &f), IPCR_OK);
        }
        assert_true(ipcr_stream_get(&in, 1) > 0);
        assert_int_equal(in.awaited, awaits);
    }
    assert_int_equal(up.fragments, 8);
}

static void expect_refusal(struct ipcr_frame frame, int rc)
{
    set_up(NULL);
    up.lenient = true;
    write_all((unsigned char *)&frame, sizeof frame);
    int got = ipcr_stream_get(&in, 10);
    assert_int_equal(got < 0 ? got : 0, rc);
    tear_down(NULL);
}

static void test_limits(void **state)
{
    const uint32_t mark = IPCR_FRAME_MARK;
    (void)state;
    tear_down(NULL);
    expect_refusal((struct ipcr_frame){0, mark, {.kind = IPCR_EAGER}}, 0);
    expect_refusal((struct ipcr_frame){0, ~mark, {.kind = IPCR_EAGER}}, -EPROTO);
    expect_refusal((struct ipcr_frame){IPCR_STREAM_EAGER, mark, {.kind = IPCR_EAGER}}, 0);
    expect_refusal((struct ipcr_frame){IPCR_STREAM_EAGER + 1, mark, {.kind = IPCR_EAGER}}, -EPROTO);
    expect_refusal((struct ipcr_frame){300 * 1000, mark, {.kind = IPCR_DATA}}, 0);
    expect_refusal((struct ipcr_frame){300 * 1000 + 1, mark, {.kind = IPCR_DATA}}, -EPROTO);
    expect_refusal((struct ipcr_frame){UINT32_MAX, mark, {.kind = IPCR_DATA}}, -EPROTO);
    expect_refusal((struct ipcr_frame){33, mark, {.kind = IPCR_RTS}}, -EPROTO);
    expect_refusal((struct ipcr_frame){64, mark, {.kind = IPCR_CREDIT}}, -EPROTO);
    expect_refusal((struct ipcr_frame){0, mark, {.kind = IPCR_WIRE_KINDS}}, -EPROTO);
    expect_refusal((struct ipcr_frame){0, mark, {.kind = 255}}, -EPROTO);
    expect_refusal((struct ipcr_frame){1, mark, {.kind = 0}}, -EPROTO);
    set_up(NULL);
}

/* Good bytes with some turned over: frames arrive or the stream is refused, nothing else. */
static void test_mutations(void **state)
{
    size_t len;
    unsigned char *all = image(9, &len), *bad = malloc(len);
    uint32_t random = 1;
    (void)state;
    assert_non_null(bad);
    tear_down(NULL);
    for (int round = 0; round < 300; round++) {
        set_up(NULL);
        up.lenient = true;
        up.offer = round % 2;
        memcpy(bad, all, len);
        for (int i = 0; i < 1 + round % 8; i++) {
            random = random * 1664525 + 1013904223;
            /* mostly where headers are: the small frames at the beginning */
            bad[random % (i % 2 ? len : 400)] ^= (unsigned char)(1u << (random >> 29));
        }
        int rc = 0;
        for (size_t at = 0; at < len && rc >= 0;) {
            ssize_t n = send(out.fd, bad + at, len - at, MSG_NOSIGNAL);
            at += n > 0 ? (size_t)n : 0;
            rc = ipcr_stream_get(&in, 5);
        }
        assert_true(rc >= 0 || rc == -EPROTO);
        tear_down(NULL);
    }
    set_up(NULL);
    free(all);
    free(bad);
}

/* ---- the end ---- */

static void test_farewell(void **state)
{
    (void)state;
    up.next = 5;
    carry(5);
    assert_int_equal(ipcr_stream_part(&out), IPCR_OK);
    assert_true(ipcr_stream_get(&in, 9) > 0);
    assert_true(in.farewell);
    assert_int_equal(up.pieces, 1);
    shutdown(out.fd, SHUT_WR);
    assert_int_equal(ipcr_stream_get(&in, 9), -ENODATA);
}

static void test_nothing_after_farewell(void **state)
{
    struct ipcr_frag f = fragment(1, buffer);
    (void)state;
    assert_int_equal(ipcr_stream_part(&out), IPCR_OK);
    assert_int_equal(ipcr_stream_put(&out, &f), IPCR_OK);
    assert_int_equal(ipcr_stream_get(&in, 9), -EPROTO);
}

/* In the middle of a header, or of a payload. */
static void test_cut_off(void **state)
{
    size_t len;
    unsigned char *all = image(9, &len);
    (void)state;
    tear_down(NULL);
    for (size_t at = 1; at < len; at = at * 3 + 5) {
        set_up(NULL);
        up.lenient = true;
        write_all(all, at);
        shutdown(out.fd, SHUT_WR);
        int rc;
        while ((rc = ipcr_stream_get(&in, 1)) > 0)
            ;
        assert_int_equal(rc, -ENODATA);
        assert_false(in.farewell);
        tear_down(NULL);
    }
    set_up(NULL);
    free(all);
}

static void test_write_to_the_gone(void **state)
{
    struct ipcr_frag f = fragment(1, buffer);
    (void)state;
    close(in.fd);
    in.fd = -1;
    errno = 0;
    assert_int_equal(ipcr_stream_put(&out, &f), IPCR_FAIL); /* and no SIGPIPE */
    assert_true(errno == EPIPE || errno == ECONNRESET);
}

/* ---- without a socket ---- */

static struct {
    unsigned char bytes[1000];
    size_t len;
} pocket;

static ssize_t write_pocket(struct ipcr_stream *s, const struct iovec *part, size_t parts)
{
    size_t before = pocket.len;
    (void)s;
    for (size_t i = 0; i < parts; i++) {
        size_t room = sizeof pocket.bytes - pocket.len;
        size_t n = part[i].iov_len < room ? part[i].iov_len : room;
        if (n)
            memcpy(pocket.bytes + pocket.len, part[i].iov_base, n);
        pocket.len += n;
    }
    return (ssize_t)(pocket.len - before);
}

/* Bytes that leave and come in pieces of the transport's choice, one pocketful at a time. */
static void test_without_a_socket(void **state)
{
    (void)state;
    out.write = write_pocket;
    for (uint32_t n = 0; n < 48; n++) {
        struct ipcr_frag f = fragment(n, buffer);
        up.offer = n % 24 >= 12;
        assert_int_equal(ipcr_stream_put(&out, &f), IPCR_OK);
        for (size_t step = 1 + n * 61 % 700; pocket.len || out.full;) {
            ipcr_stream_flush(&out);
            for (size_t at = 0; at < pocket.len; at += step) {
                size_t left = pocket.len - at;
                assert_true(ipcr_stream_feed(&in, pocket.bytes + at, left < step ? left : step) >=
                            0);
            }
            pocket.len = 0;
        }
        assert_int_equal(up.next, n + 1);
    }
    assert_int_equal(ipcr_stream_feed(&in, "no frame begins like this; they don't", 37), -EPROTO);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_all_sizes),
        CASE(test_sink),
        CASE(test_runs_ahead),
        CASE(test_refusal_is_whole),
        CASE(test_strided),
        CASE(test_any_cut),
        CASE(test_limits),
        CASE(test_nothing_is_left_over),
        CASE(test_the_last_is_awaited),
        CASE(test_mutations),
        CASE(test_farewell),
        CASE(test_cut_off),
        CASE(test_nothing_after_farewell),
        CASE(test_write_to_the_gone),
        CASE(test_without_a_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
