/* The environment of ranks: what is forwarded from the head, what is kept out of it, what is added
 * for each rank. */
#ifndef IPCR_ENVIRON_H
#define IPCR_ENVIRON_H

#include "plan.h"

struct ipcr_agent;
struct ipcr_app;

/* Fills plan->env and the programs' own with what goes on from `from`: without the variables by
 * which this or another launcher tells a process its rank (a job started inside a rank is a job of
 * its own), and by what `pass` or the program says. `set` goes to all. */
void ipcr_environ_forward(struct ipcr_plan *plan, char **from, const struct ipcr_env_pass *pass,
                          const struct ipcr_words *set);

/* Gives a name of the list another value, or the list another name. The same by "NAME=VALUE". */
void ipcr_environ_set(struct ipcr_words *to, const char *name, const char *value);
void ipcr_environ_put(struct ipcr_words *to, const char *entry);

/* Value of a name in the first of two lists that has it; NULL: in neither. */
const char *ipcr_environ_get(const struct ipcr_words *first, const struct ipcr_words *second,
                             const char *name);

enum { IPCR_RANK_OWN = 5 };

/* The environment of one program's ranks on a node, built once. */
struct ipcr_rank_env {
    char **at; /* NULL-terminated, its own variables first; all but `owned` and these belongs to the
                  plan */
    struct ipcr_words owned; /* the same for every rank */
    const struct ipcr_plan *plan;
    const struct ipcr_app *app;
};
void ipcr_environ_make(struct ipcr_rank_env *env, const struct ipcr_agent *a,
                       const struct ipcr_app *app, int boot_fd);
/* The same array with the rank's own numbers in it. */
char **ipcr_environ_for(struct ipcr_rank_env *env, int rank, int local_rank);
void ipcr_environ_free(struct ipcr_rank_env *env);

#endif
