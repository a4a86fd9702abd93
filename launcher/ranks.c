/* Lists of ranks. */
#include "ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

static bool number(const char **at, int size, int *rank)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    long n = strtol(*at, &end, 10);
    *at = end;
    *rank = (int)n;
    return n < size;
}

static bool read_list(const char *at, int size, bool *in)
{
    int first, last;
    for (;; at++) {
        if (!number(&at, size, &first))
            return false;
        last = first;
        if (*at == '-') {
            at++;
            if (!number(&at, size, &last))
                return false;
        }
        for (int r = first; r <= last; r++)
            in[r] = true;
        if (*at != ',')
            return *at == 0 && first <= last;
    }
}

bool *ipcr_ranks_read(const char *list, int size, char *why, size_t room)
{
    bool *in = ipcr_alloc((size_t)size * sizeof *in);
    if (strcmp(list, "all") == 0) {
        memset(in, true, (size_t)size * sizeof *in);
        return in;
    }
    if (read_list(list, size, in))
        return in;
    snprintf(why, room,
             "'%.100s' names no ranks of this job: expected such as 0 or 0,2-3, up to %d", list,
             size - 1);
    free(in);
    return NULL;
}
