/* Nameless shared memory: a memfd, or where a filter forbids that, a file that never had a name. */
#include "anon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
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

int ipcr_anon_memory(size_t bytes, int fd_from)
{
    const char *tmp = getenv("TMPDIR");
    const char *const folders[] = {"/dev/shm", tmp && *tmp ? tmp : "/tmp"};
    int fd = memfd(bytes), first = fd;
    for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof *folders; i++)
        fd = unnamed_file(folders[i], bytes);
    if (fd < 0)
        return first;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, fd_from);
    int error = errno;
    close(fd);
    return high < 0 ? -error : high;
}
