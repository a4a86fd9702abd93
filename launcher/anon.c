/* Nameless shared memory: a memfd, or where a filter forbids that, a file that never had a name. */
#include "anon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int memfd(size_t bytes)
{
    int fd = memfd_create("ipcrun", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    if (ftruncate(fd, (off_t)bytes) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    return fd;
}

/* The space is taken at once: a full file system must be an error here and not SIGBUS in a rank. */
static int unnamed_file(const char *folder, size_t bytes)
{
    int fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int error = posix_fallocate(fd, 0, (off_t)bytes);
    if (error) {
        close(fd);
        return -error;
    }
    return fd;
}

/* Adds why a folder does not do, and how much would fit into it. */
static void explain(char *why, size_t room, const char *folder, int error)
{
    struct statvfs fs;
    size_t n = strlen(why);
    if (error == ENOSPC && statvfs(folder, &fs) == 0)
        snprintf(why + n, room - n, "; %s has %llu bytes left", folder,
                 (unsigned long long)fs.f_bavail * fs.f_frsize);
    else
        snprintf(why + n, room - n, "; %s: %s", folder, strerror(error));
}

int ipcr_anon_memory(size_t bytes, int fd_from, char *why, size_t room)
{
    const char *tmp = getenv("TMPDIR");
    const char *const folders[] = {"/dev/shm", tmp && *tmp ? tmp : "/tmp"};
    int fd = memfd(bytes), first = fd;
    if (fd < 0)
        snprintf(why, room, "memfd: %s", strerror(-fd));
    for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof *folders; i++) {
        fd = unnamed_file(folders[i], bytes);
        if (fd < 0)
            explain(why, room, folders[i], -fd);
    }
    if (fd < 0)
        return first;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, fd_from);
    int error = errno;
    close(fd);
    if (high < 0)
        snprintf(why, room, "%s", strerror(error));
    return high < 0 ? -error : high;
}
