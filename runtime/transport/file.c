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
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "err.h"
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
static void tick(uint64_t now);

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
    uint64_t now = ipcr_links_now();
    if (!f->full_since)
        f->full_since = now;
    if (now - f->full_since > NO_SPACE)
        ipcr_err_fatal("rank %d on %s finds no space for its messages to rank %d in %s: the file "
                       "system is full (set IPCRUN_DIR to another one)",
                       links.job->rank, links.job->host, f->link.rank, links.job->dir);
    ipcr_links_alarm(&links, now + SPACE);
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

static void tick(uint64_t now)
{
    if (file.inotify >= 0)
        return;
    look_at_all();
    file.interval = file.interval < LAST_LOOK / 2 ? file.interval * 2 : LAST_LOOK;
    ipcr_links_alarm(&links, now + file.interval);
}

static int file_poll(int budget)
{
    int n = ipcr_links_poll(&links, budget), taken = 0;
    for (struct ipcr_link *l = links.list; l; l = l->next)
        if (((struct file_link *)l)->look)
            taken += take((struct file_link *)l, budget);
    if (taken && file.inotify < 0) {
        file.interval = FIRST_LOOK;
        ipcr_links_alarm(&links, ipcr_links_now() + FIRST_LOOK);
    }
    return n + taken;
}

/* A link whose records were not all taken has no event to come. */
static int file_wait_fd(void)
{
    return links.epoll;
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

/* File systems whose other hosts inotify does not hear of. */
static bool is_remote(const char *path)
{
    static const unsigned long kinds[] = {
        0x6969,     /* nfs */
        0xff534d42, /* cifs */
        0xfe534d42, /* smb2 */
        0x65735546, /* fuse */
        0x01021997, /* 9p */
        0x0bd00bd0, /* lustre */
        0x00c36400, /* ceph */
        0x47504653, /* gpfs */
        0x5346414f, /* afs */
        0x19830326, /* beegfs */
        0x7461636f, /* ocfs2 */
        0x01161970, /* gfs2 */
        0xbacbacbc, /* vmhgfs */
        0x786f4256, /* vboxsf */
    };
    struct statfs fs;
    if (statfs(path, &fs) < 0)
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if ((unsigned long)fs.f_type == kinds[i])
            return true;
    return false;
}

static void watch_folder(void)
{
    file.inotify = is_remote(file.folder) ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (file.inotify >= 0 && inotify_add_watch(file.inotify, file.folder, IN_MODIFY) < 0) {
        close(file.inotify);
        file.inotify = -1;
    }
    if (file.inotify >= 0)
        ipcr_links_watch(&links, file.inotify, &file.source, EPOLLIN);
    else
        ipcr_links_alarm(&links, ipcr_links_now() + FIRST_LOOK);
}

static int open_nonce(int rank, int flags)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%d/nonce", links.job->dir, rank);
    return open(path, flags | O_CLOEXEC, 0600);
}

static void remove_content(void)
{
    DIR *d = opendir(file.folder);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}

static int make_folder(void)
{
    int n = snprintf(file.folder, sizeof file.folder, "%s/%d", links.job->dir, links.job->rank);
    if (n >= (int)sizeof file.folder - 32)
        return -ENAMETOOLONG;
    if (mkdir(file.folder, 0700) < 0 && errno != EEXIST)
        return -errno;
    remove_content(); /* of an earlier life of this process */
    int fd = open_nonce(links.job->rank, O_WRONLY | O_CREAT | O_EXCL);
    bool good = getrandom(&file.nonce, sizeof file.nonce, 0) == sizeof file.nonce && fd >= 0 &&
                write(fd, &file.nonce, sizeof file.nonce) == sizeof file.nonce;
    int rc = good ? 0 : -errno;
    if (fd >= 0)
        close(fd);
    return rc;
}

static int file_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    memset(&file, 0, sizeof file);
    file.inotify = -1;
    file.interval = FIRST_LOOK;
    file.source.ready = file_ready;
    int rc = ipcr_links_open(&links, job);
    if (rc == 0)
        rc = make_folder();
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
    remove_content(); /* nobody will read it; the job's directory itself is the launcher's */
    rmdir(file.folder);
}

static int file_link_peer(struct ipcr_peer *peer, const void *addr, size_t len)
{
    uint64_t nonce = 0;
    int fd = open_nonce(peer->rank, O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, &nonce, sizeof nonce);
    if (fd >= 0)
        close(fd);
    if (n != sizeof nonce || len != sizeof nonce || memcmp(&nonce, addr, len) != 0)
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
