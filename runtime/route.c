/* From a list of names to a transport for each class of pairs. */
#include "route.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "transport.h"

enum { ROWS = 16 };

/* Rows of the table in the order in which a class tries them. */
struct order {
    int row[ROWS], n;
};

static const char *const class_prefix[IPCR_PAIRS] = {
    [IPCR_PAIR_NODE] = "node=", [IPCR_PAIR_REMOTE] = "remote="};

const char *ipcr_route_text(enum ipcr_pair pair)
{
    static const char *const text[IPCR_PAIRS] = {"a rank and itself", "ranks of one host",
                                                 "ranks of different hosts"};
    return text[pair];
}

static const char *reach_text(enum ipcr_scope reach, bool shared)
{
    switch (reach) {
    case IPCR_REACH_SELF:
        return "a rank itself only";
    case IPCR_REACH_NODE:
        return "ranks of one host only";
    case IPCR_REACH_SHARED:
        return shared ? "all that share the directory"
                      : "ranks of one host, and of others that share a directory (set IPCRUN_DIR)";
    case IPCR_REACH_ANY:
        break;
    }
    return "every rank";
}

static int row_named(const char *name, size_t len)
{
    for (int i = 0; ipcr_transports[i]; i++)
        if (strlen(ipcr_transports[i]->name) == len && !memcmp(ipcr_transports[i]->name, name, len))
            return i;
    return -1;
}

static int no_such_transport(const char *name, int len, char *why, size_t room)
{
    char all[ROWS * 10] = "";
    for (int i = 0; ipcr_transports[i]; i++) {
        strcat(all, i ? ", " : "");
        strcat(all, ipcr_transports[i]->name);
    }
    snprintf(why, room, "IPCRUN_TRANSPORT names '%.*s'; the transports are %s", len, name, all);
    return -EINVAL;
}

static void add(struct order *o, int row)
{
    for (int i = 0; i < o->n; i++)
        if (o->row[i] == row)
            return;
    o->row[o->n++] = row;
}

static void add_all(struct order *o)
{
    for (int i = 0; ipcr_transports[i]; i++)
        add(o, i);
}

/* `node=` or `remote=` at *at: steps over it; IPCR_PAIRS: there is none. */
static int class_at(const char **at)
{
    for (int c = IPCR_PAIR_NODE; c < IPCR_PAIRS; c++) {
        size_t n = strlen(class_prefix[c]);
        if (strncmp(*at, class_prefix[c], n) == 0) {
            *at += n;
            return c;
        }
    }
    return IPCR_PAIRS;
}

static int parse(const char *list, struct order order[IPCR_PAIRS], char *why, size_t room)
{
    int current = IPCR_PAIRS; /* both */
    const char *p = list;
    for (bool more = *p; more; p += more) {
        int c = class_at(&p);
        if (c != IPCR_PAIRS)
            current = c;
        size_t len = strcspn(p, ",");
        int row = row_named(p, len);
        if (row < 0)
            return no_such_transport(p, (int)len, why, room);
        for (c = IPCR_PAIR_NODE; c < IPCR_PAIRS; c++)
            if (current == IPCR_PAIRS || current == c)
                add(&order[c], row);
        p += len;
        more = *p == ',';
    }
    return 0;
}

static void choose(struct ipcr_route *r, enum ipcr_pair pair, const struct order *order,
                   bool shared)
{
    char *why = r->why[pair];
    size_t room = sizeof r->why[pair], used = 0;
    r->row[pair] = -1;
    for (int i = 0; i < order->n && used < room; i++) {
        const struct ipcr_transport *t = ipcr_transports[order->row[i]];
        used += (size_t)snprintf(why + used, room - used, "%s%s reaches %s", i ? "; " : "", t->name,
                                 reach_text(t->reach, shared));
        if (ipcr_reaches(t->reach, pair, shared)) {
            r->row[pair] = order->row[i];
            return;
        }
    }
}

int ipcr_route_make(struct ipcr_route *r, const char *list, bool shared, char *why, size_t room)
{
    struct order order[IPCR_PAIRS] = {0};
    *r = (struct ipcr_route){0};
    int rc = parse(list ? list : "", order, why, room);
    if (rc < 0)
        return rc;
    add(&order[IPCR_PAIR_SELF], row_named("self", 4));
    for (int c = 0; c < IPCR_PAIRS; c++) {
        bool given = order[c].n > 0 && c != IPCR_PAIR_SELF;
        if (order[c].n == 0)
            add_all(&order[c]);
        choose(r, (enum ipcr_pair)c, &order[c], shared);
        if (!given)
            snprintf(r->why[c], sizeof r->why[c], "%s",
                     c == IPCR_PAIR_SELF ? "always" : "by default");
    }
    return 0;
}

static const struct ipcr_transport *chosen(const struct ipcr_route *r, enum ipcr_pair pair)
{
    return r->row[pair] < 0 ? NULL : ipcr_transports[r->row[pair]];
}

const char *ipcr_route_name(const struct ipcr_route *r, enum ipcr_pair pair)
{
    const struct ipcr_transport *t = chosen(r, pair);
    return t ? t->name : NULL;
}

bool ipcr_route_needs_dir(const struct ipcr_route *r, enum ipcr_pair pair)
{
    const struct ipcr_transport *t = chosen(r, pair);
    return t && t->needs_dir;
}

enum ipcr_inherit ipcr_route_inherits(const struct ipcr_route *r, enum ipcr_pair pair)
{
    const struct ipcr_transport *t = chosen(r, pair);
    return t ? t->inherit : IPCR_INHERIT_NOTHING;
}
