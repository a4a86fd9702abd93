/* The head: the ipcrun that the user started. It starts the agents, passes messages, input, output
 * and signals on, and decides how the job ended. What its files share:
 *   head.c    the job as a whole: messages of the agents, signals, end
 *   nodes.c   starting the agents, and what goes wrong with that
 *   detour.c  data between hosts that cannot reach each other
 *   gather.c  exchange between the ranks of several nodes, ranks that leave MPI, counters,
 *             findings
 *   hang.c    all ranks asleep: is it a deadlock? hang_show.c: what do they do?
 *   visit.c   other ipcruns that ask what the job does
 *   console.c the terminal of debuggers
 *   feed.c    stdin for a rank on another host, or for all */
#ifndef IPCR_HEAD_H
#define IPCR_HEAD_H

#include <signal.h>
#include <sys/resource.h>

#include "chan.h"
#include "plan.h"
#include "spawn.h"
#include "stats.h"
#include "trace.h"
#include "verdict.h"

struct ipcr_node {
    struct ipcr_chan chan;
    int index;
    bool local;
    const char *host; /* for people */
    struct ipcr_remote remote;
    pid_t pid;             /* agent's guard or ssh; 0: not started, or reaped */
    int wait_status;       /* of pid, when it was reaped */
    pid_t agent;           /* as the agent said; on its own host */
    struct ipcr_watch err; /* ssh's stderr; fd -1: closed or none */
    struct ipcr_buf err_text;
    struct ipcr_timer timer; /* until READY: patience with this host */
    bool started, ready;     /* not started either: about to be tried again */
    bool said;               /* that it is tried again and again */
    int tries;               /* that failed */
    int64_t began_ms;        /* the first one */
    bool drained;            /* nothing will come from its ranks any more */
    bool lost;               /* its channel is closed */
    bool swept;              /* ... and what is left there was, or is being, looked for */
    bool quiet;              /* all its ranks sleep in MPI calls, or are past MPI */
    int64_t heard_ms;        /* last message */
    bool fed;                /* stdin goes there, */
    size_t feeding;          /* and so many bytes of it are under way */
    uint32_t owed;           /* bytes of output written and not yet given back as credit */
};

struct ipcr_head {
    struct ipcr_plan plan;
    struct ipcr_node *nodes;
    struct ipcr_verdict verdict;
    struct ipcr_exit *exits; /* [size]; pid 0: has not ended */
    bool verbose;
    bool keep_going;          /* the failure of a rank is no end for the others */
    bool exit_codes;          /* how each rank ended is told at the end */
    bool *shown;              /* [size] whose output is; NULL: that of all */
    bool merge;               /* what ranks write to stderr goes to stdout */
    int tags;                 /* enum ipcr_sink_tag */
    long timeout_ms, hang_ms; /* 0: none */
    long grace_ms;            /* -1: not said */
    long wait_hosts_ms;       /* for hosts that cannot be reached yet */
    bool ending;              /* ranks were told to end */
    bool spared;              /* ... but not those in MPI_Finalize */
    bool finishing;           /* all ranks are gone: taking things down */
    bool joined;              /* some rank waits for all others in MPI_Init */
    int user_signal;          /* the one that ends the job, 0: none */
    int user_signals;         /* how many came */
    struct ipcr_timer timeout, give_up;
    /* the exchange under way */
    struct ipcr_buf *blobs; /* [size] */
    int nblobs;
    int findings; /* of --check */
    /* for --stats */
    struct ipcr_words *counts; /* [size] lines */
    struct ipcr_stats stats;
    FILE *stats_page; /* NULL: none is wanted */
    struct ipcr_trace trace;
};

extern struct ipcr_head ipcr_head;

struct ipcr_head_setup {
    const char *exe;
    const struct ipcr_spawn_way *way; /* how agents are started on other hosts */
    char *ssh;                        /* instead of the way's program; owned; NULL: nothing */
    const bool *local;                /* by node */
    bool *debugged;                   /* by rank; NULL: none */
    sigset_t signals;                 /* mask that ranks get */
    struct rlimit files;
    bool sigpipe_default;
};

/* Runs the job of ipcr_head.plan to its end; the exit status. */
int ipcr_head_run(const struct ipcr_head_setup *setup);

/* head.c */
/* Ends the ranks everywhere: signal now, SIGKILL after the grace. */
void ipcr_head_end(int sig, unsigned grace_ms);
/* A failure that is not a rank's: first one counts. Ends the job. */
void ipcr_head_fail(int status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A message from an agent. */
void ipcr_head_frame(struct ipcr_chan *c, uint16_t type, struct ipcr_reader *r);
/* Looks whether the job is over. */
void ipcr_head_check(void);

/* nodes.c */
void ipcr_nodes_make(const struct ipcr_head_setup *setup);
/* Forks the local agent, if a node is local. Must come before the loop and anything else opens. */
void ipcr_nodes_start_local(const struct ipcr_head_setup *setup);
/* Opens the local channel, begins to start the others. */
void ipcr_nodes_start(void);
void ipcr_nodes_ready(struct ipcr_node *n, struct ipcr_reader *r);
void ipcr_nodes_child(pid_t pid, int wait_status);
/* Gives up those that are not connected yet. */
void ipcr_nodes_abandon(void);

/* gather.c */
void ipcr_gather_blobs(struct ipcr_reader *r);
void ipcr_gather_leaving(const struct ipcr_node *from, struct ipcr_reader *r);
void ipcr_gather_counts(struct ipcr_reader *r);
/* What --stats shows at the end. */
void ipcr_gather_show(void);
/* What --check has found is shown at once. */
void ipcr_gather_finding(struct ipcr_reader *r);

/* feed.c: stdin goes to this node from now on; */
void ipcr_feed_start(struct ipcr_node *to);
/* or to all, as soon as each is ready, which is told one by one. */
void ipcr_feed_all(void);
void ipcr_feed_all_ready(void);
/* What the node's ranks have of it; they want no more. */
void ipcr_feed_taken(struct ipcr_node *n, uint32_t bytes);
void ipcr_feed_shut(struct ipcr_node *n);
void ipcr_feed_stop(void);

#endif
