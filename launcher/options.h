/* The command line of ipcrun. One table row per option; parsing and the help text come from it. */
#ifndef IPCR_OPTIONS_H
#define IPCR_OPTIONS_H

#include "compare.h"
#include "hosts.h"
#include "plan.h"

#define IPCR_RANKS_MAX 65536

struct ipcr_options {
    struct ipcr_app *apps; /* wdir NULL: not given */
    int napps;
    struct ipcr_hosts hosts; /* empty: this machine */
    int ppn;                 /* 0: not given */
    long timeout_ms;         /* 0: none */
    long hang_ms;            /* 0: hangs of some ranks are not reported */
    bool prefix, verbose, map, stats, help, version;
    int bind;              /* enum ipcr_bind */
    char *ssh, *transport; /* NULL: not given */
    struct ipcr_compare_asked compare;
};

/* Parses everything behind argv[0]. env is where a bare `--env NAME` finds its value. False with a
 * sentence in `why`; what was parsed so far must be freed all the same. With help, version
 * or compare.wanted set, there is no program. */
bool ipcr_options_parse(struct ipcr_options *o, char **argv, char **env, char *why, size_t room);
void ipcr_options_free(struct ipcr_options *o);

/* The options, a paragraph each, for --help. */
void ipcr_options_help(void);

#endif
