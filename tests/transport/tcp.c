/* tcp among strangers and obstacles: what the conformance suite cannot ask of every transport.
 *
 * Usage: tcp [CASE] */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "auth.h"
#include "harness.h"
#include "tcp_addr.h"

extern const struct ipcr_transport ipcr_transport_tcp;

static int me(void)
{
    return ipcr_job.rank;
}

static void plan_small(uint32_t seq, struct plan *p)
{
    p->len = seq * 37 % 1000;
}

static void plan_tiny(uint32_t seq, struct plan *p)
{
    p->len = seq % 100;
}

static void plan_large(uint32_t seq, struct plan *p)
{
    (void)seq;
    p->kind = IPCR_DATA;
    p->len = via->frag_max;
}

static void owe(int rank, uint32_t count)
{
    traffic[rank].goal = traffic[rank].sent + count;
}

static struct ipcr_tcp_addr published(int rank)
{
    struct ipcr_tcp_addr a;
    if (ipcr_tcp_addr_unpack(&a, address_of(rank)->bytes, address_of(rank)->len) < 0)
        fail("rank %d published no address", rank);
    return a;
}

/* ---- strangers ----
 *
 * The last rank connects to the listeners of the others, in every way a stranger might, while these
 * make their first contact and talk. */

enum { TALKERS = 3, STRANGER = 3, SIEGES = 200 };

static int dial(int rank)
{
    struct ipcr_tcp_addr a = published(rank);
    struct sockaddr_storage to;
    socklen_t len = ipcr_tcp_place_sockaddr(&a.at[0], a.port, &to);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, len) < 0)
        fail("the stranger cannot connect: %s", strerror(errno));
    return fd;
}

static void say(int fd, const void *bytes, size_t len)
{
    if (send(fd, bytes, len, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
        fail("the stranger cannot speak: %s", strerror(errno));
}

static void be_silent(int fd, int rank)
{
    (void)fd, (void)rank;
}

static void talk_garbage(int fd, int rank)
{
    char junk[5000];
    memset(junk, 'A' + rank, sizeof junk);
    say(fd, junk, sizeof junk);
}

static void speak_http(int fd, int rank)
{
    (void)rank;
    say(fd, "GET / HTTP/1.0\r\n\r\n", 18);
}

static struct ipcr_job impostor(void)
{
    struct ipcr_job job = ipcr_job;
    job.rank = 0;
    memset(job.secret, 0x11, sizeof job.secret);
    return job;
}

/* A correct HELLO in the name of another rank; then silence, half a proof, or a wrong one. */
static void claim(int fd, int rank, size_t proof)
{
    struct ipcr_job job = impostor();
    struct ipcr_auth a;
    char mac[64] = {0};
    job.rank = (rank + 1) % TALKERS;
    ipcr_auth_dial(&a, &job, fd, rank);
    say(fd, mac, proof);
}

static void claim_a_rank(int fd, int rank)
{
    claim(fd, rank, 0);
}

static void prove_half(int fd, int rank)
{
    claim(fd, rank, 7);
}

static void prove_wrongly(int fd, int rank)
{
    claim(fd, rank, 64);
}

static void hang_up(int fd, int rank)
{
    (void)rank;
    struct linger hard = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    shutdown(fd, SHUT_RDWR);
}

static void besiege(void)
{
    static void (*const manners[])(int, int) = {be_silent,    talk_garbage, speak_http,   hang_up,
                                                claim_a_rank, prove_half,   prove_wrongly};
    enum { OPEN = 400 };
    int fds[OPEN];
    for (int i = 0; i < OPEN; i++)
        fds[i] = -1;
    for (int i = 0; i < SIEGES * 7; i++) {
        int fd = dial(i % TALKERS);
        manners[i / TALKERS % 7](fd, i % TALKERS);
        if (fds[i % OPEN] >= 0)
            close(fds[i % OPEN]);
        fds[i % OPEN] = fd;
        if (i == SIEGES)
            atomic_store(&shared_counter[0], 1); /* now the others may begin */
    }
}

static bool all_in(void)
{
    for (int r = 0; r < TALKERS; r++)
        if (r != me() && traffic[r].received < 200)
            return false;
    return true;
}

static void run_strangers(void)
{
    join();
    if (me() == STRANGER) {
        besiege();
    } else {
        while (!atomic_load(&shared_counter[0]))
            via->poll(64);
        for (int r = 0; r < TALKERS; r++)
            if (r != me())
                owe(r, 200);
        work_until(all_in);
        work_out();
    }
    meet();
    leave();
}

/* ---- one connection for each pair ---- */

static int sockets(void)
{
    DIR *d = opendir("/proc/self/fd");
    struct dirent *e;
    int n = 0;
    while (d && (e = readdir(d))) {
        char to[64] = "";
        if (readlinkat(dirfd(d), e->d_name, to, sizeof to - 1) > 0)
            n += strncmp(to, "socket:", 7) == 0;
    }
    closedir(d);
    return n;
}

static bool heard_from_all(void)
{
    for (int r = 0; r < ipcr_job.size; r++)
        if (r != me() && traffic[r].received < 1)
            return false;
    return true;
}

static void run_one_connection(void)
{
    for (int life = 0; life < 20; life++) {
        int before = sockets();
        join();
        int idle = sockets() - before; /* listener and bell */
        meet();
        for (int r = 0; r < ipcr_job.size; r++)
            if (r != me())
                owe(r, 1);
        work_until(heard_from_all);
        work_out();
        for (double begin = now(); sockets() - before - idle != ipcr_job.size - 1; step())
            if (now() - begin > 5)
                fail("%d connections to %d peers", sockets() - before - idle, ipcr_job.size - 1);
        meet();
        leave();
    }
}

/* ---- patience ---- */

/* A rank that computes for longer than any bound of the dialler is no error. */
static void run_late_listener(void)
{
    join();
    if (me() == 1)
        nap(13);
    owe(1 - me(), 5);
    work_in(1 - me(), 5);
    work_out();
    meet();
    leave();
}

/* The same for one that had dialled before it computed. */
static void run_late_dialler(void)
{
    join();
    owe(1 - me(), 5);
    if (me() == 1) {
        send_next(0);
        nap(13);
    }
    work_in(1 - me(), 5);
    work_out();
    meet();
    leave();
}

/* A receiver that computes while its window is full is alive: its kernel says so. */
static void run_closed_window(void)
{
    double seconds = getenv("IPCRUN_TEST_LONG") ? 100 : 22;
    join();
    if (me() == 0) {
        owe(1, 200); /* 50 MiB: more than sockets hold */
        work_out();
    } else {
        work_in(0, 1);
        nap(seconds);
        work_in(0, 200);
    }
    meet();
    leave();
}

/* ---- bursts ---- */

enum { BURST_MOST = 12, BURST_TRIES = 5 };

/* Never sleeps: whoever is woken finds several messages at once, which are acknowledged at once. */
static void spin_in(uint32_t count)
{
    while (traffic[0].received < count)
        via->poll(64);
}

/* Seconds from the first message of a burst to its last; the sender computes behind it. */
static double take_burst(uint32_t count)
{
    uint32_t so_far = traffic[0].received;
    spin_in(so_far + 1);
    double first = now();
    spin_in(so_far + count);
    return now() - first;
}

/* One burst and an answer. True if the burst was late. */
static bool burst_is_late(uint32_t count)
{
    bool late = false;
    if (me() == 0) {
        for (uint32_t end = traffic[1].sent + count; traffic[1].sent < end;)
            if (send_next(1) == IPCR_AGAIN)
                via->poll(64);
        nap(0.08);
        work_in(1, traffic[1].received + 1);
    } else {
        late = take_burst(count) > 0.02;
        owe(0, 1);
        work_out();
    }
    return late;
}

/* What the kernel keeps of a burst leaves while its sender computes, though the receiver's kernel
 * has just sent an answer and would like to acknowledge with the next one, 40 ms later. A busy
 * machine may delay one burst or another. */
static void run_bursts(void)
{
    int late = 0, all = 0;
    join();
    for (uint32_t count = 2; count <= BURST_MOST; count++)
        for (int try = 0; try < BURST_TRIES; try++, all++)
            late += burst_is_late(count);
    if (late > all / 10)
        fail("of %d bursts %d took more than 20 ms", all, late);
    meet();
    leave();
}

/* ---- no way ---- */

static void run_refused(void)
{
    join();
    if (me() == 0) {
        struct ipcr_tcp_addr a = published(1);
        int fd = socket(AF_INET6, SOCK_STREAM, 0); /* a port that nobody listens on */
        struct sockaddr_in6 s = {.sin6_family = AF_INET6};
        socklen_t len = sizeof s;
        if (bind(fd, (struct sockaddr *)&s, len) < 0 ||
            getsockname(fd, (struct sockaddr *)&s, &len) < 0)
            fail("no port: %s", strerror(errno));
        a.port = ntohs(s.sin6_port);
        ipcr_tcp_addr_pack(&a, address_of(1));
        owe(1, 1);
        work_out();
    }
    nap(20); /* rank 0 ends the job */
}

static int listen_here(uint16_t *port, int backlog)
{
    struct sockaddr_in6 s = {.sin6_family = AF_INET6};
    socklen_t len = sizeof s;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&s, len) < 0 || listen(fd, backlog) < 0 ||
        getsockname(fd, (struct sockaddr *)&s, &len) < 0)
        fail("no port: %s", strerror(errno));
    *port = ntohs(s.sin6_port);
    return fd;
}

/* Rank 1 stands for another service at the address: it accepts, says something, hangs up. */
static void run_other_service(void)
{
    uint16_t port;
    join();
    if (me() == 0) {
        struct ipcr_tcp_addr a = published(1);
        while (!(port = (uint16_t)atomic_load(&shared_counter[0])))
            nap(0.001);
        a.port = port;
        ipcr_tcp_addr_pack(&a, address_of(1));
        owe(1, 1);
        work_out();
        return;
    }
    int fd = listen_here(&port, 16);
    atomic_store(&shared_counter[0], port);
    for (double begin = now(); now() - begin < 20;) {
        int caller = accept(fd, NULL, NULL);
        static const char hello[] = "220 mail.example ready, state your business and be brief\r\n";
        say(caller, hello, sizeof hello);
        close(caller);
        if (getppid() == 1)
            break;
    }
}

/* A full backlog answers nothing, like a firewall that drops. */
static void run_no_answer(void)
{
    join();
    if (me() != 0) {
        nap(20);
        return;
    }
    struct ipcr_tcp_addr a = published(1);
    int fd = listen_here(&a.port, 0);
    struct sockaddr_storage to;
    for (int i = 0; i < 4; i++) {
        socklen_t len = ipcr_tcp_place_sockaddr(&a.at[0], a.port, &to);
        int plug = socket(to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (connect(plug, (struct sockaddr *)&to, len) < 0 && errno != EINPROGRESS)
            fail("no plug: %s", strerror(errno));
    }
    ipcr_tcp_addr_pack(&a, address_of(1));
    double begin = now();
    atomic_store(&shared_counter[0], fd);
    owe(1, 1);
    for (int i = 0; i < 3; i++) /* sleeps: the clock must wake it */
        sleep_for_work(100);
    while (now() - begin < 18)
        work_out();
}

static const struct test tests[] = {
    {.name = "strangers at the door", .ranks = 4, .plan = plan_small, .run = run_strangers},
    {.name = "one connection for each pair",
     .ranks = 5,
     .plan = plan_small,
     .run = run_one_connection},
    {.name = "a listener that computes for long",
     .ranks = 2,
     .plan = plan_small,
     .run = run_late_listener},
    {.name = "a dialler that computes for long",
     .ranks = 2,
     .plan = plan_small,
     .run = run_late_dialler},
    {.name = "a receiver that computes with its window full",
     .ranks = 2,
     .plan = plan_large,
     .run = run_closed_window,
     .seconds = 160},
    {.name = "bursts before a sender computes", .ranks = 2, .plan = plan_tiny, .run = run_bursts},
    {.name = "nobody listens",
     .ranks = 2,
     .plan = plan_small,
     .run = run_refused,
     .expect_fatal = "Connection refused"},
    {.name = "another service at the address",
     .ranks = 2,
     .plan = plan_small,
     .run = run_other_service,
     .expect_fatal = "it does not know the secret of this job"},
    {.name = "no answer from the address",
     .ranks = 2,
     .plan = plan_small,
     .run = run_no_answer,
     .expect_fatal = "timed out"},
};

/* One line of TAP, whole; the exit status says it too. */
static int run_one(const struct test *t)
{
    char line[1400];
    double begin = now();
    const char *wrong = harness_run(&ipcr_transport_tcp, t);
    int n = snprintf(line, sizeof line, "%sok - tcp: %s (%.1f s)%s%s\n", wrong ? "not " : "",
                     t->name, now() - begin, wrong ? "\n# " : "", wrong ? wrong : "");
    return write(STDOUT_FILENO, line, (size_t)n) == n && !wrong ? 0 : 1;
}

/* Most cases sleep most of the time, so all run at once. */
int main(int argc, char **argv)
{
    int cases = 0, failures = 0, status;
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
            continue;
        cases++;
        if (fork() == 0)
            _exit(run_one(&tests[i]));
    }
    while (wait(&status) > 0)
        failures += status != 0;
    printf("1..%d\n", cases);
    return failures != 0;
}
