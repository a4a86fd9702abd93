/* Maps of ranks to hosts, as MPICH's users write them: "0,0,1,1", or blocks "(FIRST,HOSTS,RANKS)"
 * of so many ranks on each of so many hosts, such as "(vector,(0,2,2))". */
#ifndef IPCR_RANKMAP_H
#define IPCR_RANKMAP_H

#include <stdbool.h>
#include <stddef.h>

/* How many ranks the map places before it begins again. 0 with a sentence: it is no map of so many
 * hosts. */
int ipcr_rankmap_length(const char *map, int hosts, char *why, size_t room);
/* Of a map that has a length: host_of[0 .. size-1], which begins again as often as it has to. */
void ipcr_rankmap_place(const char *map, int *host_of, int size);

#endif
