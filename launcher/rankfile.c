/* Files that place ranks one by one. */
#include "rankfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"

enum { RANKFILE_MOST = 65536 };

/* Where the reader is, for its sentences. */
struct reading {
    struct ipcr_rankfile *to;
    const char *path;
    int line;
    char *why;
    size_t room;
};

static bool complain(struct reading *r, const char *what, const char *word)
{
    snprintf(r->why, r->room, "rankfile %.200s, line %d: %s%.100s", r->path, r->line, what, word);
    return false;
}

static void make_room(struct ipcr_rankfile *f, int n)
{
    if (n <= f->n)
        return;
    f->host = ipcr_resize(f->host, sizeof *f->host * (size_t)n);
    f->cpus = ipcr_resize(f->cpus, sizeof *f->cpus * (size_t)n);
    for (; f->n < n; f->n++)
        f->host[f->n] = f->cpus[f->n] = NULL;
}

/* "0-2,4": one item of ours, in which commas would begin the next. */
static char *item_of(const char *slots)
{
    char *item = ipcr_copy(slots);
    for (char *comma = item; (comma = strchr(comma, ',')) != NULL;)
        *comma = '+';
    return item;
}

static bool take_rank(struct reading *r, long rank, const char *host, const char *slots)
{
    cpu_set_t set;
    int items;
    make_room(r->to, (int)rank + 1);
    if (r->to->host[rank])
        return complain(r, "this rank has a place already, and shall not be on ", host);
    r->to->host[rank] = ipcr_copy(host);
    r->to->cpus[rank] = slots ? item_of(slots) : NULL;
    if (slots && strchr(slots, ':'))
        return complain(r, "CPUs need the system's numbers, not socket:core: ", slots);
    if (slots && !ipcr_bind_item(r->to->cpus[rank], 0, &set, &items))
        return complain(r, "these are no CPUs: ", slots);
    return true;
}

/* rank N=HOST [slot=CPUS], with blanks wherever somebody likes them, but for '='. */
static bool take_line(struct reading *r, char *line)
{
    char *save, *end;
    line[strcspn(line, "#\r\n")] = 0;
    char *word = strtok_r(line, " \t", &save);
    if (!word)
        return true;
    char *number = strtok_r(NULL, " \t", &save), *slots = strtok_r(NULL, " \t", &save);
    if (strcmp(word, "rank") != 0 || !number)
        return complain(r, "expected 'rank N=HOST slot=CPUS' and not ", word);
    long rank = strtol(number, &end, 10);
    if (end == number || *end != '=' || !end[1] || rank < 0 || rank >= RANKFILE_MOST)
        return complain(r, "expected N=HOST behind 'rank' and not ", number);
    if (slots && strncmp(slots, "slot=", 5) != 0 && strncmp(slots, "slots=", 6) != 0)
        return complain(r, "expected slot=CPUS and not ", slots);
    return take_rank(r, rank, end + 1, slots ? strchr(slots, '=') + 1 : NULL);
}

static bool all_placed(struct reading *r)
{
    for (int i = 0; i < r->to->n; i++)
        if (!r->to->host[i]) {
            snprintf(r->why, r->room, "rankfile %.200s: there is no line for rank %d", r->path, i);
            return false;
        }
    if (r->to->n == 0)
        snprintf(r->why, r->room, "rankfile %.200s places no rank", r->path);
    return r->to->n > 0;
}

bool ipcr_rankfile_read(struct ipcr_rankfile *f, const char *path, char *why, size_t room)
{
    struct reading r = {.to = f, .path = path, .why = why, .room = room};
    char *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    bool ok = file != NULL;
    for (r.line = 1; ok && getline(&line, &size, file) > 0; r.line++)
        ok = take_line(&r, line);
    if (!file || (ok && ferror(file))) {
        snprintf(why, room, "rankfile %.200s: %s", path, strerror(errno));
        ok = false;
    }
    free(line);
    if (file)
        fclose(file);
    return ok && all_placed(&r);
}

void ipcr_rankfile_free(struct ipcr_rankfile *f)
{
    for (int i = 0; i < f->n; i++) {
        free(f->host[i]);
        free(f->cpus[i]);
    }
    free(f->host);
    free(f->cpus);
    *f = (struct ipcr_rankfile){0};
}

bool ipcr_rankfile_add_hosts(const struct ipcr_rankfile *f, struct ipcr_hosts *h, char *why,
                             size_t room)
{
    for (int i = 0; i < f->n; i++)
        if (f->host[i][0] != '+' && !ipcr_hosts_list(h, f->host[i], why, room))
            return false;
    return true;
}

/* Hosts that are this machine have become one. */
static int index_of(const struct ipcr_hosts *h, const char *name)
{
    long n;
    if (strncmp(name, "+n", 2) == 0)
        return ipcr_number(name + 2, 0, h->n - 1, &n) ? (int)n : -1;
    bool local = ipcr_hosts_is_local(name);
    for (int i = 0; i < h->n; i++)
        if (strcmp(h->at[i].name, name) == 0 || (local && h->at[i].local))
            return i;
    return -1;
}

int *ipcr_rankfile_place(const struct ipcr_rankfile *f, const struct ipcr_hosts *h, char *why,
                         size_t room)
{
    int *host_of = ipcr_alloc(sizeof *host_of * (size_t)f->n);
    for (int i = 0; i < f->n; i++) {
        host_of[i] = index_of(h, f->host[i]);
        if (host_of[i] >= 0)
            continue;
        snprintf(why, room, "the rankfile wants rank %d on %.200s, which is no host of this job", i,
                 f->host[i]);
        free(host_of);
        return NULL;
    }
    return host_of;
}
