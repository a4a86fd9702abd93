/* Schedulers that simply list their hosts, in a file or in a variable. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler.h"
#include "util.h"

/* A host on each line, as often as it has slots or with their number. The last rows of the table
 * are how an operator of Kubernetes tells another launcher of its pods. */
bool ipcr_sched_file(struct ipcr_allocation *a, char *why, size_t room)
{
    return ipcr_hosts_file(&a->hosts, getenv(a->by->hosts), why, room);
}

static bool add(struct ipcr_allocation *a, const char *name, const char *slots, char *why,
                size_t room)
{
    long n;
    if (slots && ipcr_number(slots, 1, IPCR_SLOTS_MAX, &n))
        return ipcr_hosts_add(&a->hosts, name, (int)n, why, room);
    snprintf(why, room, "'%.40s' is no number of slots (1 to %d)", slots ? slots : "",
             IPCR_SLOTS_MAX);
    return false;
}

/* "host slots host slots"; where there are too many for a variable, a file as that of PBS. */
bool ipcr_sched_lsf(struct ipcr_allocation *a, char *why, size_t room)
{
    const char *pairs = getenv("LSB_MCPU_HOSTS"), *file = getenv("LSB_DJOB_HOSTFILE");
    struct ipcr_words w = {0};
    char reason[256];
    if (!pairs && file)
        return ipcr_hosts_file(&a->hosts, file, why, room);
    if (!pairs) {
        snprintf(why, room, "neither LSB_MCPU_HOSTS nor LSB_DJOB_HOSTFILE names its hosts");
        return false;
    }
    bool ok = ipcr_words_split(&w, pairs) && w.n > 0;
    snprintf(reason, sizeof reason, "expected HOST SLOTS HOST SLOTS");
    for (int i = 0; ok && i < w.n; i += 2)
        ok = add(a, w.at[i], w.at[i + 1], reason, sizeof reason);
    if (!ok)
        snprintf(why, room, "LSB_MCPU_HOSTS is '%.100s': %s", pairs, reason);
    ipcr_words_free(&w);
    return ok;
}

/* Lines "host slots queue cpus". */
bool ipcr_sched_sge(struct ipcr_allocation *a, char *why, size_t room)
{
    const char *path = getenv("PE_HOSTFILE");
    char *line = NULL, *save, reason[256];
    size_t size = 0;
    FILE *f = fopen(path, "re");
    bool ok = f != NULL;
    if (!f)
        snprintf(reason, sizeof reason, "%s", strerror(errno));
    while (ok && getline(&line, &size, f) > 0) {
        char *name = strtok_r(line, " \t\r\n", &save);
        if (name)
            ok = add(a, name, strtok_r(NULL, " \t\r\n", &save), reason, sizeof reason);
    }
    if (ok && a->hosts.n == 0) {
        snprintf(reason, sizeof reason, "it names no host");
        ok = false;
    }
    if (!ok)
        snprintf(why, room, "PE_HOSTFILE is %.200s: %s", path, reason);
    free(line);
    if (f)
        fclose(f);
    return ok;
}
