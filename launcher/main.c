/* ipcrun: from the command line to a plan; then the head runs it. `ipcrun --agent` is the agent
 * that the head starts on other hosts; `ipcrun --compare-...` and `--info-rank` are the programs
 * that --compare-ipc and --info run. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "completion.h"
#include "console.h"
#include "cpus.h"
#include "environ.h"
#include "head.h"
#include "info.h"
#include "makeplan.h"
#include "mapshow.h"
#include "optable.h"
#include "options.h"
#include "outfile.h"
#include "ranks.h"
#include "settings.h"
#include "sink.h"
#include "tty.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

extern char **environ;

static int print_help(const char *group)
{
    if (group) {
        if (ipcr_optable_help(group))
            return 0;
        ipcr_say("--help=%s: there is no such group of options (ipcrun --help shows all)", group);
        return IPCR_EXIT_USAGE;
    }
    printf("usage: ipcrun [options] program [arguments] [ : [options] program ... ]\n\n"
           "Runs programs of an MPI job, on this machine and on others over ssh.\n\n");
    ipcr_optable_help(NULL);
    printf("\nExamples:\n"
           "  ipcrun -n 8 ./app input.dat\n"
           "  ipcrun -H node1:4,node2:4 ./app\n"
           "  ipcrun -n 1 ./manager : -n 7 ./worker\n"
           "\nExit status: that of the first rank to fail (128 + signal number for a signal), the\n"
           "code of MPI_Abort, or 0. 2: nothing was started, for the reason given; 127 and 126:\n"
           "program not found, not executable; 124: --timeout; 1: a host was lost, or a rank left\n"
           "MPI in a way that is no success. More: man ipcrun.\n");
    return 0;
}

/* Descriptors 0 to 2 exist from here on, so nothing of ours gets one of these numbers. */
static void open_standard_fds(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= 2);
    if (fd > 2)
        close(fd);
}

/* A terminal that is not ours to read (ipcrun &) would stop us or steal from the shell. */
static bool is_foreign_terminal(void)
{
    return isatty(0) && tcgetpgrp(0) != getpgrp();
}

static void leave_stdin(void)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, 0);
    close(null);
}

static void start_setup(struct ipcr_head_setup *setup)
{
    struct sigaction pipe_action;
    sigprocmask(SIG_BLOCK, NULL, &setup->signals);
    sigaction(SIGPIPE, NULL, &pipe_action);
    setup->sigpipe_default = pipe_action.sa_handler == SIG_DFL;
    getrlimit(RLIMIT_NOFILE, &setup->files);
}

static _Noreturn void agent_main(void)
{
    struct ipcr_head_setup here = {0};
    start_setup(&here);
    /* control comes on 0 and 1; what the ranks inherit must not be that */
    int in = fcntl(0, F_DUPFD_CLOEXEC, 3), out = fcntl(1, F_DUPFD_CLOEXEC, 3);
    ipcr_tty_raw(out);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, 0);
    dup2(null, 1);
    close(null);
    struct ipcr_agent_setup setup = {.in_fd = in,
                                     .out_fd = out,
                                     .stdin_fd = -1,
                                     .signals = &here.signals,
                                     .files = &here.files,
                                     .sigpipe_default = here.sigpipe_default};
    ipcr_agent_main(&setup);
}

/* The job's name is public, its secret is not. */
static void make_secret(struct ipcr_plan *plan)
{
    uint8_t id[6];
    if (getrandom(plan->secret, sizeof plan->secret, 0) != (ssize_t)sizeof plan->secret ||
        getrandom(id, sizeof id, 0) != (ssize_t)sizeof id) {
        ipcr_say("no random numbers for the job's secret: %s", strerror(errno));
        exit(IPCR_EXIT_LOST);
    }
    for (size_t i = 0; i < sizeof id; i++)
        snprintf(plan->id + 2 * i, 3, "%02x", id[i]);
}

static bool *local_nodes(const struct ipcr_plan *plan, const struct ipcr_hosts *hosts,
                         const int *node_host)
{
    bool *local = ipcr_alloc(sizeof *local * (size_t)plan->nodes);
    for (int i = 0; i < plan->nodes; i++)
        local[i] = hosts->at[node_host[i]].local;
    return local;
}

static const char *own_path(void)
{
    static char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) {
        ipcr_say("cannot find out where ipcrun lies (/proc/self/exe): %s", strerror(errno));
        exit(IPCR_EXIT_LOST);
    }
    return exe;
}

static void load_settings(void)
{
    char why[PATH_MAX + 256];
    if (!ipcr_settings_load(why, sizeof why))
        ipcr_usage(why);
}

static int show_settings(void)
{
    load_settings();
    return ipcr_settings_show();
}

static int say_what_was_asked(const struct ipcr_options *o)
{
    int status = 0;
    if (o->tell == IPCR_TELL_VERSION)
        printf("ipcrun %s\n", PACKAGE_VERSION);
    else if (o->tell == IPCR_TELL_HELP)
        status = print_help(o->help_group);
    else if (o->tell == IPCR_TELL_SETTINGS)
        status = show_settings();
    else if (o->tell == IPCR_TELL_INFO)
        status = ipcr_info_show(own_path());
    else
        ipcr_completion_print();
    return fflush(stdout) == 0 ? status : IPCR_EXIT_LOST;
}

/* What was meant for another implementation cannot be done, and seldom matters: one line. */
static void warn_of_foreign(const struct ipcr_words *options)
{
    char list[256] = "";
    for (int i = 0; i < options->n; i++) {
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", options->at[i]);
    }
    if (options->n)
        ipcr_say("ignored, since other launchers are tuned by that: %s", list);
}

/* The ranks that are named, under which command. */
static void make_debug(struct ipcr_plan *plan, const struct ipcr_options *o,
                       struct ipcr_head_setup *setup)
{
    char why[300];
    const char *ranks = o->gdb ? o->gdb : o->valgrind;
    const char *set = getenv(o->gdb ? "IPCRUN_GDB" : "IPCRUN_VALGRIND");
    struct ipcr_words words = {0};
    if (!ranks)
        return;
    setup->debugged = ipcr_ranks_read(ranks, plan->size, why, sizeof why);
    if (!setup->debugged)
        ipcr_usage(why);
    plan->debug.ranks = ipcr_copy(ranks);
    plan->debug.command = ipcr_copy(set && *set ? set : o->gdb ? IPCR_GDB : IPCR_VALGRIND);
    if (!ipcr_words_split(&words, plan->debug.command) || words.n == 0)
        ipcr_usage("the setting of the debugger is no command (ipcrun --settings)");
    ipcr_words_free(&words);
    plan->debug.terminal = o->gdb != NULL;
    if (plan->debug.terminal)
        ipcr_console_size(&plan->debug.rows, &plan->debug.columns);
}

static void make_output_files(const struct ipcr_options *o)
{
    const struct ipcr_outfile_wish files = {
        o->out_dir, o->out_dir_alone, {o->out_pattern[0], o->out_pattern[1]}};
    char why[512];
    if (!ipcr_outfile_make(&files, &ipcr_head.plan, why, sizeof why))
        ipcr_usage(why);
}

/* Made before anything starts: a name that cannot be written is no reason to lose a run. */
static FILE *make_file(const char *option, const char *path)
{
    char why[512];
    FILE *to = path ? fopen(path, "we") : NULL;
    if (path && !to) {
        snprintf(why, sizeof why, "%s: cannot write %.200s: %s", option, path, strerror(errno));
        ipcr_usage(why);
    }
    return to;
}

static void make_trace(const char *path)
{
    char why[512];
    if (path && !ipcr_trace_create(&ipcr_head.trace, path, why, sizeof why))
        ipcr_usage(why);
    ipcr_head.plan.trace = path != NULL;
}

/* Whose output is shown, and what stands in front of it. */
static void set_output(const struct ipcr_options *o)
{
    struct ipcr_head *h = &ipcr_head;
    char why[300];
    h->tags = (o->prefix ? IPCR_SINK_RANK : 0) | (o->timestamps ? IPCR_SINK_TIME : 0) |
              (o->pattern ? IPCR_SINK_PATTERN : 0) | (o->output_json ? IPCR_SINK_JSON : 0);
    h->merge = o->merge;
    ipcr_sink_pattern(o->pattern, &h->plan);
    if (!o->output_from)
        return;
    h->shown = ipcr_ranks_read(o->output_from, h->plan.size, why, sizeof why);
    if (!h->shown)
        ipcr_usage(why);
}

static void report_pid(const char *path)
{
    if (!path)
        return;
    if (strcmp(path, "-") == 0) {
        printf("%d\n", (int)getpid());
        fflush(stdout);
        return;
    }
    FILE *to = strcmp(path, "+") == 0 ? stderr : make_file("--report-pid", path);
    fprintf(to, "%d\n", (int)getpid());
    if (to != stderr)
        fclose(to);
}

static int start_job(const struct ipcr_options *o, struct ipcr_head_setup *setup)
{
    report_pid(o->report_pid);
    make_secret(&ipcr_head.plan);
    make_output_files(o);
    make_debug(&ipcr_head.plan, o, setup);
    ipcr_head.stats_page = make_file("--stats", o->stats_page);
    make_trace(o->trace);
    if (o->no_stdin || is_foreign_terminal())
        leave_stdin();
    setup->exe = own_path();
    ipcr_head.verbose = o->verbose;
    set_output(o);
    ipcr_head.keep_going = o->keep_going;
    ipcr_head.exit_codes = o->exit_codes;
    ipcr_head.timeout_ms = o->timeout_ms;
    ipcr_head.hang_ms = o->hang_ms;
    ipcr_head.grace_ms = o->grace_ms;
    ipcr_head.wait_hosts_ms = o->wait_hosts_ms;
    int status = ipcr_head_run(setup);
    free(setup->debugged);
    return status;
}

static int run_job(struct ipcr_options *o, struct ipcr_head_setup *setup)
{
    struct ipcr_plan *plan = &ipcr_head.plan;
    struct ipcr_route route;
    int *node_host, status;
    char why[512];
    warn_of_foreign(&o->foreign);
    load_settings();
    if (o->map) /* nothing is started, so the picture may be of a machine that is not here */
        ipcr_cpus_imagine();
    ipcr_makeplan(plan, o, &node_host, setup);
    if (!ipcr_talk_plan(&route, plan, why, sizeof why))
        ipcr_usage(why);
    bool *local = local_nodes(plan, &o->hosts, node_host);
    setup->local = local;
    status = o->map || o->display_map ? ipcr_map_show(plan, local, &route) : 0;
    if (!o->map && status == 0)
        status = start_job(o, setup);
    free(local);
    free(node_host);
    free(setup->ssh);
    return status;
}

int main(int argc, char **argv)
{
    struct ipcr_options o;
    struct ipcr_head_setup setup = {0};
    char why[512];
    int status = IPCR_EXIT_USAGE;
    open_standard_fds();
    if (argc == 2 && strcmp(argv[1], "--agent") == 0)
        agent_main();
    if (ipcr_compare_is_child(argc, argv))
        return ipcr_compare_child(argc, argv);
    if (ipcr_info_is_child(argc, argv))
        return ipcr_info_child(argc, argv);
    start_setup(&setup);
    if (!ipcr_options_parse(&o, argv, environ, why, sizeof why))
        ipcr_say("%s", why);
    else if (o.tell)
        status = say_what_was_asked(&o);
    else if (o.compare.wanted)
        status = ipcr_compare(&o.compare, own_path());
    else if (o.look.what)
        status = ipcr_look(&o.look);
    else
        status = run_job(&o, &setup);
    ipcr_options_free(&o);
    return status;
}
