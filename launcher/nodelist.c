/* Lists of hosts with ranges in brackets, and lists of numbers with repetitions. */
#include "nodelist.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LEN = 255, DIGITS_MOST = 9 };

struct reading {
    struct ipcr_words *to;
    const char *list;
    char *why;
    size_t room;
    char name[NAME_MAX_LEN + 1]; /* as far as the pattern was followed */
};

static bool complain(struct reading *r, const char *what)
{
    snprintf(r->why, r->room, "the node list '%.100s' %s", r->list, what);
    return false;
}

static bool add_name(struct reading *r, size_t len)
{
    r->name[len] = 0;
    if (!len)
        return complain(r, "has an empty name");
    if (r->to->n >= IPCR_NODELIST_MOST)
        return complain(r, "stands for too many hosts");
    ipcr_words_add(r->to, ipcr_copy(r->name));
    return true;
}

/* Digits at *at, and how many there are. */
static bool number(const char **at, long *value, int *width)
{
    size_t n = strspn(*at, "0123456789");
    if (n < 1 || n > DIGITS_MOST)
        return false;
    *value = strtol(*at, NULL, 10);
    *width = (int)n;
    *at += n;
    return true;
}

/* "7" or "7-12" at *at. */
static bool range(const char **at, long *first, long *last, int *width)
{
    int other;
    if (!number(at, first, width))
        return false;
    *last = *first;
    if (**at != '-')
        return true;
    ++*at;
    return number(at, last, &other) && *last >= *first;
}

static bool expand(struct reading *r, size_t len, const char *at, const char *end);

/* What is in brackets, from `at` up to `close`; the rest of the pattern follows each of it. Names
 * are at most as long as their buffer, and so is the depth of this. */
static bool expand_ranges(struct reading *r, size_t len, const char *at, const char *close,
                          const char *end)
{
    long first, last;
    int width;
    for (;; at++) {
        if (!range(&at, &first, &last, &width) || (*at != ',' && at != close))
            return complain(r, "has brackets without ranges of numbers");
        for (long v = first; v <= last; v++) {
            size_t room = sizeof r->name - len;
            size_t n = (size_t)snprintf(r->name + len, room, "%0*ld", width, v);
            if (n >= room)
                return complain(r, "has a name that is too long");
            if (!expand(r, len + n, close + 1, end))
                return false;
        }
        if (at == close)
            return true;
    }
}

static bool expand(struct reading *r, size_t len, const char *at, const char *end)
{
    size_t n = 0;
    while (at + n < end && at[n] != '[')
        n++;
    if (len + n > NAME_MAX_LEN)
        return complain(r, "has a name that is too long");
    memcpy(r->name + len, at, n);
    if (at + n == end)
        return add_name(r, len + n);
    const char *open = at + n, *close = memchr(open, ']', (size_t)(end - open));
    if (!close)
        return complain(r, "has brackets that are not closed");
    return expand_ranges(r, len + n, open + 1, close, end);
}

/* Up to the comma that is in no brackets, or the end. */
static const char *end_of_item(const char *at)
{
    for (bool inside = false; *at && (inside || *at != ','); at++)
        inside = *at == '[' || (inside && *at != ']');
    return at;
}

bool ipcr_nodelist_names(struct ipcr_words *names, const char *list, char *why, size_t room)
{
    struct reading r = {.to = names, .list = list, .why = why, .room = room};
    for (const char *at = list;; at++) {
        const char *end = end_of_item(at);
        if (!expand(&r, 0, at, end))
            return false;
        at = end;
        if (!*at)
            return true;
    }
}

/* "2(x3)" at *at. */
static bool repeated(const char **at, long *value, long *times)
{
    int width;
    *times = 1;
    if (!number(at, value, &width) || *value < 1 || *value > INT_MAX)
        return false;
    if (strncmp(*at, "(x", 2) != 0)
        return true;
    *at += 2;
    return number(at, times, &width) && *times > 0 && *(*at)++ == ')';
}

bool ipcr_nodelist_counts(int *counts, int n, const char *list, char *why, size_t room)
{
    long value, times;
    int have = 0;
    for (const char *at = list;; at++) {
        if (!repeated(&at, &value, &times) || (*at && *at != ',')) {
            snprintf(why, room, "'%.100s' is no list of counts such as 2(x3),1", list);
            return false;
        }
        for (; times > 0 && have < n; times--)
            counts[have++] = (int)value;
        if (times > 0 || !*at)
            break;
    }
    if (have == n && times == 0)
        return true;
    snprintf(why, room, "'%.100s' has %s counts than there are hosts (%d)", list,
             times ? "more" : "fewer", n);
    return false;
}
