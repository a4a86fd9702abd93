/* Transports for the pairs of a plan. */
#include "talk.h"

#include <stdio.h>

#include "environ.h"

/* A setting on which all programs of a job must agree, or its ranks would look for each other in
 * different places. */
static bool agreed(const struct ipcr_plan *plan, const char *name, const char **value)
{
    for (int i = 0; i < plan->napps; i++) {
        const char *v = ipcr_environ_get(&plan->apps[i].env, &plan->env, name);
        v = v ? v : "";
        if (i > 0 && strcmp(v, *value) != 0)
            return false;
        *value = v;
    }
    return true;
}

enum ipcr_pair ipcr_talk_pair(const struct ipcr_plan *plan, int a, int b)
{
    if (a == b)
        return IPCR_PAIR_SELF;
    return plan->node_of[a] == plan->node_of[b] ? IPCR_PAIR_NODE : IPCR_PAIR_REMOTE;
}

bool ipcr_talk_has(const struct ipcr_plan *plan, enum ipcr_pair pair)
{
    if (pair == IPCR_PAIR_NODE) {
        for (int i = 0; i < plan->size; i++)
            if (plan->local_of[i] > 0)
                return true;
        return false;
    }
    return pair == IPCR_PAIR_SELF || plan->nodes > 1;
}

bool ipcr_talk_plan(struct ipcr_route *r, const struct ipcr_plan *plan, char *why, size_t room)
{
    static const char *const who[] = {"a rank to itself", "a rank to another one of its host",
                                      "ranks of one host to those of another"};
    const char *list = "", *dir = "";
    if (!agreed(plan, "IPCRUN_TRANSPORT", &list) || !agreed(plan, "IPCRUN_DIR", &dir)) {
        snprintf(why, room,
                 "the programs of one job need the same IPCRUN_TRANSPORT and IPCRUN_DIR");
        return false;
    }
    if (*dir && *dir != '/') {
        snprintf(why, room, "IPCRUN_DIR is '%.200s'; it must be a path that begins with /", dir);
        return false;
    }
    if (ipcr_route_make(r, list, *dir, why, room) < 0)
        return false;
    for (int p = 0; p < IPCR_PAIRS; p++)
        if (r->row[p] < 0 && ipcr_talk_has(plan, (enum ipcr_pair)p)) {
            snprintf(why, room, "no transport of '%.200s' gets from %s: %s", list, who[p],
                     r->why[p]);
            return false;
        }
    return true;
}
