/* Memory that goes from rank to rank (nodemem.h). */
#include "nodemem.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "seg.h"

enum {
    PATIENCE_S = 60, /* for ranks of this node that have passed the same barrier */
    TALK_S = 5,      /* for a connection to say who it is */
    QUEUE = 1024
};

/* ---- the rank that makes it ---- */

static int make_memory(int n)
{
    int fd = memfd_create("ipcrun", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && ftruncate(fd, (off_t)ipcr_seg_bytes(n)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Bound to the family alone, so the kernel draws a name that is free. */
static int make_door(char name[IPCR_NODEMEM_NAME])
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    socklen_t len = sizeof a.sun_family, got = sizeof a;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, QUEUE) == 0 &&
        getsockname(fd, (struct sockaddr *)&a, &got) == 0 && got - len > 1 &&
        got - len <= IPCR_NODEMEM_NAME) {
        memcpy(name, a.sun_path + 1, got - len - 1);
        name[got - len - 1] = 0;
        return fd;
    }
    close(fd);
    return -1;
}

int ipcr_nodemem_make(struct ipcr_nodemem *m, int n, char name[IPCR_NODEMEM_NAME])
{
    *m = (struct ipcr_nodemem){.memory = make_memory(n), .door = -1};
    if (m->memory >= 0)
        m->door = make_door(name);
    if (m->door >= 0)
        return 0;
    int error = errno;
    ipcr_nodemem_drop(m);
    return error ? -error : -EIO;
}

void ipcr_nodemem_drop(struct ipcr_nodemem *m)
{
    if (m->memory >= 0)
        close(m->memory);
    if (m->door >= 0)
        close(m->door);
    m->memory = m->door = -1;
}

static bool same_user(int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == geteuid();
}

static void limit(int fd)
{
    struct timeval t = {.tv_sec = TALK_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
}

/* How far it is wrong must not show in the time that this takes. */
static bool knows(int fd, const uint8_t secret[IPCR_SECRET_BYTES])
{
    uint8_t shown[IPCR_SECRET_BYTES], differs = 0;
    if (recv(fd, shown, sizeof shown, MSG_WAITALL) != sizeof shown)
        return false;
    for (size_t i = 0; i < sizeof shown; i++)
        differs |= shown[i] ^ secret[i];
    return !differs;
}

/* A message of one byte with a descriptor. Points into itself: stays where it is. */
struct parcel {
    struct msghdr m;
    struct iovec io;
    char one;
    union { /* aligned as the kernel wants it; last, because the head ends in an open array */
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
    } rights;
};

static void wrap(struct parcel *p)
{
    memset(p, 0, sizeof *p);
    p->io = (struct iovec){&p->one, 1};
    p->m.msg_iov = &p->io;
    p->m.msg_iovlen = 1;
    p->m.msg_control = &p->rights;
    p->m.msg_controllen = sizeof p->rights.bytes;
}

static bool hand_over(int to, int fd)
{
    struct parcel p;
    wrap(&p);
    struct cmsghdr *c = CMSG_FIRSTHDR(&p.m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    return sendmsg(to, &p.m, MSG_NOSIGNAL) == 1;
}

static bool serve_one(const struct ipcr_nodemem *m, const uint8_t secret[IPCR_SECRET_BYTES])
{
    int fd = accept4(m->door, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return false;
    limit(fd);
    bool served = same_user(fd) && knows(fd, secret) && hand_over(fd, m->memory);
    close(fd);
    return served;
}

int ipcr_nodemem_serve(struct ipcr_nodemem *m, int n, const uint8_t secret[IPCR_SECRET_BYTES])
{
    uint64_t end = ipcr_clock_ns() + PATIENCE_S * UINT64_C(1000000000);
    struct pollfd p = {.fd = m->door, .events = POLLIN};
    while (n > 0) {
        if (ipcr_clock_ns() >= end)
            return -ETIMEDOUT;
        if (poll(&p, 1, 1000) > 0)
            n -= serve_one(m, secret);
    }
    close(m->door);
    m->door = -1;
    return 0;
}

/* ---- the others ---- */

static int take(int from)
{
    struct parcel p;
    wrap(&p);
    ssize_t got = recvmsg(from, &p.m, MSG_CMSG_CLOEXEC);
    if (got < 0)
        return -errno;
    struct cmsghdr *c = CMSG_FIRSTHDR(&p.m);
    int fd;
    if (got != 1 || !c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof fd))
        return -EPROTO;
    memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

static int ask(int fd, const uint8_t secret[IPCR_SECRET_BYTES])
{
    if (!same_user(fd))
        return -EPERM;
    if (send(fd, secret, IPCR_SECRET_BYTES, MSG_NOSIGNAL) != IPCR_SECRET_BYTES)
        return -EIO;
    return take(fd);
}

int ipcr_nodemem_fetch(const char *name, const uint8_t secret[IPCR_SECRET_BYTES])
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    if (n >= IPCR_NODEMEM_NAME)
        return -EINVAL;
    memcpy(a.sun_path + 1, name, n);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    struct timeval t = {.tv_sec = PATIENCE_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n);
    int rc = connect(fd, (struct sockaddr *)&a, len) < 0 ? -errno : ask(fd, secret);
    close(fd);
    return rc;
}
