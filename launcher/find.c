/* Finding a program as a shell would, on the host that is to run it. */
#include "find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environ.h"
#include "foreign.h"

struct found {
    char *path; /* [PATH_MAX] */
    int error;  /* 0: runs; ENOENT; EACCES; EISDIR */
};

static void try_path(int dir_fd, const char *path, struct found *f)
{
    struct stat st;
    int error = 0;
    if (fstatat(dir_fd, path, &st, 0) < 0)
        error = errno == ENOTDIR ? ENOENT : errno;
    else if (S_ISDIR(st.st_mode))
        error = EISDIR;
    else if (faccessat(dir_fd, path, X_OK, AT_EACCESS) < 0)
        error = errno;
    if (error == 0 || f->error == ENOENT) {
        f->error = error;
        snprintf(f->path, PATH_MAX, "%s", path);
    }
}

static void search_path(int dir_fd, const char *name, const char *path, struct found *f)
{
    char candidate[PATH_MAX];
    while (f->error) {
        size_t n = strcspn(path, ":");
        if (snprintf(candidate, sizeof candidate, "%.*s/%s", n ? (int)n : 1, n ? path : ".", name) <
            (int)sizeof candidate)
            try_path(dir_fd, candidate, f);
        if (!path[n])
            return;
        path += n + 1;
    }
}

/* One process of a foreign MPI is a world of one, as it would be without ipcrun. */
static bool can_meet(struct ipcr_agent *a, int dir_fd, const char *path)
{
    struct ipcr_foreign f;
    if (a->plan.size == 1 || !ipcr_foreign_look(dir_fd, path, &f))
        return true;
    return ipcr_start_refuse(a, IPCR_EXIT_NOEXEC,
                             "program '%s' is linked with %s (%s) and would be %d worlds of one: "
                             "compile it with ipcrun's mpicc, or start it with the mpiexec of %s",
                             path, f.library, f.mpi, a->plan.size, f.mpi);
}

bool ipcr_find_program(struct ipcr_agent *a, const struct ipcr_app *app, int dir_fd, char *found)
{
    const char *name = app->argv.at[0];
    struct found f = {.path = found, .error = ENOENT};
    found[0] = 0;
    const char *path = app->path ? app->path : ipcr_environ_get(&app->env, &a->plan.env, "PATH");
    if (strchr(name, '/'))
        try_path(dir_fd, name, &f);
    else
        search_path(dir_fd, name, path ? path : "/usr/local/bin:/usr/bin:/bin", &f);
    if (f.error == 0)
        return can_meet(a, dir_fd, found);
    if (f.error == ENOENT && !strchr(name, '/'))
        return ipcr_start_refuse(a, IPCR_EXIT_NOTFOUND, "program '%s' is not in %s", name,
                                 app->path ? app->path : "PATH");
    if (f.error == ENOENT)
        return ipcr_start_refuse(a, IPCR_EXIT_NOTFOUND,
                                 "program '%s' does not exist (working directory %s)", name,
                                 app->wdir);
    return ipcr_start_refuse(a, IPCR_EXIT_NOEXEC, "program '%s' cannot be run: %s", f.path,
                             f.error == EISDIR   ? "it is a directory"
                             : f.error == EACCES ? "it is not executable for this user"
                                                 : strerror(f.error));
}
