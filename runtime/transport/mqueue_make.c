/* Making a message queue.
 *
 * A queue needs a name to be made, but not to be opened: so the name goes as soon as the queue is
 * there. A rank killed between the two calls would leave it, so a file of the job's directory tells
 * of it as long as it is there, and the launcher removes both.
 *
 * The size of messages follows from RLIMIT_MSGQUEUE, divided by the ranks of the node, and from
 * /proc/sys/fs/mqueue; where other jobs of the user have taken their part, it is halved until the
 * queue can be made. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "err.h"
#include "mqueue.h"

#define LEAST 128  /* bytes of a message; below that, a queue is of no use */
#define SLACK 160l /* what the kernel counts for a message beyond its bytes, rounded up */

static long limit_of(const char *name, long otherwise)
{
    char path[64], text[24] = "";
    snprintf(path, sizeof path, "/proc/sys/fs/mqueue/%s", name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    return n > 0 ? atol(text) : otherwise;
}

/* The largest messages with which each rank of the node gets its queue. */
static struct mq_attr fair_share(const struct ipcr_job *job)
{
    struct rlimit limit = {0, 0};
    struct mq_attr a = {.mq_maxmsg = limit_of("msg_max", 10),
                        .mq_msgsize = limit_of("msgsize_max", 8192)};
    getrlimit(RLIMIT_MSGQUEUE, &limit);
    if (limit.rlim_cur == RLIM_INFINITY)
        return a;
    long share = (long)(limit.rlim_cur / (rlim_t)job->local_size) / a.mq_maxmsg - SLACK;
    if (share < a.mq_msgsize)
        a.mq_msgsize = share < LEAST ? LEAST : share;
    return a;
}

/* The file RANK.mqueue of the job's directory means: there is a queue /DIRECTORY.RANK. */
static int note_name(const struct ipcr_job *job, char *note, char *name)
{
    const char *base = strrchr(job->dir, '/');
    if (!base || snprintf(note, PATH_MAX, "%s/%d.mqueue", job->dir, job->rank) >= PATH_MAX ||
        snprintf(name, NAME_MAX, "%s.%d", base, job->rank) >= NAME_MAX)
        return -ENAMETOOLONG;
    int fd = open(note, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

/* Its descriptor, or -errno. */
static int make_queue(const struct ipcr_job *job, struct mq_attr *a)
{
    char note[PATH_MAX], name[NAME_MAX];
    int fd, rc = note_name(job, note, name);
    if (rc < 0)
        return rc;
    for (;; a->mq_msgsize /= 2) {
        fd = mq_open(name, O_CREAT | O_EXCL | O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0600, a);
        if (fd >= 0 || errno != EMFILE || a->mq_msgsize < 2 * LEAST)
            break;
    }
    rc = fd < 0 ? -errno : fd;
    mq_unlink(name);
    unlink(note);
    return rc;
}

/* All of what the system gives to this user is asked for while the queue is made. */
int ipcr_mqueue_make(const struct ipcr_job *job, size_t *size)
{
    struct rlimit usual, most;
    getrlimit(RLIMIT_MSGQUEUE, &usual);
    most = (struct rlimit){usual.rlim_max, usual.rlim_max};
    setrlimit(RLIMIT_MSGQUEUE, &most);
    struct mq_attr a = fair_share(job);
    int rc = make_queue(job, &a);
    setrlimit(RLIMIT_MSGQUEUE, &usual);
    if (rc == -EMFILE)
        ipcr_err_note(MPI_ERR_OTHER,
                      "the message queues of this user are at their limit of %lu bytes: raise "
                      "RLIMIT_MSGQUEUE (ulimit -q), or use another transport",
                      (unsigned long)most.rlim_cur);
    if (rc == -ENOSPC)
        ipcr_err_note(MPI_ERR_OTHER, "this machine has all the message queues it may have: raise "
                                     "/proc/sys/fs/mqueue/queues_max, or use another transport");
    *size = (size_t)a.mq_msgsize;
    return rc;
}
