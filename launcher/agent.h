/* The agent: one per host, between the head and the ranks. What its files share:
 *   agent.c   life of the agent: setup, messages of the head, end
 *   agent_profile.c, agent_trace.c  what the ranks write down for --stats and --trace
 *   start.c   starting the ranks;  find.c  finding their programs
 *   relay.c   output of the ranks to the head;  agent_feed.c  stdin from it
 *   tty.c     pseudo-terminals of ranks under a debugger
 *   agent_detour.c  data of the ranks to hosts that cannot be reached
 *   meet.c    control channels of the ranks: exchange, abort, finalize
 *   stuck.c   reads the status board: ranks that wait for one that will never answer
 *   quiet.c   tells the head while all ranks sleep in MPI calls
 *   reap.c    killing everything below this process;  guard.c  the process that watches the agent
 */
#ifndef IPCR_AGENT_H
#define IPCR_AGENT_H

#include <sys/resource.h>
#include <sys/types.h>

#include "chan.h"
#include "channels.h"
#include "plan.h"
#include "where.h"

struct ipcr_board;
struct ipcr_agent;
struct ipcr_detour;
struct ipcr_rank;
struct ipcr_sleeper;

/* One of stdout and stderr of a rank. */
struct ipcr_stream {
    struct ipcr_watch watch; /* fd -1: closed */
    struct ipcr_rank *rank;
    uint8_t number;       /* 1 or 2 */
    bool held;            /* not read because the head has enough for now */
    bool quiet;           /* the rank is gone and the pipe was found empty since */
    bool direct;          /* somebody types at it: nothing is held until its line is whole */
    struct ipcr_buf line; /* bytes read and not yet sent: no newline in them */
    int64_t flush_ms;     /* when an unfinished line is sent anyway; 0: nothing to send */
};

struct ipcr_rank {
    struct ipcr_agent *agent;
    struct ipcr_app *app;
    int rank, local;
    pid_t pid; /* 0: not running (any more) */
    struct ipcr_chan boot;
    struct ipcr_stream out[2];
    struct ipcr_watch feed; /* write end of its stdin; fd -1: none */
    size_t feed_at;         /* how much of agent->feed_data it has */
    struct ipcr_watch tty;  /* where what is typed for it goes (tty.h) */
    struct ipcr_buf typed;  /* ... and did not fit yet */
    bool has_tty;
    bool exited, joined, put;
    bool finalized;       /* said so, or its board row did */
    uint32_t names;       /* of its MPI functions, that the head knows (--trace) */
    struct ipcr_buf blob; /* contribution to the exchange under way */
    uint64_t caller;      /* address that `where` explains, 0: none yet */
    char where[IPCR_WHERE];
};

struct ipcr_agent {
    struct ipcr_chan head;
    struct ipcr_plan plan;
    int node;
    const char *host;
    bool local; /* on the head's host: rank 0 inherits the head's stdin */
    int cores;
    struct ipcr_rank *ranks;
    int nranks, alive, nput;
    bool started, ending, drained, joined, haste;
    int stdin_fd; /* what the rank that reads gets; -1: a pipe fed by the head */
    int seg_fd;
    char *dir;                      /* the job's directory; NULL: none was needed */
    struct ipcr_channels channels;  /* while ranks are being started */
    struct ipcr_binding *binding;   /* NULL: ranks are not bound */
    bool *debugged;                 /* [plan.size] under plan.debug.command; NULL: none */
    void *board;                    /* mapped rows of the segment */
    struct ipcr_profile **profiles; /* [nranks] mapped as well; NULL: none are kept */
    struct rlimit files;            /* the ranks' limit; the agent's own is raised */
    sigset_t signals;               /* the ranks' signal mask */
    bool sigpipe_default;
    uint8_t *leaving;       /* [plan.size] enum ipcr_leaving */
    int64_t *leaving_since; /* [plan.size] milliseconds of the monotonic clock */
    bool some_leave;
    uint32_t *quiet; /* [nranks] what the head was told: the wait's gen, 0 past MPI */
    bool quiet_told;
    int64_t window; /* bytes of output that the head still takes */
    struct ipcr_watch guard;
    struct ipcr_timer kill_timer, flush_timer, stuck_timer;
    struct ipcr_timer trace_timer;
    int64_t trace_ms;                /* from one look at the rings to the next */
    struct ipcr_timer silence_timer; /* between hosts: moved by every ping */
    struct ipcr_timer haste_timer;   /* an interrupted job drops output that nobody reads */
    struct ipcr_buf feed_data;       /* of stdin, and not in the pipes of all who read it yet */
    bool feed_eof;                   /* no more of it comes, or is wanted */
    struct ipcr_detour *detours;     /* streams with ranks of hosts that cannot be reached */
    uint32_t calls;                  /* from here, so far */
    bool detoured;                   /* there was one: messages may be long under way */
};

struct ipcr_agent_setup {
    int in_fd, out_fd; /* control channel */
    int stdin_fd;      /* for the rank that reads, if it is here; -1: the head sends it */
    bool local;
    const sigset_t *signals;    /* mask for the ranks */
    const struct rlimit *files; /* limit for the ranks */
    bool sigpipe_default;       /* disposition for the ranks */
};

/* Becomes the agent (and, in a process of its own, its guard): does not return. */
_Noreturn void ipcr_agent_main(const struct ipcr_agent_setup *setup);

/* start.c: starts the ranks of this node; false: told the head why not. */
bool ipcr_start_ranks(struct ipcr_agent *a);
/* Tells the head that nothing can be started here. Always false. */
bool ipcr_start_refuse(struct ipcr_agent *a, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* relay.c */
void ipcr_relay_open(struct ipcr_stream *s, struct ipcr_rank *r, int number, int fd);
void ipcr_relay_credit(struct ipcr_agent *a, uint32_t bytes);
/* The rank is gone: send what it left behind; quiet streams tell agent.c. */
void ipcr_relay_last_words(struct ipcr_rank *r);
void ipcr_relay_close(struct ipcr_stream *s);
bool ipcr_relay_drained(const struct ipcr_agent *a);

/* agent_feed.c: stdin from the head, for the ranks that were opened. An empty piece is the end. */
void ipcr_feed_open(struct ipcr_rank *r, int fd);
void ipcr_feed(struct ipcr_agent *a, const void *bytes, size_t n);

/* meet.c */
int ipcr_meet_open(struct ipcr_rank *r, int fd);
void ipcr_meet_welcome(struct ipcr_rank *r);
void ipcr_meet_table(struct ipcr_agent *a, const uint8_t *body, size_t n);

/* stuck.c: looks at the board twice a second while ranks run. */
void ipcr_stuck_watch(struct ipcr_agent *a);
/* The head knows of ranks elsewhere that have left or are leaving MPI. */
void ipcr_stuck_leaving(struct ipcr_agent *a, struct ipcr_reader *r);
/* Phase of a rank: from the board, and from what the agent itself knows. */
int ipcr_stuck_phase(const struct ipcr_rank *r);

/* quiet.c: tells the head when all ranks of this node have come to rest, and when not any more. */
void ipcr_quiet_look(struct ipcr_agent *a);
/* Answers whether they have rested ever since it was told. */
void ipcr_quiet_confirm(struct ipcr_agent *a, uint32_t round);

/* Tells what the ranks do now. */
void ipcr_quiet_show(struct ipcr_agent *a);

/* activity.c: adds what the rank has done so far. */
void ipcr_activity(const struct ipcr_rank *r, struct ipcr_sleeper *s);

/* agent_profile.c: has the ranks keep a profile; before they start. 0 or a negative errno. */
int ipcr_agent_profile_open(struct ipcr_agent *a);
/* The rank is gone: tells the head what it has left. */
void ipcr_agent_profile_tell(const struct ipcr_rank *r);

/* agent_trace.c: passes on what ranks do, as long as they run, */
void ipcr_agent_trace_watch(struct ipcr_agent *a);
/* and the rest of it when one is gone. */
void ipcr_agent_trace_end(struct ipcr_rank *r);
/* The head asks what time it is here. */
void ipcr_agent_trace_clock(struct ipcr_agent *a, struct ipcr_reader *r);

/* agent.c: looks whether everything was said and done. */
void ipcr_agent_check_drained(struct ipcr_agent *a);

/* reap.c: sends sig to every descendant of this process, whoever its parent is now. */
void ipcr_reap_signal(int sig);
/* Kills every descendant until none is left (at most a few seconds: a process in an
 * uninterruptible state may outlive this). The caller is a child subreaper. */
void ipcr_reap_all(void);
/* Kills what carries the job's name on this host, whoever is above it; for a host where agent and
 * guard are gone. An agent that lives on, having lost guard or head, ends its ranks in order: as
 * long as it may take for that, it is left alone. Waits until nothing is left, a few seconds at
 * most. */
void ipcr_reap_job(const char *id, pid_t agent);

/* guard.c: splits into guard (does not return) and agent. Returns a descriptor that becomes
 * readable when the guard is gone, or a negative errno. */
int ipcr_guard_split(const int *close_in_guard, int n);
/* A directory that the guard is to remove when the agent is gone (jobdir.h). */
void ipcr_guard_tell_dir(const char *path);

#endif
