/* The options of ipcrun, under their names in any launcher. */
#include "optable.h"

#include <stdio.h>
#include <string.h>

#include "util.h"

#define START   "start"
#define HOSTS   "hosts"
#define PLACE   "placement"
#define ENVIRON "environment"
#define OUTPUT  "output"
#define END     "end"
#define MEASURE "measuring"
#define LOOK    "looking"
#define DEBUG   "debugging"
#define OTHER   "other"

static const struct {
    const char *name, *text;
} groups[] = {
    {START, "what to run"},
    {HOSTS, "which hosts, and how they are reached"},
    {PLACE, "where ranks run"},
    {ENVIRON, "what ranks find in their environment"},
    {OUTPUT, "input and output"},
    {END, "end of a job, and what it waits for"},
    {MEASURE, "transports, and what they cost"},
    {LOOK, "jobs that run, seen from another terminal"},
    {DEBUG, "runs that can be repeated"},
    {OTHER, "the rest"},
};

/* clang-format off: a row is easier to read as one paragraph */
static const struct ipcr_option_row rows[] = {
    {OPT_N,
     START,
     {"-n", "-np", "-c"},
     1,
     "N",
     "ranks of this program. Without it: as many as the hosts have slots, or as this machine "
     "has usable cores."},
    {OPT_WDIR,
     START,
     {"--wdir", "-wd"},
     1,
     "DIR",
     "working directory of the ranks of this program, on every host (default: the current one)."},
    {OPT_CONFIG,
     START,
     {"--configfile", "--app"},
     1,
     "FILE",
     "read the rest of the command line from a file, one program with its options on each line; "
     "# begins a comment."},
    {OPT_USIZE,
     START,
     {"--usize"},
     1,
     "N",
     "the universe size that programs see (MPI_UNIVERSE_SIZE). Without it, or with SYSTEM: the "
     "slots of all hosts."},

    {OPT_HOSTS,
     HOSTS,
     {"-H", "--hosts", "--host"},
     1,
     "LIST",
     "hosts to run on: NAME[:SLOTS],... A host has one slot unless a number is given; user@NAME "
     "works."},
    {OPT_HOSTFILE,
     HOSTS,
     {"-f", "--hostfile", "--machinefile"},
     1,
     "FILE",
     "hosts from a file: lines NAME, NAME:SLOTS or NAME slots=N; # begins a comment."},
    {OPT_PPN,
     PLACE,
     {"-ppn", "-N", "--npernode", "--perhost"},
     1,
     "N",
     "ranks per host, instead of its slots."},
    {OPT_PER_NODE, PLACE, {"--pernode"}, 0, NULL, NULL},
    {OPT_MAP_BY,
     PLACE,
     {"--map-by"},
     1,
     "slot|node|core|hwthread|socket|package|numa|l3|l2|ppr:N:OBJECT",
     "fill the slots of a host before those of the next (slot), deal ranks to the hosts in turns "
     "(node), or within a host to sockets, NUMA nodes or caches; or put N on each host (ppr:N:node) "
     "or such an object, of which each host is taken to have as many as this one. A suffix :PE=N is "
     "--cpus-per-rank N."},
    {OPT_RANK_BY,
     PLACE,
     {"--rank-by"},
     1,
     "slot|node",
     "number the ranks host by host, or in turns. Without it: as they are mapped."},
    {OPT_BY_NODE, PLACE, {"--bynode"}, 0, NULL, NULL},
    {OPT_BIND,
     PLACE,
     {"--bind-to"},
     1,
     "none|core|hwthread|socket|package|numa|l3|l2",
     "bind each rank to such a part of its host, or to N of them (core:N), or to CPUs of a list "
     "(user:0-1,2+4). Without it: an equal share of the cores each, if every rank can have a core "
     "of its own."},
    {OPT_CPU_LIST,
     PLACE,
     {"--cpu-list", "--cpu-set"},
     1,
     "CPUS",
     "bind the ranks of a host in turn to the items of this list, such as 0,2 or 0-1,2+4."},
    {OPT_CPUS_PER_RANK,
     PLACE,
     {"--cpus-per-rank", "--cpus-per-proc"},
     1,
     "N",
     "bind each rank to N cores that no other rank has, for its threads; OMP_NUM_THREADS is N "
     "unless it is set."},
    {OPT_RANKFILE,
     PLACE,
     {"--rankfile", "-rf"},
     1,
     "FILE",
     "host and CPUs of each rank from a file: lines 'rank N=HOST slot=CPUS'."},
    {OPT_RANKMAP,
     PLACE,
     {"--rankmap"},
     1,
     "MAP",
     "host of each rank by the hosts' numbers: 0,0,1,1, or blocks (FIRST,HOSTS,RANKS) of so many "
     "ranks on each of so many hosts; again and again, until all ranks have one."},
    {OPT_ORDER_NODES,
     HOSTS,
     {"--order-nodes"},
     1,
     "UP|DOWN",
     "take the hosts with the fewest slots first, or those with the most."},
    {OPT_NO_LOCAL,
     HOSTS,
     {"--nolocal", "--skip-launch-node"},
     0,
     NULL,
     "run no rank on the host of ipcrun."},
    {OPT_NO_OVERSUBSCRIBE,
     PLACE,
     {"--nooversubscribe"},
     0,
     NULL,
     "refuse more ranks than the hosts have slots."},
    {OPT_REPORT_BINDINGS,
     PLACE,
     {"--report-bindings"},
     0,
     NULL,
     "draw each host with the ranks on its cores (to stderr; with --map: this one)."},
    {OPT_MAP,
     PLACE,
     {"--map"},
     0,
     NULL,
     "show ranks, hosts, cores and the transport of each pair, and start nothing."},
    {OPT_DISPLAY_MAP, PLACE, {"--display-map"}, 0, NULL, "show the same, and run."},
    {OPT_SSH,
     HOSTS,
     {"--ssh", "--launcher-exec", "--rsh", "--bootstrap-exec"},
     1,
     "COMMAND",
     "what to use instead of ssh, options included, such as 'ssh -p 2222 -i key' (or set "
     "IPCRUN_SSH)."},
    {OPT_LAUNCHER,
     HOSTS,
     {"--launcher", "--bootstrap"},
     1,
     "auto|ssh|rsh|slurm|lsf|sge",
     "how other hosts are reached (or set IPCRUN_LAUNCHER). auto: by the scheduler's own program, "
     "such as srun, in a job of it; else by ssh."},
    {OPT_SCHEDULER,
     HOSTS,
     {"--scheduler", "--rmk"},
     1,
     "auto|none|slurm|pbs|lsf|sge|hostfile",
     "whose job this is: without -H or -f, its hosts and slots are taken (or set IPCRUN_SCHEDULER). "
     "auto: the one that is found in the environment; none: only what the command line says."},

    {OPT_PATH,
     START,
     {"--path"},
     1,
     "DIR[:DIR...]",
     "where to look for the program, instead of PATH."},

    {OPT_GPUS,
     ENVIRON,
     {"--gpus-per-rank", "--gpus-per-proc", "-g"},
     1,
     "N",
     "give each rank of a host N devices of its own: CUDA_VISIBLE_DEVICES, ROCR_VISIBLE_DEVICES and "
     "ZE_AFFINITY_MASK name them, out of those that are named already."},
    {OPT_ENV,
     ENVIRON,
     {"--env", "-x"},
     1,
     "NAME[=VALUE]",
     "set a variable for the ranks of this program; also -env NAME VALUE. The whole environment "
     "is passed on anyway, to all hosts."},
    {OPT_ENV_LIST,
     ENVIRON,
     {"--envlist"},
     1,
     "NAME,...",
     "of the environment, pass only these variables on to the ranks of this program."},
    {OPT_ENV_NONE, ENVIRON, {"--envnone"}, 0, NULL, "none of them."},
    {OPT_ENV_ALL, ENVIRON, {"--envall"}, 0, NULL, NULL},
    {OPT_GENV, ENVIRON, {"--genv"}, 2, "NAME VALUE", "set a variable for all ranks."},
    {OPT_GENV_LIST,
     ENVIRON,
     {"--genvlist"},
     1,
     "NAME,...",
     "of the environment, pass only these variables on to all ranks."},
    {OPT_GENV_NONE, ENVIRON, {"--genvnone"}, 0, NULL, "none of them."},
    {OPT_GENV_ALL, ENVIRON, {"--genvall"}, 0, NULL, NULL},

    {OPT_PREFIX,
     OUTPUT,
     {"-l", "--prefix-output", "--tag-output", "--prepend-rank"},
     0,
     NULL,
     "write [RANK] in front of every line of output."},
    {OPT_PATTERN,
     OUTPUT,
     {"--prepend-pattern"},
     1,
     "TEXT",
     "write this in front of every line of output: %r is the rank, %h its host, %p the host's "
     "number, %t the time in seconds, %g the job's number, 0."},
    {OPT_OUTPUT_FROM,
     OUTPUT,
     {"--output-from"},
     1,
     "RANKS",
     "show the output of these ranks alone (such as 0 or 0,2-3)."},
    {OPT_TIMESTAMP,
     OUTPUT,
     {"--timestamp-output"},
     0,
     NULL,
     "write the time in front of every line of output."},
    {OPT_MERGE,
     OUTPUT,
     {"--merge-stderr-to-stdout"},
     0,
     NULL,
     "what ranks write to stderr goes to stdout, too."},
    {OPT_STDIN,
     OUTPUT,
     {"--stdin"},
     1,
     "RANK|all|none",
     "who reads the standard input: rank 0 without this option, another rank, all of them (each gets "
     "a copy), or nobody."},

    {OPT_OUTPUT,
     OUTPUT,
     {"--output"},
     1,
     "json|tag|timestamp|merge|dir=DIR",
     "json: an object for each line, to stdout; the others are the options beside this one. "
     "Several with commas between."},
    {OPT_OUT_DIR,
     OUTPUT,
     {"--output-filename"},
     1,
     "DIR",
     "write the output of rank N to DIR/1/rank.N/stdout and stderr, and to the terminal as well."},
    {OPT_OUT_PATTERN,
     OUTPUT,
     {"--outfile-pattern", "--outfile"},
     1,
     "FILE",
     "write stdout to files instead; in the name %r is the rank, %h its host, %p the host's "
     "number, %t the time in seconds."},
    {OPT_ERR_PATTERN,
     OUTPUT,
     {"--errfile-pattern", "--errfile"},
     1,
     "FILE",
     "the same for stderr."},

    {OPT_TIMEOUT,
     END,
     {"--timeout"},
     1,
     "SECONDS",
     "end the job after this time, with exit status 124 (or set MPIEXEC_TIMEOUT), and say where "
     "each rank was."},
    {OPT_GRACE,
     END,
     {"--grace"},
     1,
     "SECONDS",
     "what ranks have between a signal to end (or --timeout) and SIGKILL: 5 (1) without this "
     "option."},
    {OPT_KEEP_GOING,
     END,
     {"--keep-going", "--disable-auto-cleanup", "--enable-recovery", "--continuous"},
     0,
     NULL,
     "when a rank fails, let the others go on. The exit status is still that of the first failure."},
    {OPT_EXIT_CODES,
     END,
     {"--print-all-exitcodes"},
     0,
     NULL,
     "at the end, say how each rank ended."},
    {OPT_HANG_REPORT,
     END,
     {"--hang-report"},
     1,
     "SECONDS",
     "when a rank has waited for so long in one MPI call, say what all ranks do; the job goes on."},
    {OPT_CHECK,
     END,
     {"--check"},
     0,
     NULL,
     "look for mistakes while the program runs: wrong types, buffers changed too early, collectives "
     "that differ, races, what is never freed or received. Exit status 3 if there are any."},

    {OPT_GDB,
     DEBUG,
     {"--gdb"},
     1,
     "RANKS",
     "run these ranks (such as 0 or 0,2-3) under gdb, each with a terminal of its own; Ctrl-] "
     "hands the keyboard to the next one."},
    {OPT_VALGRIND,
     DEBUG,
     {"--valgrind"},
     0,
     "[=RANKS]",
     "run these ranks, or all, under valgrind."},

    {OPT_TRANSPORT,
     MEASURE,
     {"--transport"},
     1,
     "LIST",
     "how ranks talk: names by preference, such as tcp or unix,tcp; node=LIST or remote=LIST for "
     "ranks of one host, or of different hosts, alone. Default: shm, then tcp."},
    {OPT_WAIT_HOSTS,
     HOSTS,
     {"--wait-hosts"},
     1,
     "SECONDS",
     "how long to try again while a host refuses connections or its name is not known yet "
     "(default: 60)."},
    {OPT_IFACE,
     HOSTS,
     {"--iface"},
     1,
     "NAME[,NAME]",
     "between hosts, use only these network interfaces. Without it all are tried, and what works "
     "is used."},
    {OPT_PORTS,
     HOSTS,
     {"--ports"},
     1,
     "A-B",
     "between hosts, let ranks listen on these ports only, where a firewall leaves a range open. "
     "One for each rank of a host is needed."},
    {OPT_STATS,
     MEASURE,
     {"--stats"},
     0,
     "[=FILE]",
     "at the end, show where each rank spent its time in MPI, what it waited for and what it sent "
     "by which transport; with FILE, write a page with pictures there, too."},
    {OPT_TRACE,
     MEASURE,
     {"--trace"},
     1,
     "FILE",
     "write down there what each rank does and when, message by message: a timeline that Perfetto "
     "(ui.perfetto.dev) and chrome://tracing open."},
    {OPT_COMPARE,
     MEASURE,
     {"--compare-ipc"},
     0,
     "[=LIST]",
     "measure what each transport (or each of LIST) costs on this machine, in about a minute; "
     "runs no program."},
    {OPT_QUICK,
     MEASURE,
     {"--quick"},
     0,
     NULL,
     "with --compare-ipc: fewer sizes, in a few seconds."},
    {OPT_JSON,
     MEASURE,
     {"--json"},
     1,
     "FILE",
     "with --compare-ipc: write all figures there (-: to stdout)."},
    {OPT_HTML,
     MEASURE,
     {"--html"},
     1,
     "FILE",
     "with --compare-ipc: write a page with curves there."},

    {OPT_STATUS,
     LOOK,
     {"--status"},
     0,
     "[=JOB]",
     "say what the ranks of a running job do, each in which call and since when; JOB (also as a "
     "word of its own) is the pid of its ipcrun. Without it: of the one job that runs, or a line "
     "for each."},
    {OPT_FOLLOW,
     LOOK,
     {"--follow"},
     0,
     "[=SECONDS]",
     "with --status: say it again every second, until the job ends."},
    {OPT_TOP,
     LOOK,
     {"--top"},
     0,
     "[=JOB]",
     "the same as a live picture on this terminal: what each rank does, how much of the time it "
     "waits, CPU, messages and bytes a second; q leaves it."},

    {OPT_CHAOS,
     DEBUG,
     {"--chaos"},
     1,
     "SEED",
     "delay and reorder all that MPI lets happen in any order, to bring races out; SEED is a number "
     "from 1 on, and another one is another run."},
    {OPT_RECORD,
     DEBUG,
     {"--record"},
     1,
     "FILE",
     "write down the order in which wildcards met their messages and requests were complete, to "
     "FILE.0, FILE.1 and so on, one for each rank."},
    {OPT_REPLAY,
     DEBUG,
     {"--replay"},
     1,
     "FILE",
     "run in the order that was recorded; a program that goes another way ends the job."},

    {OPT_REPORT_PID,
     OTHER,
     {"--report-pid"},
     1,
     "FILE",
     "write the process number of ipcrun there (-: to stdout, +: to stderr)."},
    {OPT_VERBOSE, OTHER, {"-v", "--verbose"}, 0, NULL, "say what is started where."},
    {OPT_SETTINGS,
     OTHER,
     {"--settings"},
     0,
     NULL,
     "the settings (variables IPCRUN_...) with values and where these come from."},
    {OPT_INFO,
     OTHER,
     {"--info"},
     0,
     NULL,
     "what this build and this machine offer: each transport tried, cores, limits, schedulers."},
    {OPT_COMPLETION, OTHER, {"--completion"}, 0, NULL, NULL},
    {OPT_HELP,
     OTHER,
     {"-h", "--help"},
     0,
     "[=GROUP]",
     "this text, or a group of it; others: what becomes of other launchers' options."},
    {OPT_VERSION, OTHER, {"-V", "--version"}, 0, NULL, "the version."},

};
/* clang-format on */

static const char *without_dashes(const char *word)
{
    return word + (word[0] == '-') + (word[0] == '-' && word[1] == '-');
}

static bool is_called(const struct ipcr_option_row *row, const char *name, size_t len)
{
    for (int k = 0; k < IPCR_OPTION_NAMES && row->names[k]; k++) {
        const char *known = without_dashes(row->names[k]);
        if (strlen(known) == len && memcmp(known, name, len) == 0)
            return true;
    }
    return false;
}

const struct ipcr_option_row *ipcr_optable_find(const char *word, char **value)
{
    const char *name = without_dashes(word);
    size_t len = strcspn(name, "=");
    *value = name[len] ? (char *)name + len + 1 : NULL;
    const struct ipcr_option_row *row;
    for (int i = 0; (row = ipcr_optable_row(i)) != NULL; i++)
        if (is_called(row, name, len))
            return row;
    return NULL;
}

const struct ipcr_option_row *ipcr_optable_row(int i)
{
    enum { ROWS = sizeof rows / sizeof *rows };
    return i < ROWS ? &rows[i] : ipcr_optother_row(i - ROWS);
}

static void print_row(const struct ipcr_option_row *row)
{
    printf("  ");
    for (int k = 0; k < IPCR_OPTION_NAMES && row->names[k]; k++)
        printf("%s%s", k ? ", " : "", row->names[k]);
    printf("%s%s\n", row->words ? " " : "", row->arg ? row->arg : "");
    ipcr_print_folded(row->text);
}

bool ipcr_optable_help(const char *group)
{
    bool found = false;
    if (group && strcmp(group, IPCR_OTHERS) == 0) {
        ipcr_optother_help();
        return true;
    }
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++) {
        if (group && strcmp(group, groups[g].name) != 0)
            continue;
        printf("%s%s: %s\n", found ? "\n" : "", groups[g].name, groups[g].text);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (rows[i].text && strcmp(rows[i].group, groups[g].name) == 0)
                print_row(&rows[i]);
        found = true;
    }
    return found;
}
