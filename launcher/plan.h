/* The plan of a job: which rank runs which program on which node, and all that an agent must know
 * to start its share. Made by the head (options.c, map.c), sent to every agent as LAUNCH. */
#ifndef IPCR_PLAN_H
#define IPCR_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "proto.h"
#include "util.h"

enum ipcr_bind { IPCR_BIND_AUTO, IPCR_BIND_NONE, IPCR_BIND_CORE };

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
    char *wdir;                /* absolute */
    bool wdir_given;
    int count; /* ranks; -1: not said */
};

struct ipcr_plan {
    int size, nodes, universe;
    int *node_of, *local_of, *app_of; /* [size] */
    struct ipcr_words hosts;          /* [nodes] names for people; only mine at an agent */
    struct ipcr_app *apps;
    int napps;
    struct ipcr_words env; /* what every rank gets: "NAME=VALUE" */
    int bind;              /* enum ipcr_bind */
    bool stats;            /* report the counters of the status board at the end */
    char id[16];
    uint8_t secret[IPCR_SECRET_LEN];
};

/* LAUNCH for one node. */
void ipcr_plan_put(struct ipcr_buf *b, const struct ipcr_plan *plan, int node);
/* The agent's copy; everything in it is owned by *plan. False if the message is malformed. */
bool ipcr_plan_get(struct ipcr_reader *r, struct ipcr_plan *plan, int *node);
void ipcr_plan_free(struct ipcr_plan *plan);

/* Fills local_of from node_of. Both have plan->size entries. */
void ipcr_plan_number(struct ipcr_plan *plan);
/* Number of ranks on a node. */
int ipcr_plan_ranks_on(const struct ipcr_plan *plan, int node);

#endif
