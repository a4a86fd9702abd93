/* The agent's end of streams that take the detour through the head (detour.h). */
#include "detour.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    /* under way from this host, if all pairs talk at once; what ends a job waits behind it */
    DETOUR_BUDGET = 4 * 1024 * 1024,
    DETOUR_WINDOW_MAX = 256 * 1024,
    DETOUR_WINDOW_MIN = 4 * 1024,
    DETOUR_PIECE = 64 * 1024, /* of a frame; it lies on the stack */
};

/* In the order of a stream's life at one end. Each direction ends by itself: a rank that has said
 * farewell still reads. */
struct ipcr_detour {
    struct ipcr_watch watch; /* our end of the connection with our rank */
    struct ipcr_agent *agent;
    struct ipcr_detour *next;
    uint32_t caller, callee, number;
    uint32_t under_way;   /* bytes from our rank that the other one has not got yet */
    struct ipcr_buf rest; /* what our rank has not taken yet */
    size_t rest_at;
    bool silent;  /* our rank writes no more: END was sent */
    bool unheard; /* the other rank reads no more: what ours writes is dropped */
    bool ended;   /* the other rank writes no more */
    bool shut;    /* our rank gets nothing more: it has it all, or it reads no more */
};

static uint32_t window(const struct ipcr_agent *a)
{
    uint32_t pairs = (uint32_t)a->nranks * (uint32_t)(a->plan.size - a->nranks);
    uint32_t share = DETOUR_BUDGET / pairs;
    return share > DETOUR_WINDOW_MAX   ? DETOUR_WINDOW_MAX
           : share < DETOUR_WINDOW_MIN ? DETOUR_WINDOW_MIN
                                       : share;
}

/* ---- frames to the other end ---- */

static struct ipcr_buf *begin(const struct ipcr_detour *d, enum ipcr_detour_step step)
{
    struct ipcr_buf *b = ipcr_chan_begin(&d->agent->head, IPCR_MSG_DETOUR);
    ipcr_put_u32(b, d->caller);
    ipcr_put_u32(b, d->callee);
    ipcr_put_u32(b, d->number);
    ipcr_put_u8(b, (uint8_t)step);
    return b;
}

static void tell(struct ipcr_detour *d, enum ipcr_detour_step step)
{
    begin(d, step);
    ipcr_chan_end(&d->agent->head);
}

static void tell_took(struct ipcr_detour *d, size_t n)
{
    ipcr_put_u32(begin(d, IPCR_DETOUR_TOOK), (uint32_t)n);
    ipcr_chan_end(&d->agent->head);
}

/* ---- between our rank and the buffers ---- */

static size_t unwritten(const struct ipcr_detour *d)
{
    return d->rest.len - d->rest_at;
}

static uint32_t wanted(const struct ipcr_detour *d)
{
    bool room = d->unheard || d->under_way < window(d->agent);
    return (!d->silent && room ? EPOLLIN : 0u) | (unwritten(d) ? EPOLLOUT : 0u);
}

static void forget(struct ipcr_detour *d)
{
    struct ipcr_detour **at = &d->agent->detours;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    ipcr_loop_watch(&d->watch, 0);
    if (d->watch.fd >= 0)
        close(d->watch.fd);
    free(d->rest.data);
    free(d);
}

/* After every step: nothing of *d may be used behind it. */
static void go_on(struct ipcr_detour *d)
{
    if (d->silent && d->shut)
        forget(d);
    else
        ipcr_loop_watch(&d->watch, wanted(d));
}

static void our_rank_is_silent(struct ipcr_detour *d)
{
    d->silent = true;
    tell(d, IPCR_DETOUR_END);
}

static void our_rank_is_deaf(struct ipcr_detour *d)
{
    d->shut = true;
    d->rest.len = d->rest_at = 0;
    tell(d, IPCR_DETOUR_DEAF);
}

static void take_from_rank(struct ipcr_detour *d)
{
    uint8_t piece[DETOUR_PIECE];
    size_t most = d->unheard ? sizeof piece : window(d->agent) - d->under_way;
    ssize_t n = read(d->watch.fd, piece, most < sizeof piece ? most : sizeof piece);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        our_rank_is_silent(d);
    } else if (!d->unheard) {
        ipcr_put_blob(begin(d, IPCR_DETOUR_DATA), piece, (size_t)n);
        ipcr_chan_end(&d->agent->head);
        d->under_way += (uint32_t)n;
    }
}

static void give_to_rank(struct ipcr_detour *d)
{
    while (unwritten(d)) {
        ssize_t n = send(d->watch.fd, d->rest.data + d->rest_at, unwritten(d), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0) {
            our_rank_is_deaf(d);
            return;
        }
        d->rest_at += (size_t)n;
        tell_took(d, (size_t)n);
    }
    d->rest.len = d->rest_at = 0;
    if (d->ended && !d->shut) {
        shutdown(d->watch.fd, SHUT_WR);
        d->shut = true;
    }
}

static void ready(struct ipcr_watch *w, uint32_t events)
{
    struct ipcr_detour *d = w->owner;
    if (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
        give_to_rank(d);
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) && (wanted(d) & EPOLLIN))
        take_from_rank(d);
    go_on(d);
}

static struct ipcr_detour *make(struct ipcr_agent *a, int fd, const uint32_t name[3])
{
    struct ipcr_detour *d = ipcr_alloc(sizeof *d);
    *d = (struct ipcr_detour){.watch = {.fn = ready, .owner = d, .fd = fd},
                              .agent = a,
                              .next = a->detours,
                              .caller = name[0],
                              .callee = name[1],
                              .number = name[2]};
    a->detours = d;
    a->detoured = true;
    return d;
}

/* ---- a stream begins ---- */

void ipcr_detour_call(struct ipcr_rank *r, struct ipcr_reader *body)
{
    struct ipcr_agent *a = r->agent;
    uint32_t callee = ipcr_get_u32(body);
    uint16_t port = (uint16_t)ipcr_get_int(body, 2);
    int fd = ipcr_chan_take_fd(&r->boot);
    if (fd < 0)
        return; /* the rank sees the end of its connection */
    if (body->bad || callee >= (uint32_t)a->plan.size || a->plan.node_of[callee] == a->node) {
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct ipcr_detour *d = make(a, fd, (uint32_t[]){(uint32_t)r->rank, callee, a->calls++});
    ipcr_put_int(begin(d, IPCR_DETOUR_CALL), port, 2);
    ipcr_chan_end(&a->head);
    go_on(d);
}

/* To where a rank of this host listens: it does so at all addresses. -1: cannot be. */
static int connect_here(uint16_t port)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS)
        return fd;
    close(fd);
    return -1;
}

static void called(struct ipcr_agent *a, const uint32_t name[3], uint16_t port)
{
    if (name[1] >= (uint32_t)a->plan.size || a->plan.node_of[name[1]] != a->node)
        return;
    struct ipcr_detour *d = make(a, connect_here(port), name);
    if (d->watch.fd < 0) {
        our_rank_is_deaf(d);
        our_rank_is_silent(d);
    }
    go_on(d);
}

/* ---- frames from the other end ---- */

static struct ipcr_detour *find(struct ipcr_agent *a, const uint32_t name[3])
{
    struct ipcr_detour *d = a->detours;
    while (d && (d->caller != name[0] || d->callee != name[1] || d->number != name[2]))
        d = d->next;
    return d;
}

static void take_data(struct ipcr_detour *d, struct ipcr_reader *r)
{
    size_t n;
    const void *bytes = ipcr_get_blob(r, &n);
    if (d->shut)
        return;
    ipcr_put_raw(&d->rest, bytes, n);
    if (d->rest.bad)
        our_rank_is_deaf(d);
}

void ipcr_detour_frame(struct ipcr_agent *a, struct ipcr_reader *r)
{
    uint32_t name[3];
    for (int i = 0; i < 3; i++)
        name[i] = ipcr_get_u32(r);
    uint8_t step = ipcr_get_u8(r);
    if (step == IPCR_DETOUR_CALL && !r->bad && a->started) {
        called(a, name, (uint16_t)ipcr_get_int(r, 2));
        return;
    }
    struct ipcr_detour *d = find(a, name);
    if (!d || r->bad)
        return;
    if (step == IPCR_DETOUR_DATA) {
        take_data(d, r);
    } else if (step == IPCR_DETOUR_TOOK) {
        uint32_t n = ipcr_get_u32(r);
        d->under_way -= n < d->under_way ? n : d->under_way;
    } else if (step == IPCR_DETOUR_END) {
        d->ended = true;
    } else if (step == IPCR_DETOUR_DEAF) {
        d->unheard = true;
    }
    give_to_rank(d);
    go_on(d);
}
