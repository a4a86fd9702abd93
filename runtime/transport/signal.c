/* signal: bytes in the values of queued real-time signals, the smallest channel there is.
 *
 * A word is one signal SIGRTMAX-3: seven bytes, how many of them count, and a number that tells
 * whether one is missing. Signals of one number are a queue, so words of one sender arrive in
 * order; the sender is known by its pid. Another number, SIGRTMAX-4, returns credit: a sender may
 * have so many words pending at a receiver, by which all ranks of a node together stay at half of
 * what RLIMIT_SIGPENDING grants to their user. Where other processes of the user have taken the
 * rest, the kernel says EAGAIN, and the sender tries again a little later.
 *
 * No handler runs: both signals are blocked, and read from a signalfd. A thread that did not block
 * them would swallow words, so threads that were started before MPI_Init must block them, which is
 * checked; later ones inherit the mask of who starts them, and so do child processes. After
 * MPI_Finalize the two signals are ignored, since a late one must not kill the program. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "err.h"
#include "gather.h"
#include "links.h"
#include "peer.h"
#include "sigclaim.h"

#define BATCH   64    /* signals read with one call */
#define MOST    4096u /* words of one sender pending at one receiver */
#define RETRY   2000u /* microseconds, when the user's signals are all taken */
#define BYTES   7u    /* of a word */
#define NUMBERS 32u

extern const struct ipcr_transport ipcr_transport_signal;

struct signal_link {
    struct ipcr_link link; /* first */
    uint32_t credit;       /* words that may still be sent */
    uint32_t sent, taken;  /* words */
    uint32_t owed;         /* words taken and not reported yet */
};

static ssize_t signal_write(struct ipcr_stream *s, const struct iovec *part, size_t parts);
static int attach(struct ipcr_link *l);
static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms);

static struct ipcr_links links = {.via = &ipcr_transport_signal,
                                  .bytes = sizeof(struct signal_link),
                                  .write = signal_write,
                                  .attach = attach,
                                  .tick = tick};

static struct {
    struct ipcr_source source; /* the signalfd */
    struct ipcr_sigclaim claim;
    uint32_t window;
    struct signal_link *last; /* who sent the last signal */
} sig;

/* ---- words ---- */

/* byte 0 .. 6: what is sent; byte 7: number * 8 + how many */
static uint64_t word_of(const unsigned char *bytes, size_t n, uint32_t number)
{
    uint64_t word = 0;
    memcpy(&word, bytes, n);
    return word | (uint64_t)(number % NUMBERS * 8 + n) << 56;
}

/* 1; 0: no room now; -1 with errno. */
static int post(struct signal_link *s, int number, uint64_t value)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = number;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = (void *)(uintptr_t)value;
    if (syscall(SYS_pidfd_send_signal, s->link.pidfd, number, &info, 0) == 0)
        return 1;
    if (errno != EAGAIN)
        return -1;
    ipcr_hub_alarm(&links.hub, ipcr_hub_now_us() + RETRY);
    return 0;
}

static ssize_t signal_write(struct ipcr_stream *stream, const struct iovec *part, size_t parts)
{
    struct signal_link *s = (struct signal_link *)stream;
    unsigned char bytes[BYTES];
    size_t written = 0, n;
    while (s->credit && (n = ipcr_gather(bytes, BYTES, part, parts, written)) > 0) {
        int rc = post(s, IPCR_SIGNAL_WORD, word_of(bytes, n, s->sent));
        if (rc <= 0)
            return rc < 0 && !written ? -1 : (ssize_t)written;
        s->credit--;
        s->sent++;
        written += n;
    }
    return (ssize_t)written;
}

/* ---- in ---- */

static void report(struct signal_link *s)
{
    if (s->owed >= sig.window / 2 && post(s, IPCR_SIGNAL_CREDIT, s->owed) > 0)
        s->owed = 0;
}

static struct signal_link *sender(pid_t pid)
{
    if (sig.last && sig.last->link.pid == pid)
        return sig.last;
    for (int r = 0; r < links.job->size; r++) {
        if (r == links.job->rank || ipcr_links_pid(&links, r) != pid)
            continue;
        sig.last = (struct signal_link *)ipcr_links_of(&links, r);
        if (!sig.last)
            ipcr_err_fatal("rank %d on %s has no memory to talk to rank %d", links.job->rank,
                           links.job->host, r);
        return sig.last;
    }
    return NULL;
}

/* Takes the bytes of a word to buf; returns how many. */
static size_t unpack(struct signal_link *s, uint64_t word, unsigned char *buf)
{
    unsigned top = (unsigned)(word >> 56), n = top % 8;
    if (top / 8 != s->taken % NUMBERS || n == 0)
        ipcr_err_fatal("rank %d on %s has lost a signal %d of rank %d: a thread does not block it",
                       links.job->rank, links.job->host, IPCR_SIGNAL_WORD, s->link.rank);
    s->taken++;
    s->owed++;
    memcpy(buf, &word, n);
    return n;
}

/* Hands up the words of one sender that stand together; returns how many signals that were. */
static int take_run(const struct signalfd_siginfo *in, int n, int *happened)
{
    unsigned char bytes[BATCH * BYTES];
    size_t len = 0;
    int i = 0;
    struct signal_link *s = sender((pid_t)in[0].ssi_pid);
    if (!s)
        return 1; /* not one of ours: whoever sent it meant something else */
    if ((int)in[0].ssi_signo == IPCR_SIGNAL_CREDIT) {
        s->credit += (uint32_t)in[0].ssi_ptr;
        *happened += 1;
        return 1;
    }
    for (; i < n && (int)in[i].ssi_signo == IPCR_SIGNAL_WORD && in[i].ssi_pid == in[0].ssi_pid; i++)
        len += unpack(s, in[i].ssi_ptr, bytes + len);
    *happened += ipcr_link_feed(&s->link, bytes, len);
    report(s);
    return i;
}

static int signal_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    struct signalfd_siginfo in[BATCH];
    int happened = 0;
    (void)self, (void)events;
    while (happened < budget) {
        ssize_t bytes = read(sig.claim.fd, in, sizeof in);
        int n = bytes > 0 ? (int)((size_t)bytes / sizeof in[0]) : 0;
        for (int i = 0; i < n;)
            i += take_run(in + i, n - i, &happened);
        if (n < BATCH)
            break;
    }
    return happened;
}

static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms)
{
    (void)now_ms, (void)elapsed_ms;
    ipcr_links_tick(&links);
    for (struct ipcr_link *l = links.list; l; l = l->next)
        report((struct signal_link *)l);
    return 0;
}

static int signal_poll(int budget)
{
    return ipcr_links_poll(&links, budget);
}

static int signal_wait_fd(void)
{
    return links.hub.epoll;
}

/* ---- life ---- */

static int attach(struct ipcr_link *l)
{
    ((struct signal_link *)l)->credit = sig.window;
    return l->pidfd < 0 && !l->dead ? -ENOSYS : 0;
}

static uint32_t fair_window(const struct ipcr_job *job)
{
    struct rlimit limit = {MOST, MOST};
    rlim_t pairs = (rlim_t)job->local_size * (rlim_t)(job->local_size - 1);
    getrlimit(RLIMIT_SIGPENDING, &limit);
    rlim_t share = limit.rlim_cur / 2 / (pairs ? pairs : 1);
    return share > MOST ? MOST : share < 4 ? 4 : (uint32_t)share;
}

static int signal_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    memset(&sig, 0, sizeof sig);
    sig.claim.fd = -1;
    sig.source.ready = signal_ready;
    sig.window = fair_window(job);
    int rc = ipcr_links_open(&links, job);
    if (rc == 0)
        rc = ipcr_sigclaim(&sig.claim);
    if (rc < 0)
        return rc;
    ipcr_hub_watch(&links.hub, sig.claim.fd, &sig.source, EPOLLIN);
    /* Nothing to tell, but nobody may send before the signals are blocked: an address makes all
     * ranks wait for each other. */
    memcpy(mine->bytes, &sig.window, sizeof sig.window);
    mine->len = sizeof sig.window;
    return 0;
}

static void signal_close(void)
{
    ipcr_links_close(&links);
    ipcr_sigclaim_release(&sig.claim);
}

static int signal_link_peer(struct ipcr_peer *peer, const void *addr, size_t len)
{
    uint32_t window;
    if (len != sizeof window)
        return -EINVAL;
    memcpy(&window, addr, sizeof window);
    if (window != sig.window) /* limits that differ between ranks: both sides must know */
        return -EDOM;
    peer->link = ipcr_links_of(&links, peer->rank);
    return peer->link ? 0 : -errno;
}

const struct ipcr_transport ipcr_transport_signal = {
    .name = "signal",
    .eager_max = 1024,
    .frag_max = 4096,
    .reach = IPCR_REACH_NODE,
    .open = signal_open,
    .close = signal_close,
    .link = signal_link_peer,
    .unlink = ipcr_link_unlink,
    .send = ipcr_link_send,
    .unsent = ipcr_link_unsent,
    .poll = signal_poll,
    .wait_fd = signal_wait_fd,
};
