/* What a rank of this node waits for. */
#include "waits.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "agent.h"
#include "seg.h"
#include "util.h"

struct ipcr_board *ipcr_waits_row(const struct ipcr_rank *r)
{
    return ipcr_seg_board(r->agent->board, r->local);
}

bool ipcr_waits_read(const struct ipcr_rank *r, struct ipcr_wait *w)
{
    struct ipcr_board *row = ipcr_waits_row(r);
    uint32_t gen = atomic_load(&row->wait_gen);
    if (gen % 2 || !atomic_load(&row->asleep))
        return false;
    int64_t since = (int64_t)atomic_load(&row->since_ns);
    w->gen = gen;
    w->since_ms = since / 1000000;
    w->peer = row->peer;
    w->tag = row->tag;
    w->sent = atomic_load(&row->frags_sent);
    w->arrived = atomic_load(&row->frags_arrived);
    w->parked = atomic_load(&row->parked);
    w->waiters = atomic_load(&row->waiters);
    w->ctx = row->ctx;
    w->size = row->size;
    w->kind = row->kind;
    w->caller = row->caller;
    w->members = row->members;
    w->near_source = row->near_source;
    w->near_tag = row->near_tag;
    memcpy(w->call, row->call, sizeof w->call);
    memcpy(w->comm, row->comm, sizeof w->comm);
    memcpy(w->near_comm, row->near_comm, sizeof w->near_comm);
    w->call[sizeof w->call - 1] = w->comm[sizeof w->comm - 1] = 0;
    w->near_comm[sizeof w->near_comm - 1] = 0;
    memcpy(w->several, row->several, sizeof w->several);
    w->several[sizeof w->several - 1] = 0;
    return atomic_load(&row->wait_gen) == gen && since > 0;
}

bool ipcr_waits_still(const struct ipcr_rank *r, const struct ipcr_wait *w)
{
    struct ipcr_board *row = ipcr_waits_row(r);
    return atomic_load(&row->asleep) && atomic_load(&row->wait_gen) == w->gen;
}

int ipcr_waits_sleepers(pid_t pid)
{
    char path[64], state;
    pid_t parent;
    int n = 0;
    bool awake = false;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    for (struct dirent *e; tasks && !awake && (e = readdir(tasks));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%.16s/stat", pid, e->d_name);
        awake = !ipcr_proc_stat(path, &state, &parent) || state != 'S';
        n++;
    }
    if (tasks)
        closedir(tasks);
    return awake ? 0 : n;
}

/* The board has no room for them, and a rank on its way to sleep no time to write them down. */
int *ipcr_waits_members(const struct ipcr_rank *r, const struct ipcr_wait *w)
{
    int size = r->agent->plan.size;
    if (w->size == 0 || w->size > (uint32_t)size)
        return NULL;
    size_t bytes = w->size * sizeof(int);
    int *world = ipcr_alloc(bytes);
    struct iovec to = {world, bytes}, from = {(void *)(uintptr_t)w->members, bytes};
    pid_t pid = (pid_t)atomic_load(&ipcr_waits_row(r)->pid);
    bool good =
        process_vm_readv(pid, &to, 1, &from, 1, 0) == (ssize_t)bytes && ipcr_waits_still(r, w);
    for (uint32_t i = 0; good && i < w->size; i++)
        good = world[i] >= 0 && world[i] < size;
    if (good)
        return world;
    free(world);
    return NULL;
}
