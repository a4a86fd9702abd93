/* Interfaces and ports that a job may use. */
#include "allowed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "err.h"

bool ipcr_allowed_some(void)
{
    return ipcr_env.iface && *ipcr_env.iface;
}

bool ipcr_allowed_iface(const char *name)
{
    size_t len = strlen(name);
    for (const char *at = ipcr_env.iface; *at; at += *at == ',') {
        size_t n = strcspn(at, ",");
        if (n == len && memcmp(at, name, n) == 0)
            return true;
        at += n;
    }
    return false;
}

static int parse_range(const char *text, unsigned *first, unsigned *last)
{
    char rest;
    if (sscanf(text, "%5u-%5u%c", first, last, &rest) == 2 && *first >= 1 && *first <= *last &&
        *last <= UINT16_MAX)
        return 0;
    ipcr_err_note(MPI_ERR_OTHER,
                  "IPCRUN_PORTS (--ports) is '%.40s', and should be a range such as 50000-50999",
                  text);
    return -EINVAL;
}

int ipcr_allowed_port(const struct ipcr_job *job, ipcr_allowed_use *use, void *ctx)
{
    unsigned first, last;
    if (!ipcr_env.ports || !*ipcr_env.ports)
        return use(ctx, 0);
    int rc = parse_range(ipcr_env.ports, &first, &last);
    if (rc < 0)
        return rc;
    unsigned n = last - first + 1, start = (unsigned)job->local_rank % n;
    for (unsigned i = 0; i < n; i++) {
        rc = use(ctx, (uint16_t)(first + (start + i) % n));
        if (rc != -EADDRINUSE)
            return rc;
    }
    ipcr_err_note(MPI_ERR_OTHER,
                  "rank %d on %s finds none of the ports %u-%u free (--ports): each rank of a host "
                  "needs one, and there are %d",
                  job->rank, job->host, first, last, job->local_size);
    return -EADDRINUSE;
}
