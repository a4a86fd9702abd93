/* The control protocol: frames as a broken or hostile peer might write them. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "plan.h"
#include "sleeper.h"
#include "stats.h"

static volatile int64_t sum; /* what a reader gives is looked at to the last byte */

static void look(const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum += ((const uint8_t *)bytes)[i];
}

static void read_welcome(struct ipcr_reader r)
{
    struct ipcr_welcome w;
    if (!ipcr_get_welcome(&r, &w))
        return;
    look(w.id, strlen(w.id));
    look(w.host, strlen(w.host));
    look(w.secret, IPCR_SECRET_LEN);
    look(r.at, ((size_t)w.size + (size_t)w.channels) * 8);
}

static void read_launch(struct ipcr_reader r)
{
    struct ipcr_plan plan = {0};
    int node;
    if (ipcr_plan_get(&r, &plan, &node))
        for (int i = 0; i < plan.size; i++)
            sum += plan.node_of[i] + plan.local_of[i] + plan.apps[plan.app_of[i]].count;
    ipcr_plan_free(&plan);
}

static void read_sleepers(struct ipcr_reader r)
{
    struct ipcr_sleeper s;
    uint32_t n = ipcr_get_u32(&r);
    while (n-- && ipcr_get_sleeper(&r, &s))
        look(&s.call, strnlen(s.call, sizeof s.call));
}

static void read_stats(struct ipcr_reader r)
{
    struct ipcr_stats s;
    ipcr_stats_open(&s, 4);
    ipcr_stats_take(&s, &r);
    ipcr_stats_free(&s);
}

static void read_any(struct ipcr_reader r)
{
    struct ipcr_exit e;
    size_t n;
    struct ipcr_reader again = r;
    sum += ipcr_get_exit(&again, &e) ? e.rank : 0;
    const char *text = ipcr_get_text(&r);
    look(text, strlen(text));
    const void *blob = ipcr_get_blob(&r, &n);
    look(blob, r.bad ? 0 : n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1); /* what reads on is seen by the sanitizers */
    size_t taken;
    uint16_t type;
    struct ipcr_reader body;
    if (!copy)
        abort();
    memcpy(copy, data, size);
    for (size_t at = 0; ipcr_frame_next(copy + at, size - at, &type, &body, &taken) > 0;
         at += taken) {
        if (type == IPCR_MSG_WELCOME)
            read_welcome(body);
        else if (type == IPCR_MSG_LAUNCH)
            read_launch(body);
        else if (type == IPCR_MSG_QUIET)
            read_sleepers(body);
        else if (type == IPCR_MSG_STATS)
            read_stats(body);
        else
            read_any(body);
    }
    free(copy);
    return 0;
}

static void seed_welcome(struct ipcr_buf *b)
{
    static const int places[] = {0, 0, 1}, locals[] = {0, 1, 0}, fds[] = {5, 6};
    static const uint8_t secret[IPCR_SECRET_LEN] = {1, 2, 3};
    ipcr_put_welcome(b, &(struct ipcr_welcome){.rank = 1,
                                               .size = 3,
                                               .nodes = 2,
                                               .local_rank = 1,
                                               .local_size = 2,
                                               .id = "abc",
                                               .host = "h1",
                                               .dir = "/tmp/x",
                                               .secret = secret,
                                               .channels = 2,
                                               .node_of = places,
                                               .local_of = locals,
                                               .in_fd = fds,
                                               .out_fd = fds});
}

static void seed_launch(struct ipcr_buf *b)
{
    static int places[] = {0, 0, 1}, locals[] = {0, 1, 0}, apps[] = {0, 0, 0};
    static char *words[] = {"prog", "-x", NULL}, *hosts[] = {"h1", "h2", NULL};
    static char *env[] = {"A=b", NULL};
    static struct ipcr_app app = {
        .argv = {.at = words, .n = 2}, .env = {.at = env, .n = 1}, .wdir = "/", .count = 3};
    struct ipcr_plan plan = {.size = 3,
                             .nodes = 2,
                             .universe = 3,
                             .node_of = places,
                             .local_of = locals,
                             .app_of = apps,
                             .hosts = {.at = hosts, .n = 2},
                             .apps = &app,
                             .napps = 1,
                             .env = {.at = env, .n = 1},
                             .id = "abc"};
    size_t at = ipcr_frame_begin(b, IPCR_MSG_LAUNCH);
    ipcr_plan_put(b, &plan, 0);
    ipcr_frame_end(b, at);
}

static void seed_sleepers(struct ipcr_buf *b)
{
    struct ipcr_sleeper s = {.rank = 1, .state = IPCR_STATE_WAITS, .gen = 3, .call = "MPI_Recv"};
    s.nruns = 1;
    s.runs[0] = (struct ipcr_span){0, 1, 4};
    size_t at = ipcr_frame_begin(b, IPCR_MSG_QUIET);
    ipcr_put_u32(b, 2);
    ipcr_put_sleeper(b, &s);
    ipcr_put_sleeper(b, &s);
    ipcr_frame_end(b, at);
}

static void seed_exit(struct ipcr_buf *b)
{
    ipcr_put_exit(b, &(struct ipcr_exit){.rank = 2, .pid = 99, .status = 9});
}

/* Found by libFuzzer: a short message that makes its reader ask for gigabytes. */
static void seed_nodes(struct ipcr_buf *b)
{
    seed_launch(b);
    uint32_t nodes = 1u << 30;
    size_t at = IPCR_FRAME_BYTES + 4 + 4 + IPCR_SECRET_LEN + 4 + 3 + 4; /* id, secret, host, node */
    if (!b->bad && at + sizeof nodes <= b->len)
        memcpy(b->data + at, &nodes, sizeof nodes);
}

/* A length and a type that mean something, and nothing that does behind them. */
static void seed_stats(struct ipcr_buf *b)
{
    size_t at = ipcr_frame_begin(b, IPCR_MSG_STATS);
    for (uint32_t i = 0; i < 64; i++)
        ipcr_put_u32(b, i % 4);
    ipcr_frame_end(b, at);
}

size_t fuzz_seed(int i, uint8_t *to, size_t room)
{
    static void (*const seeds[])(struct ipcr_buf *) = {seed_welcome, seed_launch, seed_sleepers,
                                                       seed_exit,    seed_stats,  seed_nodes};
    struct ipcr_buf b = {0};
    if (i >= (int)(sizeof seeds / sizeof *seeds))
        return 0;
    seeds[i](&b);
    size_t n = b.bad || b.len > room ? 0 : b.len;
    memcpy(to, b.data, n);
    free(b.data);
    return n;
}
