/* Binding the ranks of a node to CPUs.
 *   bind.c       choosing, and claims against other jobs
 *   bindplace.c  which CPUs, as arithmetic
 *   bindshow.c   a picture of it */
#ifndef IPCR_BIND_H
#define IPCR_BIND_H

#include <sched.h>

#include "cpus.h"
#include "plan.h"

struct ipcr_binding; /* CPU sets of the local ranks, and the claims on their cores */

/* Chooses CPUs for n ranks of this node. IPCR_BIND_AUTO binds only if every rank can have a core of
 * its own that no other job of ipcrun has bound ranks to; each rank gets an equal share of
 * neighbouring cores, so that its threads have room. Parts of the machine are given in turn when
 * there are too few, and those first that no other job has bound ranks to. *to NULL: not bound.
 * `usable`: ipcr_cpus_usable(). Sets never go beyond the affinity mask. False with a sentence: the
 * wish cannot be granted here. */
bool ipcr_bind_choose(struct ipcr_binding **to, const struct ipcr_bind_wish *wish, int n,
                      int usable, char *why, size_t room);
/* CPUs of a local rank; NULL: not bound. */
const cpu_set_t *ipcr_bind_cpus(const struct ipcr_binding *b, int local);
/* Gives the claims back, too: keep it as long as the ranks run. */
void ipcr_bind_free(struct ipcr_binding *b);

/* Pure: fills sets[n] from the cores, by wish->how AUTO or OBJECT. Every core has a CPU. */
void ipcr_bind_place(const struct ipcr_bind_wish *wish, int n, const struct ipcr_core *cores,
                     int ncores, cpu_set_t *sets);

/* Pure: the CPUs of item number `item` of a list like "0-1,2+4"; *items: how many it has. False: it
 * is no such list. */
bool ipcr_bind_item(const char *list, int item, cpu_set_t *set, int *items);

/* A picture of this host and the ranks on it: rank[i] is the i-th local one's number. To be freed.
 */
char *ipcr_bind_draw(const char *host, const struct ipcr_binding *b, const int *rank, int n);
/* "0-3,8": to room bytes of `to`. */
void ipcr_bind_text(char *to, size_t room, const cpu_set_t *set);

#endif
