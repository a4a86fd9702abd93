/* How Slurm writes many hosts and many numbers in a few letters. Pure parsers. */
#ifndef IPCR_NODELIST_H
#define IPCR_NODELIST_H

#include "util.h"

#define IPCR_NODELIST_MOST 65536 /* names that one list may stand for */

/* Adds the names of a list such as "n[1-3,07-09],gpu[1-2]x[0-1]" in the order in which Slurm counts
 * nodes: the last brackets turn first. "07" keeps its width. False with a sentence in `why`; names
 * may have been added. */
bool ipcr_nodelist_names(struct ipcr_words *names, const char *list, char *why, size_t room);

/* Reads n numbers, from 1 on, of a list such as "2(x3),1". False with a sentence in `why`: rubbish,
 * or not n of them. */
bool ipcr_nodelist_counts(int *counts, int n, const char *list, char *why, size_t room);

#endif
