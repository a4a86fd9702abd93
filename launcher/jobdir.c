/* Making and removing the job's directory. */
#include "jobdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environ.h"

char *ipcr_jobdir_path(const struct ipcr_plan *plan)
{
    const char *base = ipcr_environ_get(&plan->apps[0].env, &plan->env, "IPCRUN_DIR");
    if (!base || !*base)
        base = ipcr_environ_get(&plan->env, &plan->env, "TMPDIR");
    return ipcr_format("%s/ipcrun.%s", base && *base == '/' ? base : "/tmp", plan->id);
}

int ipcr_jobdir_make(const char *path)
{
    struct stat st;
    if (mkdir(path, 0700) == 0)
        return 0;
    if (errno != EEXIST)
        return -errno;
    if (lstat(path, &st) < 0)
        return -errno;
    /* Another agent of this job was first, or somebody has set a trap. */
    bool ours = S_ISDIR(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 077);
    return ours ? 0 : -EPERM;
}

/* A queue has the directory's own name, and a rank's: runtime/transport/mqueue.c. */
static void remove_queue(const char *dir, const char *note)
{
    const char *base = strrchr(dir, '/');
    size_t rank = strcspn(note, ".");
    char *name = strcmp(note + rank, ".mqueue") == 0
                     ? ipcr_format("%s.%.*s", base ? base : "/", (int)rank, note)
                     : NULL;
    if (name)
        mq_unlink(name);
    free(name);
}

static void remove_content(int fd, const char *path, int depth)
{
    DIR *dir = fdopendir(fd);
    if (!dir)
        return;
    for (struct dirent *e; (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        remove_queue(path, e->d_name);
        if (unlinkat(dirfd(dir), e->d_name, 0) == 0 || errno == ENOENT || depth == 0)
            continue;
        int below = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            remove_content(below, path, depth - 1);
        unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
    }
    closedir(dir);
}

void ipcr_jobdir_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    remove_content(fd, path, 1);
    rmdir(path);
}
