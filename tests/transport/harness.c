/* Processes, boot exchange and upcalls for the conformance suite. */
#include "harness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bell.h"
#include "boot.h"
#include "channels.h"
#include "err.h"
#include "jobdir.h"
#include "progress.h"
#include "seg.h"

/* How many messages before it is handed up one may be announced. */
enum { AHEAD_MOST = 64 };

/* Exit status of a rank that ended the job with ipcr_err_fatal(). */
enum { STATUS_FATAL = 66 };

struct ipcr_job ipcr_job;
struct ipcr_peer *ipcr_peers;
bool ipcr_peer_lanes; /* none: whatever arrives is to come through ipcr_p2p_arrive() */
static const volatile bool never;
const volatile bool *ipcr_progress_goal = &never;

const struct ipcr_transport *via;
const struct test *test;
struct traffic traffic[RANKS_MAX];
_Atomic int *shared_counter;

/* What all processes of a run share. */
static struct world {
    _Atomic int arrived, round;
    _Atomic int counter[8];
    struct ipcr_addr address[RANKS_MAX];
    _Atomic int complaints;
    char complaint[512];
    char fatal[600]; /* of rank 0 */
} * world;

static int node_of[RANKS_MAX], local_of[RANKS_MAX];
static int seg_fd = -1;
static struct ipcr_channel channels[RANKS_MAX];
static int hand[RANKS_MAX][2]; /* what is handed to a rank: rank 0's end, and its own */

/* ---- time ---- */

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double cpu(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

long peak_kib(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

void nap(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&t, &t) < 0 && errno == EINTR)
        ;
}

/* ---- complaints ---- */

static void complain(const char *fmt, va_list ap)
{
    char text[sizeof world->complaint];
    int n = snprintf(text, sizeof text, "rank %d: ", ipcr_job.rank);
    vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
    if (atomic_fetch_add(&world->complaints, 1) == 0)
        memcpy(world->complaint, text, sizeof text);
    fprintf(stderr, "# %s\n", text);
}

void fail(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    complain(fmt, ap);
    va_end(ap);
    _exit(1);
}

void stop_here(void)
{
    _exit(0);
}

/* ---- what the library asks of its upper half ---- */

void ipcr_err_fatal(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!test->may_lose && !test->expect_fatal)
        complain(fmt, ap);
    else if (ipcr_job.rank == 0)
        vsnprintf(world->fatal, sizeof world->fatal, fmt, ap);
    va_end(ap);
    _exit(STATUS_FATAL);
}

int ipcr_err_note(int class, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return class;
}

/* Nobody starts these ranks who could carry their bytes. */
bool ipcr_boot_has_detour(void)
{
    return false;
}

int ipcr_boot_detour(int rank, uint16_t port)
{
    (void)rank, (void)port;
    return -ENOTSUP;
}

/* Elements of `size` bytes, `extent` apart: layout enough to see whether a transport packs. */
void ipcr_type_pack(const struct ipcr_type *t, size_t count, const void *buf, size_t offset,
                    void *out, size_t len)
{
    const unsigned char *from = buf;
    unsigned char *to = out;
    if (offset + len > count * t->size)
        fail("packs beyond the end of the message");
    for (size_t i = offset; i < offset + len; i++)
        *to++ = from[i / t->size * (size_t)t->extent + i % t->size];
}

/* ---- messages ---- */

static uint64_t seed_of(int from, int to, uint32_t seq)
{
    return ((uint64_t)from << 40 | (uint64_t)to << 32 | seq) * UINT64_C(0x9e3779b97f4a7c15);
}

static unsigned char byte_at(uint64_t seed, size_t i)
{
    return (unsigned char)((seed + i / 8 * UINT64_C(0xd1b54a32d192ed03)) >> (i % 8 * 8));
}

static void fill(unsigned char *at, uint64_t seed, size_t begin, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at[i] = byte_at(seed, begin + i);
}

static struct ipcr_wire header(int from, int to, uint32_t seq, const struct plan *p)
{
    return (struct ipcr_wire){.kind = p->kind,
                              .flags = (uint8_t)(seq & 1),
                              .ctx = seq * 7,
                              .tag = (int32_t)seq,
                              .src = from,
                              .cookie = seed_of(from, to, seq) ^ UINT64_C(0x5a5a)};
}

static struct plan plan_of(uint32_t seq)
{
    struct plan p = {.kind = IPCR_EAGER};
    test->plan(seq, &p);
    return p;
}

/* The packed image of a message, spread out over a buffer with gaps of 3 bytes between elements of
 * 5, or as it is. What the transport may not touch is filled with rubbish. */
enum { ELEMENT = 5, EXTENT = 8 };

static unsigned char *lay_out(uint64_t seed, const struct plan *p, size_t *bytes)
{
    static unsigned char *buf; /* kept: memory that a test measures is the transport's */
    static size_t room;
    size_t image = p->offset + p->len, elements = (image + ELEMENT - 1) / ELEMENT;
    *bytes = p->strided ? elements * EXTENT : image;
    if (*bytes >= room && !(buf = realloc(buf, room = *bytes + 1)))
        fail("no memory for a test message");
    memset(buf, 0xee, *bytes);
    if (!p->strided)
        fill(buf + p->offset, seed, p->offset, p->len);
    else
        for (size_t i = p->offset; i < image; i++)
            buf[i / ELEMENT * EXTENT + i % ELEMENT] = byte_at(seed, i);
    return buf;
}

static struct ipcr_peer *peer_of(int rank)
{
    struct ipcr_peer *peer = &ipcr_peers[rank];
    if (peer->via)
        return peer;
    int rc = via->link(peer, world->address[rank].bytes, world->address[rank].len);
    if (rc < 0)
        fail("link to rank %d: %s", rank, strerror(-rc));
    peer->via = via;
    return peer;
}

enum ipcr_result send_next(int rank)
{
    struct traffic *t = &traffic[rank];
    struct plan p = plan_of(t->sent);
    struct ipcr_type type = {.size = ELEMENT, .extent = EXTENT};
    size_t bytes;
    unsigned char *buf = lay_out(seed_of(ipcr_job.rank, rank, t->sent), &p, &bytes);
    struct ipcr_frag f = {.hdr = header(ipcr_job.rank, rank, t->sent, &p),
                          .buf = buf,
                          .type = p.strided ? &type : NULL,
                          .count = (p.offset + p.len + ELEMENT - 1) / ELEMENT,
                          .offset = p.offset,
                          .len = p.len};
    struct ipcr_peer *peer = peer_of(rank);
    t->sent++; /* before: a transport to ourselves delivers inside the call */
    enum ipcr_result r = via->send(peer, &f);
    if (r == IPCR_AGAIN)
        t->sent--;
    memset(buf, 0xdd, bytes); /* f and its buffer are the transport's only for the call */
    if (r == IPCR_FAIL && !test->may_lose)
        fail("send to rank %d failed", rank);
    return r;
}

/* Whoever can look ahead does so all the time here, at what it hands up later. */
bool ipcr_p2p_is_far(void)
{
    return true;
}

void ipcr_p2p_foresee(const struct ipcr_wire *hdr, bool soon)
{
    uint32_t seq = (uint32_t)hdr->tag, ahead = seq - traffic[hdr->src].received;
    struct plan p = plan_of(seq);
    struct ipcr_wire expected = header(hdr->src, ipcr_job.rank, seq, &p);
    if (memcmp(hdr, &expected, sizeof expected) != 0 || ahead - 1 > AHEAD_MOST)
        fail("a fragment is announced%s that is none of the next", soon ? " again" : "");
}

void *ipcr_p2p_sink(struct ipcr_peer *peer, const struct ipcr_wire *hdr, size_t len)
{
    struct traffic *t = &traffic[peer->rank];
    struct plan p = plan_of(t->received);
    if (hdr->kind != IPCR_DATA)
        fail("asks for a sink for a fragment of kind %d", hdr->kind);
    if (len != p.len)
        fail("asks for a sink of %zu bytes for a fragment of %zu", len, p.len);
    if (p.sunk && !(t->sink = malloc(len)))
        fail("no memory for a sink");
    return p.sunk ? t->sink : NULL;
}

static void check_bytes(int from, uint32_t seq, size_t begin, const unsigned char *at, size_t len)
{
    uint64_t seed = seed_of(from, ipcr_job.rank, seq);
    for (size_t i = 0; i < len; i++)
        if (at[i] != byte_at(seed, begin + i))
            fail("message %u from rank %d: byte %zu of this piece of %zu is wrong", seq, from, i,
                 len);
}

void ipcr_p2p_arrive(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len)
{
    int from = peer->rank;
    struct traffic *t = &traffic[from];
    struct plan p = plan_of(t->received);
    struct ipcr_wire expected = header(from, ipcr_job.rank, t->received, &p);
    if (memcmp(hdr, &expected, sizeof expected) != 0)
        fail("expected message %u from rank %d, got a header with kind %d, source %d, tag %d",
             t->received, from, hdr->kind, hdr->src, hdr->tag);
    if (t->sink && (bytes != t->sink || len != p.len))
        fail("a sink was given, but %zu bytes came from elsewhere", len);
    /* Only DATA may come in pieces: its receiver counts. */
    if (len + t->pieces > p.len || (len != p.len && p.kind != IPCR_DATA) || (!len && p.len))
        fail("message %u from rank %d has %zu bytes, %zu came", t->received, from, p.len,
             len + t->pieces);
    check_bytes(from, t->received, p.offset + t->pieces, bytes, len);
    t->pieces += len;
    if (t->pieces < p.len)
        return;
    t->pieces = 0;
    t->received++;
    free(t->sink);
    t->sink = NULL;
}

/* ---- progress ---- */

bool reached(int rank)
{
    return rank < ipcr_job.size && (via->reach == IPCR_REACH_SELF) == (rank == ipcr_job.rank);
}

int step(void)
{
    int n = via->poll(64);
    for (int r = 0; r < ipcr_job.size; r++)
        while (traffic[r].sent < traffic[r].goal && reached(r) && send_next(r) == IPCR_OK)
            n++;
    return n;
}

bool sleep_for_work(int ms)
{
    struct pollfd fds[2] = {{.fd = ipcr_bell_fd(), .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    ipcr_bell_announce();
    bool work = step() > 0;
    if (!work && via->wait_fd)
        fds[1].fd = via->wait_fd(); /* after the last look, as progress.c does */
    work = work || poll(fds, 2, ms) > 0;
    ipcr_bell_revoke();
    ipcr_bell_drain();
    return work;
}

void work_until(bool (*done)(void))
{
    while (!done())
        for (int idle = 0; step() == 0 && !done(); idle++)
            if (idle > 20)
                sleep_for_work(1000);
            else
                sched_yield();
}

static bool all_out(void)
{
    for (int r = 0; r < ipcr_job.size; r++)
        if (reached(r) && (traffic[r].sent < traffic[r].goal ||
                           (via->unsent && traffic[r].sent && via->unsent(&ipcr_peers[r]))))
            return false;
    return true;
}

void work_out(void)
{
    work_until(all_out);
}

static int awaited;
static uint32_t awaited_count;

static bool has_come(void)
{
    return traffic[awaited].received >= awaited_count;
}

void work_in(int rank, uint32_t count)
{
    awaited = rank;
    awaited_count = count;
    work_until(has_come);
}

/* ---- life ---- */

struct ipcr_addr *address_of(int rank)
{
    return &world->address[rank];
}

void meet(void)
{
    int round = atomic_load(&world->round);
    if (atomic_fetch_add(&world->arrived, 1) == ipcr_job.size - 1) {
        atomic_store(&world->arrived, 0);
        atomic_fetch_add(&world->round, 1);
        return;
    }
    while (atomic_load(&world->round) == round)
        nap(0.0002);
}

/* Memory that a transport may find is all zero (seg.h), also in a second life. */
static void map_segment(void)
{
    static int lives;
    meet();
    if (lives++ && ipcr_job.rank == 0 &&
        fallocate(seg_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                  (off_t)ipcr_seg_bytes(ipcr_job.size)) < 0)
        fail("the segment cannot be emptied: %s", strerror(errno));
    meet();
    int rc = ipcr_seg_open(dup(seg_fd), ipcr_job.size);
    if (rc == 0)
        rc = ipcr_bell_open(IPCR_BELL_SOCKET);
    if (rc < 0)
        fail("segment or bell: %s", strerror(-rc));
    ipcr_seg_board(ipcr_seg.base, ipcr_job.rank)->pid = (uint32_t)getpid();
}

/* Each life begins with fresh channels, which the launcher's code makes for real jobs, too. Rank 0
 * plays the agent; but in one process of several lives they cannot be inherited. */
static void hand_down(int rank, const struct ipcr_channels *c)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(2 * RANKS_MAX * sizeof(int))];
    } control = {0};
    int fd[2 * RANKS_MAX], k = 0;
    for (int i = rank * c->n; i < (rank + 1) * c->n; i++) {
        if (c->in[i] >= 0)
            fd[k++] = c->in[i];
        if (c->out[i] != c->in[i])
            fd[k++] = c->out[i];
    }
    struct iovec io = {"", 1};
    struct msghdr m = {.msg_iov = &io,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE((size_t)k * sizeof(int))};
    control.head = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int) * k)};
    memcpy(CMSG_DATA(&control.head), fd, (size_t)k * sizeof(int));
    if (sendmsg(hand[rank][0], &m, 0) != 1)
        fail("channels cannot be handed down: %s", strerror(errno));
}

static void take_over(void)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(2 * RANKS_MAX * sizeof(int))];
    } control;
    char byte;
    struct iovec io = {&byte, 1};
    struct msghdr m = {
        .msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (recvmsg(hand[ipcr_job.rank][1], &m, MSG_CMSG_CLOEXEC) != 1)
        fail("no channels: %s", strerror(errno));
    const unsigned char *at = CMSG_DATA(&control.head);
    for (int r = 0; r < ipcr_job.size; r++) {
        channels[r] = (struct ipcr_channel){-1, -1};
        if (r == ipcr_job.rank)
            continue;
        memcpy(&channels[r].in, at, sizeof(int));
        at += via->inherit == IPCR_INHERIT_PIPES ? sizeof(int) : 0;
        memcpy(&channels[r].out, at, sizeof(int));
        at += sizeof(int);
    }
    ipcr_job.channels = channels;
}

static void get_channels(void)
{
    struct ipcr_channels all;
    if (via->inherit == IPCR_INHERIT_NOTHING)
        return;
    if (ipcr_job.rank == 0) {
        if (ipcr_channels_make(&all, via->inherit, ipcr_job.size, 3) < 0)
            fail("no channels");
        for (int r = 0; r < ipcr_job.size; r++)
            hand_down(r, &all);
        ipcr_channels_free(&all);
    }
    take_over();
}

void join(void)
{
    memset(traffic, 0, sizeof traffic);
    map_segment();
    ipcr_peers = calloc((size_t)ipcr_job.size, sizeof *ipcr_peers);
    if (!ipcr_peers)
        fail("no memory for peers");
    for (int r = 0; r < ipcr_job.size; r++)
        ipcr_peers[r] = (struct ipcr_peer){.rank = r, .local = r};
    get_channels();
    int rc = via->open(&ipcr_job, &world->address[ipcr_job.rank]);
    if (rc < 0)
        fail("open: %s", strerror(-rc));
    meet();
}

void leave(void)
{
    for (int r = 0; r < ipcr_job.size; r++)
        if (ipcr_peers[r].via)
            via->unlink(&ipcr_peers[r]);
    via->close();
    free(ipcr_peers);
    ipcr_peers = NULL;
    ipcr_bell_close();
    ipcr_seg_close();
}

static void enter_world(int rank, int ranks)
{
    ipcr_job.rank = ipcr_job.local_rank = rank;
    ipcr_job.size = ipcr_job.local_size = ipcr_job.universe = ranks;
    ipcr_job.nodes = 1;
    ipcr_job.node_of = node_of;
    ipcr_job.local_of = local_of;
    ipcr_job.cores = 1;
    ipcr_job.launched = true;
    strcpy(ipcr_job.host, "localhost");
}

static void play(int rank, int ranks)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    enter_world(rank, ranks);
    test->run();
}

/* A transport that reaches nobody else is tested by a world of one. */
static int ranks_for(const struct ipcr_transport *t, int wanted)
{
    return t->reach == IPCR_REACH_SELF ? 1 : wanted;
}

static const char *judge_fatal(int status)
{
    static char text[1000];
    if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_FATAL &&
        strstr(world->fatal, test->expect_fatal))
        return NULL;
    snprintf(text, sizeof text, "rank 0 should have ended the job with '%s', but its text is '%s'",
             test->expect_fatal, world->fatal);
    return text;
}

static const char *judge(int rank, int status)
{
    static char text[200];
    if (rank == 0 && test->expect_fatal)
        return judge_fatal(status);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && test->expect_killed == rank && rank)
        return NULL;
    if (WIFEXITED(status) &&
        (WEXITSTATUS(status) == 0 || (WEXITSTATUS(status) == STATUS_FATAL && test->may_lose)))
        return NULL;
    snprintf(text, sizeof text,
             WIFSIGNALED(status) ? "rank %d died of signal %d%s" : "rank %d exited with %d%s", rank,
             WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), "");
    return text;
}

/* This program is to end: ranks and their folder first. */
static volatile sig_atomic_t ended_by;

static void note_end(int sig)
{
    ended_by = sig;
}

static void handle_ends(void (*how)(int))
{
    signal(SIGINT, how);
    signal(SIGTERM, how);
}

/* Waits for all ranks, kills those that are late, and returns the first thing that went wrong. */
static const char *gather(const pid_t *pid, int ranks)
{
    const char *wrong = NULL;
    double deadline = now() + (test->seconds ? test->seconds : 60);
    for (int r = 0; r < ranks; r++) {
        int status = 0;
        pid_t got;
        if (r && test->expect_fatal) { /* as the launcher does */
            kill(pid[r], SIGKILL);
            waitpid(pid[r], &status, 0);
            continue;
        }
        while ((got = waitpid(pid[r], &status, WNOHANG)) == 0 && now() < deadline && !ended_by)
            nap(0.002);
        if (got == 0) {
            kill(pid[r], SIGKILL);
            waitpid(pid[r], &status, 0);
            wrong = "a rank was still running when the time was over";
        } else if (!wrong) {
            wrong = judge(r, status);
        }
        if (wrong && now() < deadline - 3)
            deadline = now() + 3;
    }
    return atomic_load(&world->complaints) ? world->complaint : wrong;
}

const char *harness_run(const struct ipcr_transport *t, const struct test *the_test)
{
    static unsigned run;
    char dir[] = "/tmp/ipcrun-test.XXXXXX";
    pid_t pid[RANKS_MAX];
    via = t;
    test = the_test;
    int ranks = ranks_for(t, test->ranks);
    world = mmap(NULL, sizeof *world, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    seg_fd = memfd_create("conformance", MFD_CLOEXEC);
    if (world == MAP_FAILED || seg_fd < 0 || ftruncate(seg_fd, (off_t)ipcr_seg_bytes(ranks)) < 0)
        return "no shared memory for the run";
    shared_counter = world->counter;
    ipcr_job = (struct ipcr_job){0};
    snprintf(ipcr_job.id, sizeof ipcr_job.id, "t%d.%u", (int)getpid() % 1000000, run++);
    memset(ipcr_job.secret, 0x5e, sizeof ipcr_job.secret);
    if (!mkdtemp(dir))
        return "no directory for the run";
    ipcr_job.dir = dir;
    for (int r = 0; r < ranks; r++)
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, hand[r]) < 0)
            return "no sockets for the run";
    for (int r = 0; r < ranks; r++)
        local_of[r] = r;
    fflush(NULL);
    handle_ends(note_end);
    for (int r = 0; r < ranks; r++)
        if ((pid[r] = fork()) == 0) {
            handle_ends(SIG_DFL);
            play(r, ranks);
            exit(0);
        }
    const char *wrong = gather(pid, ranks);
    /* Where ranks die, the launcher removes what they had; where they do not, nothing is left. */
    if (rmdir(dir) < 0) {
        if (!wrong && !test->expect_killed && !test->expect_fatal)
            wrong = "names are left in the job's directory";
        ipcr_jobdir_remove(dir);
    }
    handle_ends(SIG_DFL);
    if (ended_by)
        raise(ended_by);
    for (int r = 0; r < ranks; r++) {
        close(hand[r][0]);
        close(hand[r][1]);
    }
    static char kept[1000];
    snprintf(kept, sizeof kept, "%s", wrong ? wrong : "");
    munmap(world, sizeof *world);
    close(seg_fd);
    return wrong ? kept : NULL;
}
