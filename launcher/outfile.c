/* Output of ranks into files. */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pattern.h"

/* Of a stream of a rank. Where ranks share a name, each has it open for itself, to append. */
struct file {
    char *name; /* NULL: none */
    int fd;     /* -1: not open at the moment */
};

static struct {
    int size;
    struct file *files; /* [2 * size]: of stdout, then of stderr; NULL: there are none at all */
    bool instead[2];    /* of the terminal */
    int next;           /* whom to close when there are no descriptors left */
} out;

static struct file *file_of(int stream, int rank)
{
    return &out.files[(stream - 1) * out.size + rank];
}

/* ---- names ---- */

static char *expand(const char *pattern, const struct ipcr_plan *plan, int rank)
{
    struct ipcr_buf b = {0};
    ipcr_pattern_put(&b, pattern, plan, rank);
    ipcr_put_u8(&b, 0);
    return (char *)b.data;
}

/* Numbers have as many digits as the largest, so that the folder is listed in their order. */
static char *in_folder(const char *dir, const struct ipcr_plan *plan, int rank, int stream)
{
    char most[16];
    int digits = snprintf(most, sizeof most, "%d", plan->size - 1);
    return ipcr_format("%s/1/rank.%0*d/%s", dir, digits, rank, stream == 1 ? "stdout" : "stderr");
}

/* ---- making ---- */

static int make_parents(const char *name)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s", name) >= (int)sizeof path)
        return ENAMETOOLONG;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        if (mkdir(path, 0777) < 0 && errno != EEXIST)
            return errno;
        *slash = '/';
    }
    return 0;
}

/* Nothing that could make us wait: a fifo without a reader, a terminal that was stopped. */
static int open_file(const char *name, int flags)
{
    struct stat st;
    int fd = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | flags, 0666);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd))))
        return fd;
    close(fd);
    return -EINVAL;
}

static int make_file(struct file *f, bool parents)
{
    int rc = parents ? -make_parents(f->name) : 0;
    int fd = rc ? rc : open_file(f->name, O_CREAT | O_TRUNC);
    if (fd >= 0)
        close(fd);
    return fd < 0 ? fd : 0;
}

static bool make_stream(const struct ipcr_outfile_wish *wish, const struct ipcr_plan *plan,
                        int stream, char *why, size_t room)
{
    const char *pattern = wish->pattern[stream - 1];
    out.instead[stream - 1] = pattern != NULL || wish->dir_alone;
    for (int rank = 0; rank < plan->size; rank++) {
        struct file *f = file_of(stream, rank);
        f->fd = -1;
        f->name = pattern ? expand(pattern, plan, rank) : in_folder(wish->dir, plan, rank, stream);
        int rc = make_file(f, !pattern);
        if (rc == 0)
            continue;
        snprintf(why, room, "cannot write the output of rank %d to %.300s: %s", rank, f->name,
                 rc == -EINVAL ? "it is no ordinary file" : strerror(-rc));
        return false;
    }
    return true;
}

bool ipcr_outfile_make(const struct ipcr_outfile_wish *wish, const struct ipcr_plan *plan,
                       char *why, size_t room)
{
    if (!wish->dir && !wish->pattern[0] && !wish->pattern[1])
        return true;
    out.size = plan->size;
    out.files = ipcr_alloc(sizeof *out.files * 2 * (size_t)plan->size);
    for (int stream = 1; stream <= 2; stream++)
        if ((wish->dir || wish->pattern[stream - 1]) && !make_stream(wish, plan, stream, why, room))
            return false;
    return true;
}

/* ---- writing ---- */

/* When descriptors run out, another file is closed; it is opened again when its turn comes. */
static bool close_one(void)
{
    for (int i = 0; i < 2 * out.size; i++) {
        struct file *f = &out.files[out.next];
        out.next = (out.next + 1) % (2 * out.size);
        if (!f->name || f->fd < 0)
            continue;
        close(f->fd);
        f->fd = -1;
        return true;
    }
    return false;
}

static int descriptor(struct file *f)
{
    while (f->fd < 0) {
        int fd = open_file(f->name, O_APPEND | O_CREAT);
        if (fd >= 0)
            f->fd = fd;
        else if (fd != -EMFILE || !close_one())
            return fd;
    }
    return f->fd;
}

int ipcr_outfile_put(int stream, int rank, const void *bytes, size_t n)
{
    const char *from = bytes;
    if (!ipcr_outfile_name(stream, rank))
        return 0;
    int fd = descriptor(file_of(stream, rank));
    while (fd >= 0 && n) {
        ssize_t written = write(fd, from, n);
        if (written < 0 && errno != EINTR)
            return errno;
        from += written > 0 ? written : 0;
        n -= written > 0 ? (size_t)written : 0;
    }
    return fd < 0 ? -fd : 0;
}

bool ipcr_outfile_passes(int stream)
{
    return !out.instead[stream - 1];
}

const char *ipcr_outfile_name(int stream, int rank)
{
    return out.files ? file_of(stream, rank)->name : NULL;
}
