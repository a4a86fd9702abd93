/* When the kernel may put short messages together (burst.h). */
#include "burst.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void set(int fd, int option, int value)
{
    setsockopt(fd, IPPROTO_TCP, option, &value, sizeof value);
}

bool ipcr_burst_next(struct ipcr_burst *b, int fd, size_t len)
{
    b->prompt = false;
    if (len > IPCR_BURST_SHORT) {
        ipcr_burst_end(b, fd);
        return false;
    }
    if (b->sent <= IPCR_BURST_AFTER)
        b->sent++;
    if (b->sent > IPCR_BURST_AFTER && !b->gathers) {
        set(fd, TCP_NODELAY, 0);
        b->gathers = true;
    }
    /* The last that leaves by itself as well: the first of those that may be kept waits for it. */
    return b->sent >= IPCR_BURST_AFTER;
}

void ipcr_burst_end(struct ipcr_burst *b, int fd)
{
    b->sent = 0;
    if (b->gathers) /* setting it sends what is kept */
        set(fd, TCP_NODELAY, 1);
    b->gathers = false;
}

void ipcr_burst_heard(struct ipcr_burst *b, int fd)
{
    if (!b->prompt)
        set(fd, TCP_QUICKACK, 1);
    b->prompt = true;
}
