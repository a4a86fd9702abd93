/* The control protocol: what is written is read back; what is cut short or made up is refused, and
 * never read beyond its end (run under the sanitizers, too). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"
#include "proto.h"

enum { FUZZ_ROUNDS = 200000, FUZZ_BYTES = 300 };

static struct ipcr_reader reader_of(const struct ipcr_buf *b)
{
    return (struct ipcr_reader){b->data, b->len, false};
}

/* A copy that ends where the memory ends, so that a byte too much is noticed. */
static struct ipcr_reader exact_copy(const uint8_t *p, size_t n, uint8_t **copy)
{
    *copy = malloc(n ? n : 1);
    assert_non_null(*copy);
    memcpy(*copy, p, n);
    return (struct ipcr_reader){*copy, n, false};
}

static void values_come_back(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    ipcr_put_u8(&b, 200);
    ipcr_put_u16(&b, 60000);
    ipcr_put_u32(&b, 4000000000u);
    ipcr_put_i32(&b, -5);
    ipcr_put_u64(&b, UINT64_MAX - 1);
    ipcr_put_text(&b, "t\303\244xt\n");
    ipcr_put_text(&b, NULL);
    ipcr_put_blob(&b, "\0\1\2", 3);
    struct ipcr_reader r = reader_of(&b);
    size_t n;
    assert_int_equal(ipcr_get_u8(&r), 200);
    assert_int_equal(ipcr_get_u16(&r), 60000);
    assert_int_equal(ipcr_get_u32(&r), 4000000000u);
    assert_int_equal(ipcr_get_i32(&r), -5);
    assert_true(ipcr_get_u64(&r) == UINT64_MAX - 1);
    assert_string_equal(ipcr_get_text(&r), "t\303\244xt\n");
    assert_string_equal(ipcr_get_text(&r), "");
    assert_memory_equal(ipcr_get_blob(&r, &n), "\0\1\2", 3);
    assert_int_equal(n, 3);
    assert_false(r.bad);
    assert_int_equal(r.left, 0);
    free(b.data);
}

static void integers_are_little_endian(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    ipcr_put_u32(&b, 0x01020304);
    assert_memory_equal(b.data, "\4\3\2\1", 4);
    free(b.data);
}

static void texts_are_checked(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } wrong[] = {
        {"\0\0\0\0", 4},           /* not even a NUL */
        {"\3\0\0\0abc", 7},        /* no NUL at the end */
        {"\4\0\0\0a\0b\0", 8},     /* one inside */
        {"\5\0\0\0abc\0", 8},      /* shorter than it says */
        {"\377\377\377\377a\0", 6} /* much shorter */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ipcr_reader r = {(const uint8_t *)wrong[i].bytes, wrong[i].n, false};
        assert_string_equal(ipcr_get_text(&r), "");
        assert_true(r.bad);
        assert_int_equal(ipcr_get_u32(&r), 0);
    }
}

static void counts_do_not_outgrow_the_message(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    ipcr_put_u32(&b, 3);
    ipcr_put_raw(&b, "123456789abc", 12);
    struct ipcr_reader r = reader_of(&b);
    assert_int_equal(ipcr_get_count(&r, 4), 3);
    r = reader_of(&b);
    assert_int_equal(ipcr_get_count(&r, 5), 0);
    assert_true(r.bad);
    free(b.data);
}

static void frames_arrive_in_pieces(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    for (int i = 0; i < 3; i++) {
        size_t at = ipcr_frame_begin(&b, (uint16_t)(IPCR_MSG_READY + i));
        ipcr_put_u32(&b, (uint32_t)i);
        ipcr_frame_end(&b, at);
    }
    size_t at = 0;
    int frames = 0;
    for (size_t have = 0; have <= b.len; have++) {
        uint16_t type;
        struct ipcr_reader body;
        size_t taken;
        if (ipcr_frame_next(b.data + at, have - at, &type, &body, &taken) != 1)
            continue;
        assert_int_equal(taken, IPCR_FRAME_BYTES + 4);
        assert_int_equal(have - at, taken); /* not a byte before it is whole */
        assert_int_equal(type, IPCR_MSG_READY + frames);
        assert_int_equal(ipcr_get_u32(&body), frames);
        at += taken;
        frames++;
    }
    assert_int_equal(frames, 3);
    b.data[6] ^= 1; /* the mark */
    uint16_t type;
    struct ipcr_reader body;
    size_t taken;
    assert_int_equal(ipcr_frame_next(b.data, b.len, &type, &body, &taken), -1);
    b.data[6] ^= 1;
    memset(b.data, 0xff, 4); /* the length */
    assert_int_equal(ipcr_frame_next(b.data, b.len, &type, &body, &taken), -1);
    free(b.data);
}

static void welcome_frame(struct ipcr_buf *b)
{
    static const int node_of[] = {0, 0, 1}, local_of[] = {0, 1, 0};
    static const uint8_t secret[IPCR_SECRET_LEN] = "0123456789abcdef0123456789abcde";
    const struct ipcr_welcome w = {.rank = 1,
                                   .size = 3,
                                   .nodes = 2,
                                   .local_rank = 1,
                                   .local_size = 2,
                                   .appnum = 4,
                                   .universe = 9,
                                   .cores = 2,
                                   .seg_fd = 200,
                                   .id = "job",
                                   .host = "h",
                                   .dir = "/d",
                                   .secret = secret,
                                   .node_of = node_of,
                                   .local_of = local_of};
    ipcr_put_welcome(b, &w);
}

static void welcome_comes_back(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    welcome_frame(&b);
    uint16_t type;
    struct ipcr_reader r;
    size_t taken;
    struct ipcr_welcome w;
    assert_int_equal(ipcr_frame_next(b.data, b.len, &type, &r, &taken), 1);
    assert_int_equal(type, IPCR_MSG_WELCOME);
    assert_true(ipcr_get_welcome(&r, &w));
    assert_int_equal(w.rank, 1);
    assert_int_equal(w.universe, 9);
    assert_int_equal(w.seg_fd, 200);
    assert_string_equal(w.host, "h");
    assert_memory_equal(w.secret, "0123456789", 10);
    const int places[] = {0, 0, 0, 1, 1, 0};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(ipcr_get_i32(&r), places[i]);
    free(b.data);
}

static void add(struct ipcr_words *w, const char *text)
{
    ipcr_words_add(w, ipcr_copy(text));
}

static void launch_body(struct ipcr_buf *b)
{
    struct ipcr_app apps[2] = {{.wdir = ipcr_copy("/a")}, {.wdir = ipcr_copy("/b")}};
    int node_of[] = {0, 0, 1}, local_of[] = {0, 1, 0}, app_of[] = {0, 1, 1};
    struct ipcr_plan plan = {.size = 3,
                             .nodes = 2,
                             .universe = 3,
                             .node_of = node_of,
                             .local_of = local_of,
                             .app_of = app_of,
                             .apps = apps,
                             .napps = 2,
                             .bind = {.how = IPCR_BIND_LIST, .width = 3, .list = "0-1,2"},
                             .id = "0123"};
    add(&plan.hosts, "one");
    add(&plan.hosts, "two");
    add(&plan.env, "A=1\n2");
    add(&apps[0].argv, "prog");
    add(&apps[1].argv, "other");
    add(&apps[1].argv, "");
    add(&apps[1].env, "B=");
    ipcr_plan_put(b, &plan, 1);
    for (int i = 0; i < 2; i++) {
        ipcr_words_free(&apps[i].argv);
        ipcr_words_free(&apps[i].env);
        free(apps[i].wdir);
    }
    ipcr_words_free(&plan.hosts);
    ipcr_words_free(&plan.env);
}

static void launch_comes_back(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    launch_body(&b);
    struct ipcr_reader r = reader_of(&b);
    struct ipcr_plan plan;
    int node;
    assert_true(ipcr_plan_get(&r, &plan, &node));
    assert_int_equal(node, 1);
    assert_int_equal(plan.size, 3);
    assert_string_equal(plan.hosts.at[0], "two");
    assert_string_equal(plan.env.at[0], "A=1\n2");
    assert_int_equal(plan.apps[1].argv.n, 2);
    assert_string_equal(plan.apps[1].argv.at[1], "");
    assert_string_equal(plan.apps[1].env.at[0], "B=");
    assert_int_equal(plan.local_of[1], 1);
    assert_int_equal(plan.local_of[2], 0);
    assert_int_equal(plan.bind.how, IPCR_BIND_LIST);
    assert_int_equal(plan.bind.width, 3);
    assert_string_equal(plan.bind.list, "0-1,2");
    ipcr_plan_free(&plan);
    free(b.data);
}

/* Reads bytes as each of the structured messages; only crashes and sanitizers can object. */
static void read_as_anything(const uint8_t *bytes, size_t n)
{
    uint8_t *copy;
    struct ipcr_reader r = exact_copy(bytes, n, &copy);
    struct ipcr_welcome w;
    if (ipcr_get_welcome(&r, &w))
        assert_int_equal(r.left, (size_t)w.size * 8);
    r = (struct ipcr_reader){copy, n, false};
    struct ipcr_exit e;
    ipcr_get_exit(&r, &e);
    r = (struct ipcr_reader){copy, n, false};
    struct ipcr_plan plan;
    int node;
    if (ipcr_plan_get(&r, &plan, &node))
        assert_true(plan.size > 0 && plan.napps > 0);
    ipcr_plan_free(&plan);
    uint16_t type;
    struct ipcr_reader body;
    size_t taken;
    if (ipcr_frame_next(copy, n, &type, &body, &taken) == 1) {
        assert_true(taken <= n && body.at + body.left == copy + taken);
        size_t len;
        ipcr_get_blob(&body, &len);
        ipcr_get_text(&body);
    }
    free(copy);
}

static void random_bytes_do_no_harm(void **state)
{
    (void)state;
    uint8_t bytes[FUZZ_BYTES];
    for (int i = 0; i < FUZZ_ROUNDS / 10; i++) {
        size_t n = (size_t)rand() % sizeof bytes;
        for (size_t k = 0; k < n; k++)
            bytes[k] = (uint8_t)(rand() % 4 ? rand() % 8 : rand());
        read_as_anything(bytes, n);
    }
}

/* Real messages with a few bytes changed, and cut somewhere, get much deeper. */
static void damaged_messages_do_no_harm(void **state)
{
    (void)state;
    struct ipcr_buf b[2] = {0};
    welcome_frame(&b[0]);
    launch_body(&b[1]);
    for (int i = 0; i < FUZZ_ROUNDS; i++) {
        const struct ipcr_buf *from = &b[i % 2];
        size_t skip = i % 2 ? 0 : IPCR_FRAME_BYTES * (size_t)(rand() % 2);
        uint8_t bytes[1024];
        size_t n = from->len - skip;
        assert_true(n <= sizeof bytes);
        memcpy(bytes, from->data + skip, n);
        for (int k = rand() % 4; k > 0; k--)
            bytes[(size_t)rand() % n] = (uint8_t)(rand() % 2 ? rand() : 0xff * (rand() % 2));
        read_as_anything(bytes, rand() % 3 ? n : (size_t)rand() % (n + 1));
    }
    free(b[0].data);
    free(b[1].data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_back),
        cmocka_unit_test(integers_are_little_endian),
        cmocka_unit_test(texts_are_checked),
        cmocka_unit_test(counts_do_not_outgrow_the_message),
        cmocka_unit_test(frames_arrive_in_pieces),
        cmocka_unit_test(welcome_comes_back),
        cmocka_unit_test(launch_comes_back),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(damaged_messages_do_no_harm),
    };
    srand(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
