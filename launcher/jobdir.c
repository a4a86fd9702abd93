/* Making and removing the job's directory. */
#include "jobdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

void ipcr_jobdir_remove(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return;
    for (struct dirent *e; (e = readdir(dir));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            unlinkat(fd, e->d_name, 0);
    closedir(dir);
    rmdir(path);
}
