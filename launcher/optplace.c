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

static bool is_word(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncasecmp(text, word, len) == 0;
}

static int kind_named(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (is_word(name, len, kinds[i].name))
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

/* What stands behind an object: a number of them, and words that hold anyway. */
static bool take_bind_suffix(struct ipcr_parser *p, const char *text, long *width)
{
    static const char *const anyway[] = {"overload-allowed", "no-overload", "if-supported",
                                         "ordered"};
    for (; *text; text += strcspn(text, ":,")) {
        size_t n = strcspn(++text, ":,");
        bool known = is_word(text, n, "report") && (p->o->bind.report = true);
        for (size_t i = 0; i < sizeof anyway / sizeof *anyway; i++)
            known |= is_word(text, n, anyway[i]);
        char *number = ipcr_format("%.*s", (int)n, text);
        known = known || ipcr_number(number, 1, 1024, width);
        free(number);
        if (!known)
            return false;
    }
    return true;
}

/* "core", "core:2", "core:overload-allowed". */
static bool take_object(struct ipcr_parser *p, const char *text)
{
    struct ipcr_bind_wish *w = &p->o->bind;
    size_t n = strcspn(text, ":");
    int kind = kind_named(text, n);
    long width = 1;
    if (kind < 0 || !take_bind_suffix(p, text + n, &width))
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
    if (strcmp(text, "none") == 0 || strcmp(text, "board") == 0 || strcmp(text, "machine") == 0) {
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

/* "slot", "node" or an object within a host, `len` letters; none: as without the option. */
static bool take_order(struct ipcr_parser *p, const char *text, size_t len)
{
    int kind = kind_named(text, len);
    if (len == 0)
        return true;
    p->o->map_by_node = is_word(text, len, "node");
    p->o->bind.map_by = kind < 0 ? IPCR_OBJECT_HWTHREAD : kind;
    return kind >= 0 || p->o->map_by_node || is_word(text, len, "slot") ||
           is_word(text, len, "board");
}

/* Words of Open MPI's that ask for what is so anyway, or for another option. */
static bool take_qualifier(struct ipcr_parser *p, const char *option, const char *text, size_t len)
{
    static const char *const anyway[] = {"oversubscribe", "span",    "hwtcpus",
                                         "corecpus",      "inherit", "noinherit"};
    for (size_t i = 0; i < sizeof anyway / sizeof *anyway; i++)
        if (is_word(text, len, anyway[i]))
            return true;
    if (is_word(text, len, "nolocal"))
        return p->o->no_local = true;
    if (is_word(text, len, "nooversubscribe"))
        return p->o->no_oversubscribe = true;
    if (strncasecmp(text, "PE=", 3) != 0)
        return false;
    char *number = ipcr_format("%.*s", (int)len - 3, text + 3);
    bool ok = ipcr_optvalue_cpus_per_rank(p, option, number);
    free(number);
    return ok;
}

/* What stands behind the object: ":PE=2,OVERSUBSCRIBE". */
static bool take_qualifiers(struct ipcr_parser *p, const char *option, const char *text)
{
    bool ok = true;
    while (ok && *text) {
        size_t n = strcspn(++text, ":,");
        ok = take_qualifier(p, option, text, n);
        text += n;
    }
    return ok;
}

/* "N:OBJECT" and what follows: the ranks of each object are neighbours. */
static bool take_ppr(struct ipcr_parser *p, const char *option, const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (n <= 0 || n > IPCR_RANKS_MAX || *end++ != ':')
        return false;
    size_t len = strcspn(end, ":,");
    int kind = kind_named(end, len);
    bool host = is_word(end, len, "node") || is_word(end, len, "board");
    if (kind < 0 && !host)
        return false;
    p->o->ppn = (int)n;
    p->o->per = host ? 0 : kind + 1;
    p->o->bind.map_by = host ? IPCR_OBJECT_HWTHREAD : kind;
    p->o->bind.block = p->o->bind.map_by == IPCR_OBJECT_HWTHREAD ? 0 : (int)n;
    return take_qualifiers(p, option, end + len);
}

bool ipcr_optvalue_ppr(struct ipcr_parser *p, const char *option, const char *text)
{
    return take_ppr(p, option, text) ||
           ipcr_optvalue_complain(p, "%s %.100s: expected N:OBJECT, such as 2:node or 1:socket",
                                  option, text);
}

bool ipcr_optvalue_per_socket(struct ipcr_parser *p, const char *option, const char *text)
{
    char *ppr = ipcr_format("%s:socket", text);
    bool ok = take_ppr(p, option, ppr);
    free(ppr);
    return ok || ipcr_optvalue_complain(p, "%s %.100s: expected a whole number from 1 to %d",
                                        option, text, IPCR_RANKS_MAX);
}

bool ipcr_optvalue_map_by(struct ipcr_parser *p, const char *option, const char *text)
{
    static const char rankfile[] = "rankfile:file=";
    size_t n = strcspn(text, ":");
    if (strncasecmp(text, rankfile, sizeof rankfile - 1) == 0)
        return ipcr_optvalue_file(p, option, text + sizeof rankfile - 1, &p->o->rankfile);
    if (strncmp(text, "ppr:", 4) == 0
            ? take_ppr(p, option, text + 4)
            : take_order(p, text, n) && take_qualifiers(p, option, text + n))
        return true;
    return ipcr_optvalue_complain(p,
                                  "%s %.100s: known are slot, node, core, hwthread, socket, "
                                  "package, numa, l3, l2 and ppr:N:OBJECT, and behind them PE=N, "
                                  "OVERSUBSCRIBE, NOOVERSUBSCRIBE and NOLOCAL",
                                  option, text);
}

bool ipcr_optvalue_order(struct ipcr_parser *p, const char *option, const char *text)
{
    p->o->order_nodes = strcasecmp(text, "up") == 0 ? 1 : strcasecmp(text, "down") == 0 ? -1 : 0;
    return p->o->order_nodes || ipcr_optvalue_complain(p, "%s %.100s: UP or DOWN", option, text);
}

/* The ranks of a host are numbered in the order of their places anyway. */
bool ipcr_optvalue_rank_by(struct ipcr_parser *p, const char *option, const char *text)
{
    size_t len = strlen(text);
    int kind = kind_named(text, len);
    bool node = is_word(text, len, "node");
    bool slot = is_word(text, len, "slot") || is_word(text, len, "fill");
    if (!node && !slot && (kind > IPCR_OBJECT_CORE || is_word(text, len, "span")))
        return ipcr_optvalue_complain(
            p, "%s %.100s: within a host, ranks are numbered as they are mapped (--map-by)", option,
            text);
    if (!node && !slot && kind < 0)
        return ipcr_optvalue_complain(p, "%s %.100s: known are slot, node, core and hwthread",
                                      option, text);
    p->o->rank_by = node ? IPCR_RANK_BY_NODE : IPCR_RANK_BY_SLOT;
    return true;
}
