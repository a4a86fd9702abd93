/* The command line of ipcrun. One table row per option (optable.h); parsing and help come from it.
 */
#ifndef IPCR_OPTIONS_H
#define IPCR_OPTIONS_H

#include "compare.h"
#include "hosts.h"
#include "look.h"
#include "plan.h"

#define IPCR_RANKS_MAX 65536

enum ipcr_rank_by { IPCR_RANK_AS_MAPPED, IPCR_RANK_BY_SLOT, IPCR_RANK_BY_NODE };

enum ipcr_tell {
    IPCR_TELL_NOTHING,
    IPCR_TELL_HELP,
    IPCR_TELL_VERSION,
    IPCR_TELL_SETTINGS,
    IPCR_TELL_INFO,
    IPCR_TELL_COMPLETION
};

struct ipcr_options {
    struct ipcr_app *apps; /* wdir NULL: not given */
    int napps;
    struct ipcr_hosts hosts; /* empty: this machine */
    int ppn;                 /* 0: not given */
    int per;         /* 1 + enum ipcr_object: so many on each such object; 0: on each host */
    long timeout_ms; /* 0: none */
    long grace_ms;   /* -1: not given */
    long wait_hosts_ms;
    long hang_ms; /* 0: hangs of some ranks are not reported */
    bool prefix, timestamps, merge, no_stdin, output_json, keep_going, exit_codes;
    char *pattern, *output_from; /* in front of lines; whose output is shown; NULL: not given */
    int stdin_rank;
    bool out_dir_alone;
    char *out_dir, *out_pattern[2]; /* files for output (outfile.h); NULL: none */
    bool verbose, map, display_map, stats, check;
    int tell;         /* enum ipcr_tell: instead of running anything */
    bool map_by_node; /* ranks are dealt to the hosts in turns */
    int rank_by;      /* enum ipcr_rank_by */
    int universe;     /* 0: not given */
    int order_nodes;  /* by their slots: 1 fewest first, -1 most first, 0: as they are */
    bool no_local, no_oversubscribe;
    int gpus; /* for each rank; 0: not given */
    struct ipcr_bind_wish bind;
    char *rankfile, *rankmap; /* NULL: none */
    char *report_pid;         /* NULL: not given */
    char *gdb, *valgrind;     /* ranks to run under them (ranks.h); NULL: none */
    char *ssh, *transport;    /* NULL: not given */
    char *launcher;           /* how agents are started; NULL: not given */
    char *scheduler;          /* whose allocation counts; NULL: not given */
    char *iface, *ports;      /* NULL: not given */
    char *stats_page, *trace; /* NULL: none */
    char *record, *replay;
    long chaos;                /* seed, 0: none */
    char *help_group;          /* NULL: all */
    struct ipcr_env_pass pass; /* of the environment, to all programs that do not say themselves */
    struct ipcr_words genv;    /* "NAME=VALUE", set for all */
    struct ipcr_words file;    /* words of a file of programs */
    struct ipcr_words foreign; /* options that tune other implementations, once each */
    struct ipcr_compare_asked compare;
    struct ipcr_look_asked look;
};

/* Parses everything behind argv[0]. env is where a bare `--env NAME` finds its value. False with a
 * sentence in `why`; what was parsed so far must be freed all the same. With tell,
 * compare.wanted or look.what set, there is no program. */
bool ipcr_options_parse(struct ipcr_options *o, char **argv, char **env, char *why, size_t room);
void ipcr_options_free(struct ipcr_options *o);

#endif
