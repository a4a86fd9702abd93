/* file: spools in a directory (spool.h), for ranks that share a file system and nothing else.
 *
 * Each rank has a folder in the job's directory. What others write for it lies there, and how far
 * they have read what it wrote; so one inotify watch tells of everything that concerns it. Where
 * inotify cannot see what other hosts do (network file systems, or no instance left for this user)
 * the folder is read at intervals instead, which grow from one to fifty milliseconds while nothing
 * happens.
 *
 * A rank publishes a random number that also stands in its folder: who links to it reads it there,
 * so two hosts that see different directories of one name are told apart at once. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "err.h"
#include "folder.h"
#include "links.h"
#include "peer.h"
#include "spool.h"

#define FIRST_LOOK 1000u /* microseconds between looks, where it takes looking */
#define LAST_LOOK  50000u
#define SPACE      20000u    /* until a file system that is full is tried again */
#define NO_SPACE   10000000u /* after so long, nobody seems to make room */

extern const struct ipcr_transport ipcr_transport_file;

struct file_link {
    struct ipcr_link link; /* first */
    struct ipcr_spool_out out;
    struct ipcr_spool_in in;
    bool look;           /* something has happened to its files */
    uint64_t full_since; /* the file system has no space; 0: it has */
};

static ssize_t file_write(struct ipcr_stream *s, const struct iovec *part, size_t parts);
static int attach(struct ipcr_link *l);
static void detach(struct ipcr_link *l);
static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms);

static struct ipcr_links links = {.via = &ipcr_transport_file,
                                  .bytes = sizeof(struct file_link),
                                  .write = file_write,
                                  .attach = attach,
                                  .detach = detach,
                                  .tick = tick};

static struct {
    struct ipcr_source source;
    int inotify;       /* -1: look at intervals */
    uint32_t interval; /* microseconds */
    uint64_t nonce;
    char folder[PATH_MAX];
} file;

/* ---- bytes ---- */

/* Others may delete something, and readers remove the segments that they have done with. */
static void wait_for_space(struct file_link *f)
{
    uint64_t now = ipcr_hub_now_us();
    if (!f->full_since)
        f->full_since = now;
    if (now - f->full_since > NO_SPACE)
        ipcr_err_fatal("rank %d on %s finds no space for its messages to rank %d in %s: the file "
                       "system is full (set IPCRUN_DIR to another one)",
                       links.job->rank, links.job->host, f->link.rank, links.job->dir);
    ipcr_hub_alarm(&links.hub, now + SPACE);
}

static ssize_t file_write(struct ipcr_stream *s, const struct iovec *part, size_t parts)
{
    struct file_link *f = (struct file_link *)s;
    ssize_t n = ipcr_spool_write(&f->out, part, parts);
    if (f->out.no_space)
        wait_for_space(f);
    else
        f->full_since = 0;
    return n;
}

static int take(struct file_link *f, int budget)
{
    const void *bytes;
    int happened = 0;
    while (happened < budget) {
        ssize_t n = ipcr_spool_read(&f->in, &bytes);
        if (n < 0)
            ipcr_err_fatal("rank %d on %s cannot read what rank %d wrote in %s: %s",
                           links.job->rank, links.job->host, f->link.rank, file.folder,
                           strerror((int)-n));
        if (n == 0) {
            f->look = false;
            break;
        }
        happened += ipcr_link_feed(&f->link, bytes, (size_t)n);
    }
    if (file.inotify < 0 && !f->look)
        ipcr_spool_rest(&f->in);
    return happened;
}

/* The name of a file in my folder begins with the other rank. */
static void look_at(const char *name)
{
    char *end;
    long rank = strtol(name, &end, 10);
    if (end == name || *end != '.' || rank < 0 || rank >= links.job->size ||
        rank == links.job->rank)
        return;
    struct file_link *f = (struct file_link *)ipcr_links_of(&links, (int)rank);
    if (!f)
        ipcr_err_fatal("rank %d on %s cannot talk to rank %ld: %s", links.job->rank,
                       links.job->host, rank, strerror(errno));
    f->look = true;
}

static void look_at_all(void)
{
    DIR *d = opendir(file.folder);
    for (struct dirent *e; d && (e = readdir(d));)
        look_at(e->d_name);
    if (d)
        closedir(d);
}

static int file_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    char in[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n;
    (void)self, (void)events, (void)budget;
    while ((n = read(file.inotify, in, sizeof in)) > 0)
        for (char *p = in; p < in + n;) {
            const struct inotify_event *e = (const struct inotify_event *)p;
            if (e->mask & IN_Q_OVERFLOW)
                look_at_all();
            else if (e->len)
                look_at(e->name);
            p += sizeof *e + e->len;
        }
    return 0;
}

static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms)
{
    (void)now_ms, (void)elapsed_ms;
    ipcr_links_tick(&links);
    if (file.inotify >= 0)
        return 0;
    look_at_all();
    file.interval = file.interval < LAST_LOOK / 2 ? file.interval * 2 : LAST_LOOK;
    ipcr_hub_alarm(&links.hub, ipcr_hub_now_us() + file.interval);
    return 0;
}

static int file_poll(int budget)
{
    int n = ipcr_links_poll(&links, budget), taken = 0;
    for (struct ipcr_link *l = links.list; l; l = l->next)
        if (((struct file_link *)l)->look)
            taken += take((struct file_link *)l, budget);
    if (taken && file.inotify < 0) {
        file.interval = FIRST_LOOK;
        ipcr_hub_alarm(&links.hub, ipcr_hub_now_us() + FIRST_LOOK);
    }
    return n + taken;
}

/* A link whose records were not all taken has no event to come. */
static int file_wait_fd(void)
{
    return links.hub.epoll;
}

/* ---- life ---- */

static int attach(struct ipcr_link *l)
{
    struct file_link *f = (struct file_link *)l;
    int rc = ipcr_spool_out_open(&f->out, links.job->dir, links.job->rank, l->rank);
    return rc < 0 ? rc : ipcr_spool_in_open(&f->in, links.job->dir, l->rank, links.job->rank);
}

static void detach(struct ipcr_link *l)
{
    struct file_link *f = (struct file_link *)l;
    ipcr_spool_out_close(&f->out);
    ipcr_spool_in_close(&f->in);
}

static void watch_folder(void)
{
    file.inotify =
        ipcr_folder_is_remote(file.folder) ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (file.inotify >= 0 && inotify_add_watch(file.inotify, file.folder, IN_MODIFY) < 0) {
        close(file.inotify);
        file.inotify = -1;
    }
    if (file.inotify >= 0)
        ipcr_hub_watch(&links.hub, file.inotify, &file.source, EPOLLIN);
    else
        ipcr_hub_alarm(&links.hub, ipcr_hub_now_us() + FIRST_LOOK);
}

static int file_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    memset(&file, 0, sizeof file);
    file.inotify = -1;
    file.interval = FIRST_LOOK;
    file.source.ready = file_ready;
    int rc = ipcr_links_open(&links, job);
    if (rc == 0)
        rc = ipcr_folder_make(job->dir, job->rank, file.folder, &file.nonce);
    if (rc < 0) {
        ipcr_err_note(MPI_ERR_OTHER, "rank %d on %s cannot make its folder in %s: %s", job->rank,
                      job->host, job->dir, strerror(-rc));
        return rc;
    }
    watch_folder();
    memcpy(mine->bytes, &file.nonce, sizeof file.nonce);
    mine->len = sizeof file.nonce;
    return 0;
}

static void file_close(void)
{
    ipcr_links_close(&links);
    if (file.inotify >= 0)
        close(file.inotify);
    ipcr_folder_remove(file.folder); /* the job's directory itself is the launcher's */
}

static int file_link_peer(struct ipcr_peer *peer, const void *addr, size_t len)
{
    uint64_t nonce;
    if (len == sizeof nonce)
        memcpy(&nonce, addr, sizeof nonce);
    if (len != sizeof nonce || !ipcr_folder_is(links.job->dir, peer->rank, nonce))
        ipcr_err_fatal("rank %d on %s does not find the folder of rank %d in %s: do both hosts "
                       "share that directory (IPCRUN_DIR)?",
                       links.job->rank, links.job->host, peer->rank, links.job->dir);
    peer->link = ipcr_links_of(&links, peer->rank);
    return peer->link ? 0 : -errno;
}

/* A record of a spool holds a whole eager message, most of the time. */
const struct ipcr_transport ipcr_transport_file = {
    .name = "file",
    .eager_max = 16 * 1024,
    .frag_max = IPCR_SPOOL_RECORD,
    .reach = IPCR_REACH_SHARED,
    .needs_dir = true,
    .open = file_open,
    .close = file_close,
    .link = file_link_peer,
    .unlink = ipcr_link_unlink,
    .send = ipcr_link_send,
    .unsent = ipcr_link_unsent,
    .poll = file_poll,
    .wait_fd = file_wait_fd,
};
