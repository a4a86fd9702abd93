/* From options to the plan: hosts, ranks, places, environment. A mistake that shows only here ends
 * ipcrun with a sentence, like one on the command line. */
#include "makeplan.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpus.h"
#include "environ.h"
#include "hostpick.h"
#include "map.h"
#include "rankfile.h"
#include "rankmap.h"
#include "reach.h"
#include "scheduler.h"

extern char **environ;

void ipcr_usage(const char *why)
{
    ipcr_say("%s", why);
    exit(IPCR_EXIT_USAGE);
}

/* Relative working directories are meant from here, on every host. */
static void fill_directories(struct ipcr_options *o)
{
    char cwd[PATH_MAX];
    if (!getcwd(cwd, sizeof cwd))
        ipcr_usage("the current directory does not exist any more");
    for (int i = 0; i < o->napps; i++) {
        struct ipcr_app *app = &o->apps[i];
        char *given = app->wdir;
        app->wdir_given = given != NULL;
        if (!given || given[0] != '/')
            app->wdir = given ? ipcr_format("%s/%s", cwd, given) : ipcr_copy(cwd);
        if (app->wdir != given)
            free(given);
    }
}

/* Inside a scheduler's job, hosts are its hosts. How they are reached may depend on that, too. */
static void take_allocation(struct ipcr_options *o, struct ipcr_head_setup *setup)
{
    struct ipcr_allocation a;
    struct ipcr_reach reach;
    char why[512];
    const char *wanted = o->scheduler ? o->scheduler : getenv("IPCRUN_SCHEDULER");
    if (!ipcr_scheduler_find(&a, wanted, why, sizeof why) ||
        !ipcr_scheduler_hosts(&a, &o->hosts, why, sizeof why) ||
        !ipcr_reach_choose(&reach, o->launcher, o->ssh, &a, why, sizeof why))
        ipcr_usage(why);
    if (a.by && !ipcr_scheduler_is_single(why, sizeof why)) {
        if (*why)
            ipcr_say("%s", why);
        exit(IPCR_EXIT_USAGE);
    }
    setup->way = reach.way;
    setup->ssh = reach.command;
    ipcr_allocation_free(&a);
}

/* Without hosts: this machine, with a slot for each core. */
static void fill_hosts(struct ipcr_options *o)
{
    char name[256] = "localhost";
    if (o->hosts.n == 0) {
        o->hosts.at = ipcr_alloc(sizeof *o->hosts.at);
        o->hosts.at[0] = (struct ipcr_host){
            .name = ipcr_copy("localhost"), .slots = ipcr_cpus_usable(), .local = true};
        o->hosts.n = 1;
    } else {
        ipcr_hosts_settle(&o->hosts);
    }
    if (o->no_local && !ipcr_hostpick_no_local(&o->hosts))
        ipcr_usage("--nolocal leaves no host to run on");
    ipcr_hostpick_order(&o->hosts, o->order_nodes);
    gethostname(name, sizeof name - 1);
    for (int i = 0; i < o->hosts.n; i++) {
        struct ipcr_host *h = &o->hosts.at[i];
        if (!h->local || (strcmp(h->name, "localhost") != 0 && strncmp(h->name, "127.", 4) != 0))
            continue;
        free(h->name);
        h->name = ipcr_copy(name);
    }
}

/* OpenMP would start a thread for each CPU that it sees, which are more where cores have several.
 */
static void set_thread_count(struct ipcr_plan *plan)
{
    static const char name[] = "OMP_NUM_THREADS";
    char count[16];
    snprintf(count, sizeof count, "%d", plan->bind.width);
    for (int i = 0; i < plan->napps; i++)
        if (!ipcr_environ_get(&plan->apps[i].env, &plan->env, name))
            ipcr_environ_set(&plan->apps[i].env, name, count);
}

/* A file as the ranks find it: they may be in other directories. */
static void set_file(struct ipcr_plan *plan, const char *name, const char *file)
{
    char cwd[PATH_MAX];
    if (file[0] != '/' && !getcwd(cwd, sizeof cwd))
        ipcr_usage("the current directory does not exist any more");
    char *path = file[0] == '/' ? ipcr_copy(file) : ipcr_format("%s/%s", cwd, file);
    ipcr_environ_set(&plan->env, name, path);
    free(path);
}

/* In a replay no sender is held back, since its receiver may come later than in the record. */
static void set_debugging(struct ipcr_plan *plan, const struct ipcr_options *o)
{
    char seed[32];
    if (o->check)
        ipcr_environ_set(&plan->env, "IPCRUN_CHECK", "2");
    if (o->record)
        set_file(plan, "IPCRUN_RECORD", o->record);
    if (o->replay) {
        set_file(plan, "IPCRUN_REPLAY", o->replay);
        ipcr_environ_set(&plan->env, "IPCRUN_UNEXPECTED", "-1");
    }
    if (o->chaos) {
        snprintf(seed, sizeof seed, "%ld", o->chaos);
        ipcr_environ_set(&plan->env, "IPCRUN_CHAOS", seed);
    }
}

/* What a rankfile says of hosts, before these are settled. */
static void read_rankfile(struct ipcr_options *o, struct ipcr_rankfile *f)
{
    char why[512];
    if (o->ppn || o->map_by_node || o->rank_by != IPCR_RANK_AS_MAPPED)
        ipcr_usage("--rankfile places the ranks, so nothing else can");
    if (!ipcr_rankfile_read(f, o->rankfile, why, sizeof why) ||
        (o->hosts.n == 0 && !ipcr_rankfile_add_hosts(f, &o->hosts, why, sizeof why)))
        ipcr_usage(why);
    if (o->napps == 1 && o->apps[0].count < 0)
        o->apps[0].count = f->n;
}

/* Objects of a kind on this machine, for which other hosts are taken, too. */
static int objects_here(int kind)
{
    struct ipcr_core *cores;
    int n = ipcr_cpus_cores(&cores), count = 0;
    for (int i = 0; i < n; i++) {
        bool seen = false;
        for (int k = 0; k < i; k++)
            seen |= cores[k].in[kind] == cores[i].in[kind];
        count += kind == IPCR_OBJECT_HWTHREAD ? CPU_COUNT(&cores[i].cpus) : !seen;
    }
    if (n == 0) /* without hwloc a CPU is a core, and the machine is one of anything larger */
        return kind <= IPCR_OBJECT_CORE ? ipcr_cpus_usable() : 1;
    free(cores);
    return count;
}

/* Ranks of the only program, if the user has not said how many. */
static int count_ranks(const struct ipcr_options *o)
{
    char why[512];
    long ranks = o->ppn ? (long)o->ppn * o->hosts.n : ipcr_hosts_slots(&o->hosts);
    if (!o->rankmap)
        return ranks > IPCR_RANKS_MAX ? IPCR_RANKS_MAX + 1 : (int)ranks;
    int length = ipcr_rankmap_length(o->rankmap, o->hosts.n, why, sizeof why);
    if (!length)
        ipcr_usage(why);
    return length;
}

static int *place_by_rankmap(const struct ipcr_plan *plan, const struct ipcr_options *o)
{
    char why[512];
    if (o->ppn || o->map_by_node || o->rank_by != IPCR_RANK_AS_MAPPED || o->rankfile)
        ipcr_usage("--rankmap places the ranks, so nothing else can");
    if (!ipcr_rankmap_length(o->rankmap, o->hosts.n, why, sizeof why))
        ipcr_usage(why);
    int *host_of = ipcr_alloc(sizeof *host_of * (size_t)plan->size);
    ipcr_rankmap_place(o->rankmap, host_of, plan->size);
    return host_of;
}

static void check_slots(const struct ipcr_plan *plan, const struct ipcr_options *o)
{
    char why[200];
    long slots = o->ppn ? (long)o->ppn * o->hosts.n : ipcr_hosts_slots(&o->hosts);
    if (!o->no_oversubscribe || plan->size <= slots)
        return;
    snprintf(why, sizeof why,
             "%d ranks are more than the %ld slots of the hosts (--nooversubscribe)", plan->size,
             slots);
    ipcr_usage(why);
}

/* And then of ranks; the plan takes the lists of CPUs. */
static int *place_by_rankfile(struct ipcr_plan *plan, const struct ipcr_hosts *hosts,
                              struct ipcr_rankfile *f)
{
    char why[512];
    if (plan->size > f->n)
        ipcr_usage("the rankfile has fewer lines than the job has ranks");
    int *host_of = ipcr_rankfile_place(f, hosts, why, sizeof why);
    if (!host_of)
        ipcr_usage(why);
    plan->rank_cpus = f->cpus;
    return host_of;
}

/* The plan takes the programs, and is told how many ranks there are. */
static void take_programs(struct ipcr_plan *plan, struct ipcr_options *o)
{
    long size = 0;
    plan->apps = o->apps;
    plan->napps = o->napps;
    o->apps = NULL;
    o->napps = 0;
    for (int i = 0; i < plan->napps; i++)
        size += plan->apps[i].count;
    if (size > IPCR_RANKS_MAX)
        ipcr_usage("the hosts have more slots than a job may have ranks: say how many with -n");
    plan->size = (int)size;
    check_slots(plan, o);
    if (o->stdin_rank >= plan->size)
        ipcr_usage("--stdin: there is no such rank in this job");
}

/* rankfile NULL: there is none. */
static void place(struct ipcr_plan *plan, const struct ipcr_options *o,
                  struct ipcr_rankfile *rankfile, int **node_host)
{
    struct ipcr_map_wish wish = {.ppn = o->ppn, .by_node = o->map_by_node};
    wish.dealt =
        o->rank_by == IPCR_RANK_AS_MAPPED ? o->map_by_node : o->rank_by == IPCR_RANK_BY_NODE;
    int *host_of = o->rankmap ? place_by_rankmap(plan, o)
                   : rankfile ? place_by_rankfile(plan, &o->hosts, rankfile)
                              : NULL;
    wish.host_of = host_of;
    ipcr_map(plan, &o->hosts, &wish, node_host);
    free(host_of);
    if (o->universe)
        plan->universe = o->universe;
}

static void set_environment(struct ipcr_plan *plan, const struct ipcr_options *o)
{
    ipcr_environ_forward(plan, environ, &o->pass, &o->genv);
    if (o->transport)
        ipcr_environ_set(&plan->env, "IPCRUN_TRANSPORT", o->transport);
    if (o->iface)
        ipcr_environ_set(&plan->env, "IPCRUN_IFACE", o->iface);
    if (o->ports)
        ipcr_environ_set(&plan->env, "IPCRUN_PORTS", o->ports);
    if (plan->bind.disjoint)
        set_thread_count(plan);
    set_debugging(plan, o);
}

void ipcr_makeplan(struct ipcr_plan *plan, struct ipcr_options *o, int **node_host,
                   struct ipcr_head_setup *setup)
{
    static struct ipcr_rankfile rankfile; /* lives as long as the plan, which has its CPUs */
    fill_directories(o);
    if (o->rankfile)
        read_rankfile(o, &rankfile);
    take_allocation(o, setup);
    fill_hosts(o);
    if (o->per)
        o->ppn *= objects_here(o->per - 1);
    if (o->napps == 1 && o->apps[0].count < 0)
        o->apps[0].count = count_ranks(o);
    take_programs(plan, o);
    plan->gpus = o->gpus;
    plan->stdin_rank = o->stdin_rank;
    plan->bind = o->bind;
    o->bind.list = NULL;
    plan->stats = o->stats;
    place(plan, o, o->rankfile ? &rankfile : NULL, node_host);
    set_environment(plan, o);
}
