/* The plan of a job: which rank runs which program on which node, and all that an agent must know
 * to start its share. Made by the head (options.c, map.c), sent to every agent as LAUNCH. */
#ifndef IPCR_PLAN_H
#define IPCR_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "proto.h"
#include "util.h"

/* Parts of a machine. Some machines lack a kind above the core: there the whole host counts as one.
 */
enum ipcr_object {
    IPCR_OBJECT_HWTHREAD,
    IPCR_OBJECT_CORE,
    IPCR_OBJECT_L2,
    IPCR_OBJECT_L3,
    IPCR_OBJECT_NUMA,
    IPCR_OBJECT_PACKAGE,
    IPCR_OBJECTS
};

enum ipcr_bind { IPCR_BIND_AUTO, IPCR_BIND_NONE, IPCR_BIND_OBJECT, IPCR_BIND_LIST };

/* How the ranks of a host are to be bound. */
struct ipcr_bind_wish {
    int how;    /* enum ipcr_bind */
    int object; /* enum ipcr_object: each rank gets that */
    int width;  /* ... so many neighbours of them; 0: one */
    int map_by; /* enum ipcr_object: ranks are dealt to such objects; up to CORE: in their order */
    int block;  /* ... so many neighbours to each, and not in turns; 0: in turns */
    bool disjoint; /* an error if sets would overlap */
    bool report;   /* tell the head what was done */
    char *list;    /* CPUs of each rank of a host in turn, "0-1,2+4"; owned; NULL: none */
};

/* Which variables of the head's environment go to ranks. */
struct ipcr_env_pass {
    bool given;              /* false: all */
    bool all;                /* all, else those that are named */
    struct ipcr_words names; /* owned */
};

/* One ':' part of the command line. */
struct ipcr_app {
    struct ipcr_words argv;
    struct ipcr_words env;     /* "NAME=VALUE", set on top of the forwarded environment */
    struct ipcr_env_pass pass; /* at the head only */
    char *path;                /* where programs are looked for; NULL: PATH */
    char *wdir;                /* absolute */
    bool wdir_given;
    int count; /* ranks; -1: not said */
};

/* Ranks that run under another program: a debugger, a checker of memory. */
struct ipcr_debug {
    char *ranks;       /* ranks.h; NULL: none */
    char *command;     /* words to put in front of theirs; owned, like ranks */
    bool terminal;     /* each gets a pseudo-terminal, */
    int rows, columns; /* of this size */
};

enum { IPCR_STDIN_ALL = -1 };

struct ipcr_plan {
    int size, nodes, universe;
    int *node_of, *local_of, *app_of; /* [size] */
    struct ipcr_words hosts;          /* [nodes] names for people; only mine at an agent */
    struct ipcr_app *apps;
    int napps;
    int stdin_rank;        /* who reads the standard input; IPCR_STDIN_ALL: each gets a copy */
    struct ipcr_words env; /* what every rank gets: "NAME=VALUE" */
    struct ipcr_bind_wish bind;
    char **rank_cpus; /* [size] at the head only: of a rankfile, an item or NULL each; NULL: none */
    struct ipcr_debug debug;
    int gpus;   /* devices of each rank (gpus.h); 0: none are given out */
    bool stats; /* ranks keep a profile (runtime/profile.h), reported at the end */
    bool trace; /* ... and write down what they do, one by one */
    char id[16];
    uint8_t secret[IPCR_SECRET_LEN];
};

/* LAUNCH for one node. */
void ipcr_plan_put(struct ipcr_buf *b, const struct ipcr_plan *plan, int node);
/* The agent's copy; everything in it is owned by *plan. False if the message is malformed. */
bool ipcr_plan_get(struct ipcr_reader *r, struct ipcr_plan *plan, int *node);
void ipcr_plan_free(struct ipcr_plan *plan);

/* How the ranks of this node are to be bound: plan->bind, or as a rankfile says. What is returned
 * is part of *w, and to be freed after it; it may be NULL. */
char *ipcr_plan_bind(struct ipcr_bind_wish *w, const struct ipcr_plan *plan, int node);

/* Fills local_of from node_of. Both have plan->size entries. */
void ipcr_plan_number(struct ipcr_plan *plan);
/* The node of the rank that reads the standard input; -1: all do. */
int ipcr_plan_reader(const struct ipcr_plan *plan);
/* Number of ranks on a node. */
int ipcr_plan_ranks_on(const struct ipcr_plan *plan, int node);

#endif
