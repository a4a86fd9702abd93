/* The bell's slow half: going to sleep and waking a sleeper. */
#include "bell.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "job.h"
#include "seg.h"

bool ipcr_bell_fenced = true;

static struct ipcr_bell *mine;
static int bell_fd = -1;
static enum ipcr_bell_kind bell_kind;
static bool with_membarrier;

static long membarrier(int command)
{
    return syscall(SYS_membarrier, command, 0, 0);
}

static socklen_t bell_name(struct sockaddr_un *name, int local)
{
    *name = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(name->sun_path + 1, sizeof(name->sun_path) - 1, "ipcrun.%s.%d.%d", ipcr_job.id,
                     ipcr_job.node, local);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static int open_socket(void)
{
    struct sockaddr_un name;
    socklen_t len = bell_name(&name, ipcr_job.local_rank);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&name, len) < 0) {
        int err = errno;
        close(fd);
        return -err;
    }
    bell_fd = fd;
    return 0;
}

static int open_event(void)
{
    bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return bell_fd < 0 ? -errno : 0;
}

int ipcr_bell_open(enum ipcr_bell_kind kind)
{
    mine = ipcr_seg_bell(ipcr_job.local_rank);
    bool registered = membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED) == 0;
    with_membarrier = registered && membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED) == 0;
    ipcr_bell_fenced = !registered;
    if (!with_membarrier)
        atomic_store(&mine->needs_fence, 1);
    bell_kind = kind;
    return kind == IPCR_BELL_SOCKET ? open_socket() : kind == IPCR_BELL_EVENT ? open_event() : 0;
}

void ipcr_bell_close(void)
{
    if (bell_fd >= 0)
        close(bell_fd);
    bell_fd = -1;
    mine = NULL;
}

int ipcr_bell_fd(void)
{
    return bell_fd;
}

void ipcr_bell_drain(void)
{
    uint64_t rung;
    while (read(bell_fd, &rung, sizeof rung) > 0)
        ;
}

/* Whoever takes the flag from a sleeper counts it as awake: each sleep is counted once. */
static uint32_t take_flag(struct ipcr_bell *b)
{
    uint32_t mode = atomic_exchange(&b->sleeping, IPCR_AWAKE);
    if (mode != IPCR_AWAKE)
        atomic_fetch_sub_explicit(&ipcr_seg_head()->asleep, 1, memory_order_relaxed);
    return mode;
}

uint32_t ipcr_bell_announce(void)
{
    atomic_fetch_add_explicit(&ipcr_seg_head()->asleep, 1, memory_order_relaxed);
    uint32_t count = atomic_load_explicit(&mine->count, memory_order_relaxed);
    atomic_store_explicit(&mine->sleeping, bell_fd >= 0 ? IPCR_ASLEEP_FD : IPCR_ASLEEP_FUTEX,
                          memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (with_membarrier)
        membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED);
    return count;
}

void ipcr_bell_revoke(void)
{
    take_flag(mine);
}

bool ipcr_bell_is_asleep(int local)
{
    return atomic_load_explicit(&ipcr_seg_bell(local)->sleeping, memory_order_relaxed) !=
           IPCR_AWAKE;
}

unsigned ipcr_bell_asleep(void)
{
    return atomic_load_explicit(&ipcr_seg_head()->asleep, memory_order_relaxed);
}

void ipcr_bell_futex_wait(_Atomic uint32_t *word, uint32_t value)
{
    syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

void ipcr_bell_futex_wake(_Atomic uint32_t *word, int most)
{
    syscall(SYS_futex, word, FUTEX_WAKE, most, NULL, NULL, 0);
}

void ipcr_bell_block(uint32_t count)
{
    ipcr_bell_futex_wait(&mine->count, count);
}

void ipcr_bell_wake(int local)
{
    struct ipcr_bell *b = ipcr_seg_bell(local);
    uint32_t mode = take_flag(b);
    if (mode == IPCR_AWAKE)
        return; /* another waker was faster */
    atomic_fetch_add(&b->count, 1);
    if (mode == IPCR_ASLEEP_FUTEX) {
        ipcr_bell_futex_wake(&b->count, 1);
        return;
    }
    if (bell_kind == IPCR_BELL_EVENT) { /* local is this rank */
        eventfd_write(bell_fd, 1);
        return;
    }
    /* A full socket buffer means that datagrams enough to wake it are already there. */
    struct sockaddr_un name;
    socklen_t len = bell_name(&name, local);
    sendto(bell_fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&name, len);
}
