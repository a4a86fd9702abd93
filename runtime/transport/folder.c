/* Folders in the job's directory (folder.h). */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { REMOVE_TRIES = 100 };

static int open_nonce(const char *dir, int rank, int flags)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%d/nonce", dir, rank);
    return open(path, flags | O_CLOEXEC, 0600);
}

static void remove_content(const char *path)
{
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}

/* Room in the path for the names of files, which spool.c appends. */
int ipcr_folder_make(const char *dir, int rank, char path[PATH_MAX], uint64_t *nonce)
{
    if (snprintf(path, PATH_MAX, "%s/%d", dir, rank) >= PATH_MAX - 32)
        return -ENAMETOOLONG;
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return -errno;
    remove_content(path); /* of an earlier life of this process */
    int fd = open_nonce(dir, rank, O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0)
        return -errno;
    bool good = getrandom(nonce, sizeof *nonce, 0) == sizeof *nonce &&
                write(fd, nonce, sizeof *nonce) == sizeof *nonce;
    int rc = good ? 0 : errno ? -errno : -EIO;
    close(fd);
    return rc;
}

/* Others may still begin a file in it while it is being emptied. */
void ipcr_folder_remove(const char *path)
{
    for (int tries = 0; tries < REMOVE_TRIES; tries++) {
        remove_content(path);
        if (rmdir(path) == 0 || errno != ENOTEMPTY)
            return;
    }
}

bool ipcr_folder_is(const char *dir, int rank, uint64_t nonce)
{
    uint64_t there;
    int fd = open_nonce(dir, rank, O_RDONLY);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, &there, sizeof there);
    close(fd);
    return n == sizeof there && there == nonce;
}

bool ipcr_folder_is_remote(const char *path)
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
