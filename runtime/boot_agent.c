/* The rank's end of the control channel (the agent's end: launcher/meet.c).
 *
 * The agent hands down a socket, named by IPCRUN_BOOT, in which the WELCOME lies already. All calls
 * here block and are rare: start, exchange of addresses, end. The socket and the variable are taken
 * away from programs that this one starts: a child of a rank is not a rank. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "err.h"
#include "proto.h"
#include "way.h"

enum { BOOT_WELCOME_MS = 10000 }; /* it was sent before we began, so it is there or never comes */

static struct {
    int fd;      /* 0: none (0 is never the channel) */
    int *places; /* node_of, then local_of */
    char *dir;
    struct ipcr_channel *channels;
    uint8_t *table;
} boot;

static int lost(void)
{
    return ipcr_way_trouble(ECONNRESET,
                            "the agent of this host (ipcrun --agent) closed the control channel");
}

/* ---- frames, blocking ---- */

static int read_all(void *to, size_t n)
{
    char *p = to;
    while (n) {
        ssize_t got = recv(boot.fd, p, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return lost();
        p += got;
        n -= (size_t)got;
    }
    return 0;
}

/* Reads one frame and nothing behind it: the next one may be meant for another program. The body is
 * malloc'ed. */
static int read_frame(uint16_t *type, uint8_t **body, size_t *n)
{
    uint8_t head[IPCR_FRAME_BYTES];
    int rc = read_all(head, sizeof head);
    if (rc < 0)
        return rc;
    struct ipcr_reader r = {head, sizeof head, false};
    *n = ipcr_get_u32(&r);
    *type = ipcr_get_u16(&r);
    if (ipcr_get_u16(&r) != IPCR_FRAME_MARK || *n > IPCR_FRAME_MAX)
        return ipcr_way_trouble(EPROTO, "the control channel does not speak ipcrun's protocol");
    *body = malloc(*n ? *n : 1);
    if (!*body)
        return ipcr_way_trouble(ENOMEM, "out of memory");
    rc = read_all(*body, *n);
    if (rc < 0)
        free(*body);
    return rc;
}

static int send_all(const struct ipcr_buf *b)
{
    if (b->bad)
        return ipcr_way_trouble(ENOMEM, "out of memory");
    return ipcr_way_send(boot.fd, b->data, b->len) ? 0 : lost();
}

/* ---- beginning ---- */

/* IPCRUN_BOOT is "<protocol version>:<descriptor>". */
static int parse_variable(const char *text, int *fd)
{
    unsigned version;
    char rest;
    if (sscanf(text, "%u:%d%c", &version, fd, &rest) != 2 || *fd < 3)
        return ipcr_way_trouble(EINVAL,
                                "the variable IPCRUN_BOOT does not come from ipcrun: unset it");
    if (version != IPCR_PROTO_VERSION) {
        ipcr_err_note(MPI_ERR_OTHER,
                      "ipcrun speaks version %u of the control protocol, libmpi_abi version %u: "
                      "use ipcrun and library of the same release",
                      version, IPCR_PROTO_VERSION);
        return -EPROTO;
    }
    if (fcntl(*fd, F_GETFD) < 0)
        return ipcr_way_trouble(EBADF,
                                "something between ipcrun and this program closed the descriptor "
                                "that IPCRUN_BOOT names (a wrapper script or a container?)");
    return 0;
}

static int keep_channels(const struct ipcr_welcome *w, struct ipcr_reader *r)
{
    if (w->channels && !(boot.channels = calloc((size_t)w->channels, sizeof *boot.channels)))
        return ipcr_way_trouble(ENOMEM, "out of memory");
    for (int i = 0; i < w->channels; i++) {
        boot.channels[i].in = ipcr_get_i32(r);
        boot.channels[i].out = ipcr_get_i32(r);
    }
    return 0;
}

static int keep_welcome(const struct ipcr_welcome *w, struct ipcr_reader *r, struct ipcr_job *job)
{
    boot.places = malloc(2 * sizeof(int) * (size_t)w->size);
    boot.dir = strdup(w->dir);
    if (!boot.places || !boot.dir)
        return ipcr_way_trouble(ENOMEM, "out of memory");
    int *node_of = boot.places, *local_of = boot.places + w->size;
    for (int i = 0; i < w->size; i++) {
        node_of[i] = ipcr_get_i32(r);
        local_of[i] = ipcr_get_i32(r);
    }
    int rc = keep_channels(w, r);
    if (rc < 0)
        return rc;
    *job = (struct ipcr_job){.rank = w->rank,
                             .size = w->size,
                             .node = w->node,
                             .nodes = w->nodes,
                             .local_rank = w->local_rank,
                             .local_size = w->local_size,
                             .node_of = node_of,
                             .local_of = local_of,
                             .appnum = w->appnum,
                             .universe = w->universe,
                             .cores = w->cores,
                             .seg_fd = w->seg_fd,
                             .dir = boot.dir,
                             .channels = boot.channels,
                             .launched = true};
    snprintf(job->id, sizeof job->id, "%s", w->id);
    snprintf(job->host, sizeof job->host, "%s", w->host);
    memcpy(job->secret, w->secret, sizeof job->secret);
    return 0;
}

static int take_welcome(uint16_t type, struct ipcr_reader *r, struct ipcr_job *job)
{
    struct ipcr_welcome w;
    if (type == IPCR_MSG_USED)
        return ipcr_way_trouble(EBUSY, ipcr_get_text(r));
    if (type != IPCR_MSG_WELCOME || !ipcr_get_welcome(r, &w))
        return ipcr_way_trouble(EPROTO, "ipcrun's first message makes no sense");
    return keep_welcome(&w, r, job);
}

static int read_welcome(struct ipcr_job *job)
{
    struct pollfd p = {.fd = boot.fd, .events = POLLIN};
    if (poll(&p, 1, BOOT_WELCOME_MS) == 0)
        return ipcr_way_trouble(ETIMEDOUT,
                                "another MPI program of this rank has taken ipcrun's first "
                                "message: a rank is one MPI program");
    uint16_t type;
    uint8_t *body;
    size_t n;
    int rc = read_frame(&type, &body, &n);
    if (rc < 0)
        return rc;
    struct ipcr_reader r = {body, n, false};
    rc = take_welcome(type, &r, job);
    explicit_bzero(body, n); /* the secret has one place */
    free(body);
    return rc;
}

/* The numbers (IPCRUN_RANK, ...) stay for scripts; what makes a process a rank goes. */
static void keep_from_children(const struct ipcr_job *job)
{
    unsetenv("IPCRUN_BOOT");
    fcntl(boot.fd, F_SETFD, FD_CLOEXEC);
    if (job->seg_fd >= 0)
        fcntl(job->seg_fd, F_SETFD, FD_CLOEXEC);
    for (int i = 0; job->channels && i < job->local_size; i++) {
        fcntl(job->channels[i].in, F_SETFD, FD_CLOEXEC);
        fcntl(job->channels[i].out, F_SETFD, FD_CLOEXEC);
    }
}

static bool offered(void)
{
    return getenv("IPCRUN_BOOT");
}

static int open_agent(struct ipcr_job *job)
{
    int fd;
    int rc = parse_variable(getenv("IPCRUN_BOOT"), &fd);
    if (rc < 0)
        return rc;
    boot.fd = fd;
    rc = read_welcome(job);
    if (rc == 0)
        keep_from_children(job);
    return rc;
}

/* ---- exchange ---- */

static int put(const void *mine, size_t len)
{
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_PUT);
    ipcr_put_blob(&b, mine, len);
    ipcr_frame_end(&b, at);
    int rc = send_all(&b);
    free(b.data);
    return rc;
}

static int get(const void **table, size_t *lens)
{
    uint16_t type;
    size_t n;
    int rc = read_frame(&type, &boot.table, &n);
    if (rc < 0) {
        boot.table = NULL;
        return rc;
    }
    struct ipcr_reader r = {boot.table, n, false};
    uint32_t count = ipcr_get_u32(&r);
    for (int i = 0; i < ipcr_job.size; i++)
        table[i] = ipcr_get_blob(&r, &lens[i]);
    if (type != IPCR_MSG_TABLE || r.bad || count != (uint32_t)ipcr_job.size)
        return ipcr_way_trouble(EPROTO, "ipcrun's table of addresses makes no sense");
    return 0;
}

static int exchange(const void *mine, size_t len, const void **table, size_t *lens)
{
    free(boot.table);
    boot.table = NULL;
    int rc = put(mine, len);
    return rc < 0 ? rc : get(table, lens);
}

/* ---- end ---- */

static bool die(int code, const char *text)
{
    if (!boot.fd)
        return false;
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_DIE);
    ipcr_put_i32(&b, code);
    ipcr_put_text(&b, text);
    ipcr_frame_end(&b, at);
    send_all(&b);
    return true;
}

static void finding(const char *call, const void *caller, const char *text)
{
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_FINDING);
    ipcr_put_u64(&b, (uint64_t)(uintptr_t)caller);
    ipcr_put_text(&b, call);
    ipcr_put_text(&b, text);
    ipcr_frame_end(&b, at);
    uint16_t type;
    uint8_t *body;
    size_t n;
    if (send_all(&b) == 0 && read_frame(&type, &body, &n) == 0)
        free(body);
    free(b.data);
}

/* One message: the frame, and the socket that belongs to it. */
static int send_with_fd(const struct ipcr_buf *b, int fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.align = {.cmsg_len = CMSG_LEN(sizeof(int)),
                           .cmsg_level = SOL_SOCKET,
                           .cmsg_type = SCM_RIGHTS}};
    struct iovec part = {b->data, b->len};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
    ssize_t n;
    do
        n = sendmsg(boot.fd, &m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)b->len ? 0 : n < 0 ? -errno : -EPROTO;
}

static int detour(int rank, uint16_t port)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return -errno;
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_CALL);
    ipcr_put_u32(&b, (uint32_t)rank);
    ipcr_put_u16(&b, port);
    ipcr_frame_end(&b, at);
    int rc = b.bad ? -ENOMEM : send_with_fd(&b, pair[1]);
    free(b.data);
    close(pair[1]);
    if (rc < 0)
        close(pair[0]);
    return rc < 0 ? rc : pair[0];
}

static int finalize(void)
{
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_FINALIZED);
    ipcr_frame_end(&b, at);
    int rc = send_all(&b);
    free(b.data);
    return rc;
}

static void close_agent(void)
{
    if (boot.fd)
        close(boot.fd);
    free(boot.places);
    free(boot.dir);
    free(boot.channels);
    free(boot.table);
    memset(&boot, 0, sizeof boot);
}

const struct ipcr_way ipcr_way_agent = {.offered = offered,
                                        .open = open_agent,
                                        .exchange = exchange,
                                        .die = die,
                                        .finding = finding,
                                        .detour = detour,
                                        .finalize = finalize,
                                        .close = close_agent};
