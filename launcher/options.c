/* Options: the reader. The table and its help are in optable.c, values in optvalue.c. */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>

#include "optable.h"
#include "optvalue.h"

/* A pod or a machine that boots is there within a minute, or will not come. */
enum { WAIT_HOSTS_MS = 60000 };

static bool tell(struct ipcr_options *o, enum ipcr_tell what)
{
    o->tell = what;
    return true;
}

static bool take(struct ipcr_parser *p, const struct ipcr_option_row *row, const char *option,
                 const char *value)
{
    struct ipcr_options *o = p->o;
    switch (row->option) {
    case OPT_N:
        return ipcr_optvalue_count(p, option, value, &p->app->count);
    case OPT_PPN:
        return ipcr_optvalue_count(p, option, value, &o->ppn);
    case OPT_PER_NODE:
        o->ppn = 1;
        return true;
    case OPT_MAP_BY:
        return ipcr_optvalue_map_by(p, option, value);
    case OPT_RANK_BY:
        return ipcr_optvalue_rank_by(p, option, value);
    case OPT_PPR:
        return ipcr_optvalue_ppr(p, option, value);
    case OPT_PER_SOCKET:
        return ipcr_optvalue_per_socket(p, option, value);
    case OPT_RANKMAP:
        return ipcr_optvalue_file(p, option, value, &o->rankmap);
    case OPT_ORDER_NODES:
        return ipcr_optvalue_order(p, option, value);
    case OPT_NO_LOCAL:
        return o->no_local = true;
    case OPT_NO_OVERSUBSCRIBE:
        return o->no_oversubscribe = true;
    case OPT_BY_NODE:
        return o->map_by_node = true;
    case OPT_USIZE:
        return ipcr_optvalue_universe(p, option, value);
    case OPT_CONFIG:
        return ipcr_optvalue_config(p, option, value);
    case OPT_HOSTS:
        return ipcr_hosts_list(&o->hosts, value, p->why, p->room);
    case OPT_HOSTFILE:
        return ipcr_hosts_file(&o->hosts, value, p->why, p->room);
    case OPT_ENV:
        return strcmp(option, "-env") == 0 && ipcr_optvalue_is_name(value)
                   ? ipcr_optvalue_env_pair(p, value)
                   : ipcr_optvalue_env(p, value);
    case OPT_ENV_LIST:
        return ipcr_optvalue_pass(p, &p->app->pass, value, false);
    case OPT_ENV_NONE:
    case OPT_ENV_ALL:
        return ipcr_optvalue_pass(p, &p->app->pass, NULL, row->option == OPT_ENV_ALL);
    case OPT_GENV:
        return ipcr_optvalue_is_name(value) ? ipcr_optvalue_genv(p, value, *p->at++)
                                            : ipcr_optvalue_genv_entry(p, value);
    case OPT_GENV_LIST:
        return ipcr_optvalue_pass(p, &o->pass, value, false);
    case OPT_GENV_NONE:
    case OPT_GENV_ALL:
        return ipcr_optvalue_pass(p, &o->pass, NULL, row->option == OPT_GENV_ALL);
    case OPT_WDIR:
        free(p->app->wdir);
        p->app->wdir = ipcr_copy(value);
        return *value || ipcr_optvalue_complain(p, "%s: a directory needs a name", option);
    case OPT_PATH:
        return ipcr_optvalue_file(p, option, value, &p->app->path);
    case OPT_GPUS:
        return ipcr_optvalue_count(p, option, value, &o->gpus);
    case OPT_KEEP_GOING:
        return o->keep_going = true;
    case OPT_EXIT_CODES:
        return o->exit_codes = true;
    case OPT_REPORT_PID:
        return ipcr_optvalue_file(p, option, value, &o->report_pid);
    case OPT_TIMEOUT:
        return ipcr_optvalue_seconds(value, &o->timeout_ms) ||
               ipcr_optvalue_complain(p, "%s %.100s: expected a number of seconds", option, value);
    case OPT_GRACE:
        o->grace_ms = 0;
        return strcmp(value, "0") == 0 || ipcr_optvalue_seconds(value, &o->grace_ms) ||
               ipcr_optvalue_complain(p, "%s %.100s: expected a number of seconds", option, value);
    case OPT_WAIT_HOSTS:
        o->wait_hosts_ms = 0;
        return strcmp(value, "0") == 0 || ipcr_optvalue_seconds(value, &o->wait_hosts_ms) ||
               ipcr_optvalue_complain(p, "%s %.100s: expected a number of seconds", option, value);
    case OPT_HANG_REPORT:
        return ipcr_optvalue_seconds(value, &o->hang_ms) ||
               ipcr_optvalue_complain(p, "%s %.100s: expected a number of seconds", option, value);
    case OPT_BIND:
        return ipcr_optvalue_bind(p, option, value);
    case OPT_CPU_LIST:
        return ipcr_optvalue_cpu_list(p, option, value);
    case OPT_CPUS_PER_RANK:
        return ipcr_optvalue_cpus_per_rank(p, option, value);
    case OPT_RANKFILE:
        return ipcr_optvalue_file(p, option, value, &o->rankfile);
    case OPT_REPORT_BINDINGS:
        return o->bind.report = true;
    case OPT_TRANSPORT:
        free(o->transport);
        o->transport = ipcr_copy(value);
        return *value || ipcr_optvalue_complain(p, "%s needs the name of a transport", option);
    case OPT_IFACE:
        return ipcr_optvalue_iface(p, option, value);
    case OPT_PORTS:
        return ipcr_optvalue_ports(p, option, value);
    case OPT_SSH:
        return ipcr_optvalue_words(p, option, value, &o->ssh);
    case OPT_LAUNCHER:
        return ipcr_optvalue_launcher(p, option, value);
    case OPT_SCHEDULER:
        return ipcr_optvalue_scheduler(p, option, value);
    case OPT_STDIN:
        return ipcr_optvalue_stdin(p, value);
    case OPT_OUTPUT:
        return ipcr_optvalue_output(p, option, value);
    case OPT_OUT_DIR:
        return ipcr_optvalue_out_dir(p, option, value);
    case OPT_OUT_PATTERN:
        return ipcr_optvalue_file(p, option, value, &o->out_pattern[0]);
    case OPT_ERR_PATTERN:
        return ipcr_optvalue_file(p, option, value, &o->out_pattern[1]);
    case OPT_PATTERN:
        free(o->pattern);
        o->pattern = ipcr_copy(value);
        return true;
    case OPT_OUTPUT_FROM:
        return ipcr_optvalue_ranks(p, option, value, &o->output_from);
    case OPT_FOREIGN:
        p->at += row->words ? row->words - 1 : 0; /* the first has been taken */
        return ipcr_optvalue_foreign(p, option);
    case OPT_TIMESTAMP:
        return o->timestamps = true;
    case OPT_MERGE:
        return o->merge = true;
    case OPT_DISPLAY_MAP:
        return o->display_map = true;
    case OPT_DISPLAY:
        return ipcr_optvalue_display(p, option, value);
    case OPT_RUNTIME:
        return ipcr_optvalue_runtime(p, option, value);
    case OPT_PREFIX:
        return o->prefix = true;
    case OPT_VERBOSE:
        return o->verbose = true;
    case OPT_MAP:
        return o->map = true;
    case OPT_STATS:
        o->stats = true;
        return !value || ipcr_optvalue_file(p, option, value, &o->stats_page);
    case OPT_TRACE:
        return ipcr_optvalue_file(p, option, value, &o->trace);
    case OPT_CHAOS:
        return ipcr_optvalue_seed(p, option, value);
    case OPT_RECORD:
        return ipcr_optvalue_file(p, option, value, &o->record);
    case OPT_REPLAY:
        return ipcr_optvalue_file(p, option, value, &o->replay);
    case OPT_CHECK:
        return o->check = true;
    case OPT_COMPARE:
        return ipcr_optvalue_compare(p, option, value);
    case OPT_QUICK:
        return o->compare.quick = true;
    case OPT_JSON:
        return ipcr_optvalue_file(p, option, value, &o->compare.json);
    case OPT_HTML:
        return ipcr_optvalue_file(p, option, value, &o->compare.html);
    case OPT_STATUS:
        return ipcr_optvalue_look(p, option, value, IPCR_LOOK_STATUS);
    case OPT_TOP:
        return ipcr_optvalue_look(p, option, value, IPCR_LOOK_TOP);
    case OPT_FOLLOW:
        return ipcr_optvalue_follow(p, option, value);
    case OPT_GDB:
        return ipcr_optvalue_ranks(p, option, value, &o->gdb);
    case OPT_VALGRIND:
        return ipcr_optvalue_ranks(p, option, value ? value : "all", &o->valgrind);
    case OPT_SETTINGS:
        return tell(o, IPCR_TELL_SETTINGS);
    case OPT_INFO:
        return tell(o, IPCR_TELL_INFO);
    case OPT_COMPLETION:
        return tell(o, IPCR_TELL_COMPLETION);
    case OPT_HELP:
        return ipcr_optvalue_help(p, value);
    case OPT_VERSION:
        return tell(o, IPCR_TELL_VERSION);
    case OPT_REFUSED:
        return ipcr_optvalue_complain(p, "%s: %s", option, row->text);
    case OPT_NOTHING:
        break;
    }
    return true;
}

/* The words that belong to it are there, and take() gets the first of them. */
static bool parse_option(struct ipcr_parser *p)
{
    char *word = *p->at++, *value, name[64];
    const struct ipcr_option_row *row = ipcr_optable_find(word, &value);
    if (!row)
        return ipcr_optvalue_complain(
            p, "unknown option '%.100s' (ipcrun --help lists the options)", word);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    if (!row->arg && value)
        return ipcr_optvalue_complain(p, "%s takes no value", name);
    for (int i = 0; i < row->words - (value != NULL); i++)
        if (!p->at[i])
            return ipcr_optvalue_complain(p, "%s needs a value (%s)", name, row->arg);
    if (row->words && !value)
        value = *p->at++;
    return take(p, row, name, value);
}

static struct ipcr_app *add_app(struct ipcr_options *o)
{
    o->apps = ipcr_resize(o->apps, sizeof *o->apps * (size_t)(o->napps + 1));
    o->apps[o->napps] = (struct ipcr_app){.count = -1};
    return &o->apps[o->napps++];
}

/* It starts jobs of its own, so what describes one would be for nothing. */
static bool check_compare(struct ipcr_parser *p)
{
    if (*p->at)
        return ipcr_optvalue_complain(p, "--compare-ipc runs no program ('%.100s')", *p->at);
    if (p->o->transport)
        return ipcr_optvalue_complain(p, "--compare-ipc=%s is what measures that transport alone",
                                      p->o->transport);
    if (p->app->count >= 0 || p->o->ppn || p->o->hosts.n)
        return ipcr_optvalue_complain(
            p, "--compare-ipc places ranks by itself, on this machine: -n, -ppn and "
               "hosts are not for it");
    return true;
}

/* The job may stand behind the options, where a program would stand. */
static bool check_look(struct ipcr_parser *p)
{
    struct ipcr_look_asked *look = &p->o->look;
    if (*p->at && !look->job)
        look->job = ipcr_copy(*p->at++);
    if (*p->at)
        return ipcr_optvalue_complain(p, "one job, and no program ('%.100s')", *p->at);
    return true;
}

/* Up to the next ':' or the end. */
static bool parse_part(struct ipcr_parser *p)
{
    p->app = add_app(p->o);
    while (*p->at && (*p->at)[0] == '-' && (*p->at)[1]) {
        if (strcmp(*p->at, "--") == 0) {
            p->at++;
            break;
        }
        if (!parse_option(p))
            return false;
        if (p->o->tell)
            return true;
    }
    if (p->o->compare.wanted)
        return check_compare(p);
    if (p->o->look.what)
        return check_look(p);
    if (p->o->look.every_ms)
        return ipcr_optvalue_complain(p, "--follow belongs to --status");
    if (p->o->record && p->o->replay)
        return ipcr_optvalue_complain(p, "--record and --replay: a run is one or the other");
    if (p->o->compare.quick || p->o->compare.json || p->o->compare.html)
        return ipcr_optvalue_complain(p, "--quick, --json and --html belong to --compare-ipc");
    while (*p->at && strcmp(*p->at, ":") != 0)
        ipcr_words_add(&p->app->argv, ipcr_copy(*p->at++));
    if (p->app->argv.n == 0)
        return ipcr_optvalue_complain(p, "no program given%s",
                                      p->o->napps > 1 || *p->at ? " beside ':'" : "");
    return p->app->argv.at[0][0] || ipcr_optvalue_complain(p, "the program's name is empty");
}

static bool check_counts(struct ipcr_parser *p)
{
    long sum = 0;
    for (int i = 0; i < p->o->napps; i++) {
        if (p->o->napps > 1 && p->o->apps[i].count < 0)
            return ipcr_optvalue_complain(
                p, "with several programs each needs its -n ('%.100s' has none)",
                p->o->apps[i].argv.at[0]);
        sum += p->o->apps[i].count;
    }
    return sum <= IPCR_RANKS_MAX ||
           ipcr_optvalue_complain(p, "%ld ranks are too many (at most %d)", sum, IPCR_RANKS_MAX);
}

/* A variable that both MPICH and Open MPI know. */
static bool take_timeout_of_environment(struct ipcr_parser *p)
{
    static const char name[] = "MPIEXEC_TIMEOUT=";
    size_t n = sizeof name - 1;
    for (char **e = p->env; *e && !p->o->timeout_ms; e++)
        if (strncmp(*e, name, n) == 0 && (*e)[n] &&
            !ipcr_optvalue_seconds(*e + n, &p->o->timeout_ms))
            return ipcr_optvalue_complain(p, "%.100s: expected a number of seconds", *e);
    return true;
}

bool ipcr_options_parse(struct ipcr_options *o, char **argv, char **env, char *why, size_t room)
{
    struct ipcr_parser p = {.o = o, .at = argv + 1, .env = env, .why = why, .room = room};
    *o = (struct ipcr_options){.grace_ms = -1, .wait_hosts_ms = WAIT_HOSTS_MS};
    for (;;) {
        if (!parse_part(&p))
            return false;
        if (o->tell || o->compare.wanted || o->look.what)
            return true;
        if (!*p.at)
            return check_counts(&p) && take_timeout_of_environment(&p);
        p.at++; /* the colon */
    }
}

void ipcr_options_free(struct ipcr_options *o)
{
    for (int i = 0; i < o->napps; i++) {
        ipcr_words_free(&o->apps[i].argv);
        ipcr_words_free(&o->apps[i].env);
        ipcr_words_free(&o->apps[i].pass.names);
        free(o->apps[i].wdir);
        free(o->apps[i].path);
    }
    free(o->apps);
    ipcr_words_free(&o->genv);
    ipcr_words_free(&o->pass.names);
    ipcr_words_free(&o->file);
    ipcr_words_free(&o->foreign);
    free(o->help_group);
    ipcr_hosts_free(&o->hosts);
    free(o->ssh);
    free(o->launcher);
    free(o->scheduler);
    free(o->bind.list);
    free(o->rankfile);
    free(o->rankmap);
    free(o->report_pid);
    free(o->pattern);
    free(o->output_from);
    free(o->gdb);
    free(o->valgrind);
    free(o->out_dir);
    free(o->out_pattern[0]);
    free(o->out_pattern[1]);
    free(o->compare.only);
    free(o->compare.json);
    free(o->compare.html);
    free(o->stats_page);
    free(o->trace);
    free(o->transport);
    free(o->iface);
    free(o->ports);
    free(o->look.job);
    free(o->record);
    free(o->replay);
    *o = (struct ipcr_options){0};
}
