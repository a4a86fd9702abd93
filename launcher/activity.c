/* What a rank has done so far: what it sent, slept in MPI calls, and used of the processors. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"
#include "sleeper.h"
#include "waits.h"

/* Of the whole process, those of its children that it has waited for left out. */
static uint64_t cpu_ms(pid_t pid)
{
    char path[32], text[512];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    /* The name in parentheses may contain anything. */
    const char *behind = strrchr(text, ')');
    if (!behind || sscanf(behind, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                          &system) != 2)
        return 0;
    return (uint64_t)(user + system) * 1000 / (uint64_t)sysconf(_SC_CLK_TCK);
}

static void take_ways(struct ipcr_sleeper *s, const struct ipcr_board *row)
{
    s->nways = 0;
    for (int i = 0; i < IPCR_BOARD_TRANSPORTS && s->nways < IPCR_SLEEPER_WAYS; i++) {
        const struct ipcr_board_count *c = &row->sent[i];
        struct ipcr_way *way = &s->ways[s->nways];
        *way = (struct ipcr_way){.messages = ipcr_board_read(&c->messages),
                                 .bytes = ipcr_board_read(&c->bytes)};
        memcpy(way->name, c->name, sizeof c->name);
        s->nways += way->messages > 0;
    }
}

void ipcr_activity(const struct ipcr_rank *r, struct ipcr_sleeper *s)
{
    const struct ipcr_board *row = ipcr_waits_row(r);
    pid_t pid = (pid_t)atomic_load(&row->pid);
    take_ways(s, row);
    s->slept_ms = atomic_load(&row->slept_ns) / 1000000;
    if (s->state == IPCR_STATE_WAITS)
        s->slept_ms += s->ms;
    if (!r->exited)
        s->cpu_ms = cpu_ms(pid ? pid : r->pid);
}
