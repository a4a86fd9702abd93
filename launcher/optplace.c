/* Values of the options that say where ranks run and what they are bound to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "optvalue.h"

/* Other launchers' names, too. A level-1 cache is a core's, and a board has all there is. */
static const struct {
    const char *name;
    enum ipcr_object object;
} kinds[] = {{"hwthread", IPCR_OBJECT_HWTHREAD}, {"core", IPCR_OBJECT_CORE},
             {"rr", IPCR_OBJECT_CORE},           {"l1", IPCR_OBJECT_CORE},
             {"l1cache", IPCR_OBJECT_CORE},      {"l2", IPCR_OBJECT_L2},
             {"l2cache", IPCR_OBJECT_L2},        {"l3", IPCR_OBJECT_L3},
             {"l3cache", IPCR_OBJECT_L3},        {"numa", IPCR_OBJECT_NUMA},
             {"socket", IPCR_OBJECT_PACKAGE},    {"package", IPCR_OBJECT_PACKAGE}};

static int kind_named(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, name, len) == 0)
            return kinds[i].object;
    return -1;
}

bool ipcr_optvalue_cpu_list(struct ipcr_parser *p, const char *option, const char *text)
{
    cpu_set_t set;
    int items;
    if (!ipcr_bind_item(text, 0, &set, &items))
        return ipcr_optvalue_complain(
            p, "%s %.100s: expected CPUs for each rank in turn, such as 0,2 or 0-1,2+4", option,
            text);
    free(p->o->bind.list);
    p->o->bind.list = ipcr_copy(text);
    p->o->bind.how = IPCR_BIND_LIST;
    return true;
}

bool ipcr_optvalue_cpus_per_rank(struct ipcr_parser *p, const char *option, const char *text)
{
    struct ipcr_bind_wish *w = &p->o->bind;
    if (!ipcr_optvalue_count(p, option, text, &w->width))
        return false;
    w->how = IPCR_BIND_OBJECT;
    w->object = IPCR_OBJECT_CORE;
    return w->disjoint = true;
}

/* "core", "core:2"; what Open MPI's users add about overloading holds anyway. */
static bool take_object(struct ipcr_parser *p, const char *text)
{
    struct ipcr_bind_wish *w = &p->o->bind;
    size_t n = strcspn(text, ":");
    int kind = kind_named(text, n);
    long width = 1;
    if (kind < 0)
        return false;
    if (text[n] && strcmp(text + n, ":overload-allowed") != 0 &&
        strcmp(text + n, ":if-supported") != 0 && !ipcr_number(text + n + 1, 1, 1024, &width))
        return false;
    if (w->disjoint && kind == IPCR_OBJECT_CORE)
        return true; /* --cpus-per-rank has said how many */
    w->how = IPCR_BIND_OBJECT;
    w->object = kind;
    w->width = (int)width;
    w->disjoint = false;
    return true;
}

bool ipcr_optvalue_bind(struct ipcr_parser *p, const char *option, const char *text)
{
    if (strcmp(text, "none") == 0) {
        p->o->bind.how = IPCR_BIND_NONE;
        p->o->bind.disjoint = false;
        return true;
    }
    if (strncmp(text, "user:", 5) == 0)
        return ipcr_optvalue_cpu_list(p, option, text + 5);
    return take_object(p, text) ||
           ipcr_optvalue_complain(p,
                                  "%s %.100s: known are none, core, hwthread, socket, package, "
                                  "numa, l3, l2, each with :N behind it, and user:CPUS",
                                  option, text);
}

/* "slot", "node" or an object within a host, `len` letters. */
static bool take_order(struct ipcr_parser *p, const char *text, size_t len)
{
    int kind = kind_named(text, len);
    p->o->map_by_node = len == 4 && memcmp(text, "node", 4) == 0;
    p->o->bind.map_by = kind < 0 ? IPCR_OBJECT_HWTHREAD : kind;
    return kind >= 0 || p->o->map_by_node || (len == 4 && memcmp(text, "slot", 4) == 0);
}

static bool take_qualifier(struct ipcr_parser *p, const char *option, const char *text)
{
    if (strncasecmp(text, "PE=", 3) == 0)
        return ipcr_optvalue_cpus_per_rank(p, option, text + 3);
    return strcasecmp(text, "oversubscribe") == 0;
}

bool ipcr_optvalue_map_by(struct ipcr_parser *p, const char *option, const char *text)
{
    char *end;
    if (strncmp(text, "ppr:", 4) == 0) {
        long n = strtol(text + 4, &end, 10);
        if (n > 0 && n <= IPCR_RANKS_MAX && strcmp(end, ":node") == 0) {
            p->o->ppn = (int)n;
            return true;
        }
    }
    size_t n = strcspn(text, ":");
    if (take_order(p, text, n) && (!text[n] || take_qualifier(p, option, text + n + 1)))
        return true;
    return ipcr_optvalue_complain(p,
                                  "%s %.100s: known are slot, node, core, hwthread, socket, "
                                  "package, numa, l3, l2 and ppr:N:node",
                                  option, text);
}

/* The ranks of a host are numbered in the order of their places anyway. */
bool ipcr_optvalue_rank_by(struct ipcr_parser *p, const char *option, const char *text)
{
    bool node = strcmp(text, "node") == 0;
    if (!node && strcmp(text, "slot") != 0 && kind_named(text, strlen(text)) > IPCR_OBJECT_CORE)
        return ipcr_optvalue_complain(
            p, "%s %.100s: within a host, ranks are numbered as they are mapped (--map-by)", option,
            text);
    if (!node && strcmp(text, "slot") != 0 && kind_named(text, strlen(text)) < 0)
        return ipcr_optvalue_complain(p, "%s %.100s: known are slot, node, core and hwthread",
                                      option, text);
    p->o->rank_by = node ? IPCR_RANK_BY_NODE : IPCR_RANK_BY_SLOT;
    return true;
}
