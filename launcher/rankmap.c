/* Maps of ranks to hosts. */
#include "rankmap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

struct block {
    int first, hosts, ranks; /* `ranks` on each of `hosts` from `first` on */
};

static bool number(const char **at, int most, int *to)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    long n = strtol(*at, &end, 10);
    *at = end;
    *to = (int)n;
    return n <= most;
}

static bool comma(const char **at)
{
    return *(*at)++ == ',';
}

static bool next_block(const char **at, struct block *b)
{
    *b = (struct block){0, 1, 1};
    if (**at != '(')
        return number(at, IPCR_RANKS_MAX, &b->first);
    (*at)++;
    return number(at, IPCR_RANKS_MAX, &b->first) && comma(at) &&
           number(at, IPCR_RANKS_MAX, &b->hosts) && comma(at) &&
           number(at, IPCR_RANKS_MAX, &b->ranks) && b->hosts && b->ranks && *(*at)++ == ')';
}

/* Behind "(vector," as MPICH's users may write in front; *depth: the parenthesis is to be closed.
 */
static const char *begin(const char *map, bool *open)
{
    static const char vector[] = "(vector,";
    *open = strncmp(map, vector, sizeof vector - 1) == 0;
    return *open ? map + sizeof vector - 1 : map;
}

int ipcr_rankmap_length(const char *map, int hosts, char *why, size_t room)
{
    struct block b;
    bool open;
    long length = 0;
    for (const char *at = begin(map, &open);; at++) {
        if (!next_block(&at, &b))
            break;
        length += (long)b.hosts * b.ranks;
        if (b.first + b.hosts > hosts) {
            snprintf(why, room, "--rankmap %.200s: host %d is not among the %d there are", map,
                     b.first + b.hosts - 1, hosts);
            return 0;
        }
        if (length > IPCR_RANKS_MAX)
            break;
        if (open ? strcmp(at, ")") == 0 : *at == 0)
            return (int)length;
        if (*at != ',')
            break;
    }
    snprintf(why, room,
             "--rankmap %.200s: expected a host's number for each rank, such as 0,0,1,1,"
             " or blocks (FIRST,HOSTS,RANKS)",
             map);
    return 0;
}

void ipcr_rankmap_place(const char *map, int *host_of, int size)
{
    struct block b;
    bool open;
    for (int rank = 0; rank < size;) {
        const char *at = begin(map, &open);
        do {
            next_block(&at, &b);
            for (int i = 0; i < b.hosts * b.ranks && rank < size; i++)
                host_of[rank++] = b.first + i / b.ranks;
        } while (*at++ == ',');
    }
}
