/* Pseudo-terminals: an agent's side. Output is relayed like any (relay.c); here is what is typed.
 */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

bool ipcr_tty_open(const struct ipcr_agent *a, int *master, int *slave)
{
    char name[64];
    const struct ipcr_debug *d = &a->plan.debug;
    struct winsize size = {.ws_row = (unsigned short)d->rows, .ws_col = (unsigned short)d->columns};
    *slave = -1;
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0 || grantpt(*master) < 0 || unlockpt(*master) < 0 ||
        ptsname_r(*master, name, sizeof name) != 0)
        return false;
    if (d->rows)
        ioctl(*master, TIOCSWINSZ, &size);
    *slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    return *slave >= 0;
}

/* A terminal takes a few kilobytes; the rest waits until somebody has read them. */
static void pump(struct ipcr_watch *w, uint32_t ready)
{
    struct ipcr_rank *r = w->owner;
    (void)ready;
    while (r->typed.len) {
        ssize_t n = write(w->fd, r->typed.data, r->typed.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            ipcr_loop_watch(w, EPOLLOUT);
            return;
        }
        n = n < 0 ? (ssize_t)r->typed.len : n; /* nobody will read it any more */
        r->typed.len -= (size_t)n;
        memmove(r->typed.data, r->typed.data + n, r->typed.len);
    }
    ipcr_loop_watch(w, 0);
}

void ipcr_tty_attach(struct ipcr_rank *r, int fd)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    r->tty = (struct ipcr_watch){.fn = pump, .owner = r, .fd = fd};
    r->has_tty = true;
}

void ipcr_tty_typed(struct ipcr_agent *a, struct ipcr_reader *from)
{
    uint32_t rank = ipcr_get_u32(from);
    size_t n;
    const void *bytes = ipcr_get_blob(from, &n);
    for (int i = 0; i < a->nranks && !from->bad; i++) {
        struct ipcr_rank *r = &a->ranks[i];
        if ((uint32_t)r->rank != rank || !r->has_tty)
            continue;
        ipcr_put_raw(&r->typed, bytes, n);
        pump(&r->tty, 0);
    }
}

void ipcr_tty_close(struct ipcr_rank *r)
{
    if (!r->has_tty)
        return;
    ipcr_loop_watch(&r->tty, 0);
    close(r->tty.fd);
    free(r->typed.data);
    r->typed = (struct ipcr_buf){0};
    r->has_tty = false;
}

void ipcr_tty_raw(int fd)
{
    struct termios t;
    if (tcgetattr(fd, &t) < 0)
        return;
    cfmakeraw(&t);
    tcsetattr(fd, TCSANOW, &t);
}
