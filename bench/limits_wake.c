// Waking a sleeper, without any MPI; bench/wait measures the same of MPI_Recv.
#include "limits_wake.h"

#include "../launcher/probe.h"
#include "stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/futex.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { WAKES = 40, PAUSE_MS = 20 };

struct page { // shared by the two
    atomic_uint turn;
    double called, took[WAKES];
};

struct way {
    const char *name;
    void (*sleep)(struct page *, int fd, unsigned turn);
    void (*wake)(struct page *, int fd, unsigned turn);
};

static void sleep_futex(struct page *p, int fd, unsigned turn)
{
    unsigned seen;
    (void)fd;
    while ((seen = atomic_load(&p->turn)) != turn)
        syscall(SYS_futex, &p->turn, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void wake_futex(struct page *p, int fd, unsigned turn)
{
    (void)fd;
    atomic_store(&p->turn, turn);
    syscall(SYS_futex, &p->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void sleep_socket(struct page *p, int fd, unsigned turn)
{
    char byte;
    (void)p, (void)turn;
    while (read(fd, &byte, 1) < 0 && errno == EINTR)
        continue;
}

static void wake_socket(struct page *p, int fd, unsigned turn)
{
    (void)p, (void)turn;
    while (write(fd, "", 1) < 0 && errno == EINTR)
        continue;
}

// Two ends of a TCP connection over the loopback. 0, or -1 with errno.
static int connect_pair(int fd[2])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int on = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fd[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    fd[1] = -1;
    if (door >= 0 && fd[0] >= 0 && bind(door, (struct sockaddr *)&a, len) == 0 &&
        listen(door, 1) == 0 && getsockname(door, (struct sockaddr *)&a, &len) == 0 &&
        connect(fd[0], (struct sockaddr *)&a, len) == 0)
        fd[1] = accept(door, NULL, NULL);
    close(door);
    if (fd[1] < 0) {
        close(fd[0]);
        return -1;
    }
    return setsockopt(fd[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static _Noreturn void sleeper(const struct way *w, struct page *p, int fd)
{
    for (unsigned i = 0; i < WAKES; i++) {
        w->sleep(p, fd, i + 1);
        p->took[i] = ipcr_probe_now() - p->called;
    }
    _exit(0);
}

static void measure(const struct way *w, struct page *p, const int fd[2], int core)
{
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};
    memset(p, 0, sizeof *p);
    pid_t child = ipcr_probe_spawn();
    if (child == 0) {
        ipcr_probe_bind(core);
        sleeper(w, p, fd[1]);
    }
    for (unsigned i = 0; i < WAKES && child > 0; i++) {
        nanosleep(&pause, NULL);
        p->called = ipcr_probe_now();
        w->wake(p, fd[0], i + 1);
    }
    if (child < 0) {
        printf("# %s: %s\n", w->name, strerror(errno));
        return;
    }
    ipcr_probe_reap(child);
    stats_print((struct stats_label){w->name, 2, 0, "us"},
                stats_times(stats_of(p->took, WAKES, 1), 1e6));
}

void limits_wake(const int core[2])
{
    static const struct way ways[] = {{"wake_futex", sleep_futex, wake_futex},
                                      {"wake_socket", sleep_socket, wake_socket}};
    int fd[2] = {-1, -1};
    struct page *p = ipcr_probe_map(sizeof *p);
    if (!p || connect_pair(fd) < 0) {
        printf("# wake: %s\n", strerror(errno));
        return;
    }
    ipcr_probe_bind(core[0]);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        measure(&ways[i], p, fd, core[1]);
    close(fd[0]);
    close(fd[1]);
    munmap(p, sizeof *p);
}
