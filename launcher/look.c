/* Looking at jobs that run: finds the heads of this machine, asks them, shows the answers. */
#include "look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "look_job.h"

enum {
    LOOK_PATIENCE_MS = 3000, /* a head answers when all its hosts have: that is a round trip */
    LOOK_LISTED = 20         /* jobs that are named when it is not clear which is meant */
};

static struct {
    const struct ipcr_look_asked *asked;
    struct ipcr_job *jobs;
    int n;
    struct ipcr_timer patience, again;
} look;

/* ---- finding ---- */

static void add_job(uid_t uid, pid_t pid)
{
    for (int i = 0; i < look.n; i++)
        if (look.jobs[i].pid == pid && look.jobs[i].uid == uid)
            return;
    look.jobs = ipcr_resize(look.jobs, sizeof *look.jobs * (size_t)(look.n + 1));
    look.jobs[look.n++] = (struct ipcr_job){.uid = uid, .pid = pid};
}

/* Other users' heads would not answer; root may ask all. A connection shows the same name as the
 * head that has accepted it. */
static void find_jobs(void)
{
    char line[512];
    FILE *names = fopen("/proc/net/unix", "re");
    while (names && fgets(line, sizeof line, names)) {
        unsigned uid;
        int pid, end = 0;
        const char *name = strstr(line, " " IPCR_JOBVIEW_NAME);
        if (!name || sscanf(name, " " IPCR_JOBVIEW_NAME "%u/%d%n", &uid, &pid, &end) != 2 ||
            name[end] != '\n')
            continue;
        if (uid == geteuid() || geteuid() == 0)
            add_job(uid, pid);
    }
    if (names)
        fclose(names);
}

/* ---- the conversation ---- */

static bool all_heard(void)
{
    for (int i = 0; i < look.n; i++)
        if (!look.jobs[i].answered && !look.jobs[i].why)
            return false;
    return true;
}

static void on_close(struct ipcr_chan *c, const char *why)
{
    static char sentence[200];
    struct ipcr_job *j = c->owner;
    snprintf(sentence, sizeof sentence, "%s", j->view.size ? "it has ended" : why);
    j->why = sentence;
    if (all_heard())
        ipcr_loop_stop();
}

static void on_frame(struct ipcr_chan *c, uint16_t type, struct ipcr_reader *r)
{
    struct ipcr_job *j = c->owner;
    if (type != IPCR_MSG_JOB)
        return;
    j->answered = ipcr_jobview_get(r, &j->view);
    if (!j->answered)
        j->why = "it talks nonsense";
    if (all_heard())
        ipcr_loop_stop();
}

/* The name may be somebody else's: the kernel knows who listens. */
static bool connect_to(struct ipcr_job *j, int fd)
{
    struct sockaddr_un name;
    struct ucred who;
    socklen_t n = sizeof who, len = ipcr_jobview_address(&name, j->uid, j->pid);
    return connect(fd, (struct sockaddr *)&name, len) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && who.uid == j->uid;
}

static void open_job(struct ipcr_job *j)
{
    uint8_t hello[IPCR_HELLO_BYTES];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || !connect_to(j, fd)) {
        j->why = "it takes no visitors";
        if (fd >= 0)
            close(fd);
        return;
    }
    j->chan.on_frame = on_frame;
    j->chan.on_close = on_close;
    j->chan.owner = j;
    j->chan.await_hello = true;
    ipcr_chan_open(&j->chan, fd, fd);
    ipcr_hello_make(hello);
    ipcr_chan_send_raw(&j->chan, hello, sizeof hello);
}

static void out_of_patience(struct ipcr_timer *t)
{
    (void)t;
    for (int i = 0; i < look.n; i++)
        if (!look.jobs[i].answered && !look.jobs[i].why)
            look.jobs[i].why = "it does not answer";
    ipcr_loop_stop();
}

void ipcr_look_ask(void)
{
    for (int i = 0; i < look.n; i++) {
        struct ipcr_job *j = &look.jobs[i];
        j->answered = false;
        if (j->chan.open)
            ipcr_chan_send(&j->chan, IPCR_MSG_VISIT);
    }
    look.patience.fn = out_of_patience;
    ipcr_loop_timer(&look.patience, LOOK_PATIENCE_MS);
    if (!all_heard())
        ipcr_loop_run();
    ipcr_loop_cancel(&look.patience);
}

/* ---- which one ---- */

static bool is_meant(const struct ipcr_job *j)
{
    char pid[16];
    snprintf(pid, sizeof pid, "%d", j->pid);
    return !look.asked->job || strcmp(look.asked->job, pid) == 0 ||
           (j->answered && strcmp(look.asked->job, j->view.id) == 0);
}

/* Keeps those that are meant, in the order of their pids. */
static int by_pid(const void *a, const void *b)
{
    pid_t x = ((const struct ipcr_job *)a)->pid, y = ((const struct ipcr_job *)b)->pid;
    return (x > y) - (x < y);
}

static void forget(struct ipcr_job *j)
{
    ipcr_chan_close(&j->chan);
    free(j->chan.rx.data);
    ipcr_jobview_free(&j->view);
}

static int complain(const struct ipcr_job *j)
{
    if (j)
        ipcr_say("the job of ipcrun %d: %s", j->pid, j->why);
    else if (look.asked->job)
        ipcr_say("no job '%.40s' of yours runs on this machine (ipcrun --status lists them)",
                 look.asked->job);
    else
        ipcr_say("no job of yours runs on this machine");
    return IPCR_EXIT_LOST;
}

/* Jobs that may be meant and have answered; if none has, those that have not. The first of them. */
static struct ipcr_job *choose(int *n)
{
    struct ipcr_job *first = NULL, *silent = NULL;
    *n = 0;
    for (int i = 0; i < look.n; i++) {
        struct ipcr_job *j = &look.jobs[i];
        if (!is_meant(j))
            continue;
        struct ipcr_job **of = j->answered ? &first : &silent;
        *of = *of ? *of : j;
        *n += j->answered;
    }
    return first ? first : silent;
}

static int list_jobs(FILE *to)
{
    int listed = 0;
    for (int i = 0; i < look.n; i++) {
        if (!look.jobs[i].answered || ++listed > LOOK_LISTED)
            continue;
        ipcr_look_say_job(to, &look.jobs[i]);
        fputc('\n', to);
    }
    if (listed > LOOK_LISTED)
        fprintf(to, "and %d more\n", listed - LOOK_LISTED);
    return 0;
}

static void leave_others(const struct ipcr_job *chosen)
{
    for (int i = 0; i < look.n; i++) {
        if (&look.jobs[i] == chosen)
            continue;
        ipcr_chan_close(&look.jobs[i].chan);
        look.jobs[i].why = "nobody asks it any more";
    }
}

/* ---- showing it ---- */

static void time_is_over(struct ipcr_timer *t)
{
    (void)t;
    ipcr_loop_stop();
}

void ipcr_look_wait(long ms)
{
    look.again.fn = time_is_over;
    ipcr_loop_timer(&look.again, ms);
    ipcr_loop_run();
    ipcr_loop_cancel(&look.again);
}

static bool ask_again(const struct ipcr_job *j)
{
    ipcr_look_wait(look.asked->every_ms);
    if (!j->why)
        ipcr_look_ask();
    return !j->why;
}

static int show_status(const struct ipcr_job *j)
{
    do {
        ipcr_look_say_ranks(stdout, j);
        if (fflush(stdout) != 0)
            return IPCR_EXIT_LOST;
    } while (look.asked->every_ms && ask_again(j) && putchar('\n'));
    if (look.asked->every_ms)
        ipcr_say("the job of ipcrun %d: %s", j->pid, j->why);
    return 0;
}

static long top_every(void)
{
    return look.asked->every_ms ? look.asked->every_ms : 1000;
}

static int show(void)
{
    int n;
    find_jobs();
    if (look.n)
        qsort(look.jobs, (size_t)look.n, sizeof *look.jobs, by_pid);
    for (int i = 0; i < look.n; i++)
        open_job(&look.jobs[i]);
    ipcr_look_ask();
    struct ipcr_job *j = choose(&n);
    bool once = look.asked->what == IPCR_LOOK_STATUS && !look.asked->every_ms;
    if (!j || !j->answered)
        return complain(j);
    if (n > 1 && once)
        return list_jobs(stdout);
    if (n > 1) {
        list_jobs(stderr);
        ipcr_say("several jobs run: say which, by the number behind 'job'");
        return IPCR_EXIT_USAGE;
    }
    leave_others(j);
    return look.asked->what == IPCR_LOOK_TOP ? ipcr_look_top(j, top_every()) : show_status(j);
}

int ipcr_look(const struct ipcr_look_asked *asked)
{
    look.asked = asked;
    signal(SIGPIPE, SIG_IGN); /* a job may end while it is asked */
    if (ipcr_loop_open() < 0) {
        ipcr_say("cannot make an event loop: %s", strerror(errno));
        return IPCR_EXIT_LOST;
    }
    int status = show();
    for (int i = 0; i < look.n; i++)
        forget(&look.jobs[i]);
    free(look.jobs);
    ipcr_loop_close();
    return status;
}
