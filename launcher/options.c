/* Options: the table, its reader, its help. */
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum option {
    OPT_N,
    OPT_HOSTS,
    OPT_HOSTFILE,
    OPT_PPN,
    OPT_ENV,
    OPT_WDIR,
    OPT_TIMEOUT,
    OPT_HANG_REPORT,
    OPT_PREFIX,
    OPT_VERBOSE,
    OPT_BIND,
    OPT_MAP,
    OPT_STATS,
    OPT_COMPARE,
    OPT_QUICK,
    OPT_JSON,
    OPT_HTML,
    OPT_TRANSPORT,
    OPT_SSH,
    OPT_HELP,
    OPT_VERSION,
    OPT_NOTHING
};

/* The first dashes are those of the help; any name is understood with one dash or two. */
struct row {
    enum option option;
    const char *names[4];
    const char *arg;  /* NULL: takes none; "[=...]": only behind an equals sign, or none */
    const char *text; /* NULL: understood, but not worth a line in the help */
};

/* clang-format off: a row is easier to read as one paragraph */
static const struct row rows[] = {
    {OPT_N,
     {"-n", "-np"},
     "N",
     "ranks of this program. Without it: as many as the hosts have slots, or as this machine "
     "has usable cores."},
    {OPT_HOSTS,
     {"-H", "--hosts", "--host"},
     "LIST",
     "hosts to run on: NAME[:SLOTS],... A host has one slot unless a number is given; user@NAME "
     "works."},
    {OPT_HOSTFILE,
     {"-f", "--hostfile", "--machinefile"},
     "FILE",
     "hosts from a file: lines NAME, NAME:SLOTS or NAME slots=N; # begins a comment."},
    {OPT_PPN, {"-ppn"}, "N", "ranks per host, instead of its slots."},
    {OPT_ENV,
     {"--env", "-x"},
     "NAME[=VALUE]",
     "set a variable for the ranks of this program. The whole environment is passed on anyway, "
     "to all hosts."},
    {OPT_WDIR,
     {"--wdir", "-wd"},
     "DIR",
     "working directory of the ranks of this program, on every host (default: the current one)."},
    {OPT_TIMEOUT, {"--timeout"}, "SECONDS", "end the job after this time, with exit status 124."},
    {OPT_HANG_REPORT,
     {"--hang-report"},
     "SECONDS",
     "when a rank has waited for so long in one MPI call, say what all ranks do; the job goes on."},
    {OPT_PREFIX,
     {"-l", "--prefix-output", "--tag-output"},
     NULL,
     "write [RANK] in front of every line of output."},
    {OPT_BIND,
     {"--bind-to"},
     "core|none",
     "bind each rank to one core, or none. Without it: an equal share of the cores each, if every "
     "rank can have a core of its own."},
    {OPT_MAP,
     {"--map"},
     NULL,
     "show ranks, hosts, cores and the transport of each pair, and start nothing."},
    {OPT_TRANSPORT,
     {"--transport"},
     "LIST",
     "how ranks talk: names by preference, such as tcp or unix,tcp; node=LIST or remote=LIST for "
     "ranks of one host, or of different hosts, alone. Default: shm, then tcp."},
    {OPT_STATS, {"--stats"}, NULL, "at the end, show what each rank has sent by which transport."},
    {OPT_COMPARE,
     {"--compare-ipc"},
     "[=LIST]",
     "measure what each transport (or each of LIST) costs on this machine, in about a minute; "
     "runs no program."},
    {OPT_QUICK, {"--quick"}, NULL, "with --compare-ipc: fewer sizes, in a few seconds."},
    {OPT_JSON, {"--json"}, "FILE", "with --compare-ipc: write all figures there (-: to stdout)."},
    {OPT_HTML, {"--html"}, "FILE", "with --compare-ipc: write a page with curves there."},
    {OPT_SSH,
     {"--ssh"},
     "COMMAND",
     "what to use instead of ssh, options included, such as 'ssh -p 2222 -i key' (or set "
     "IPCRUN_SSH)."},
    {OPT_VERBOSE, {"-v", "--verbose"}, NULL, "say what is started where."},
    {OPT_HELP, {"-h", "--help"}, NULL, "this text."},
    {OPT_VERSION, {"-V", "--version"}, NULL, "the version."},
    /* habits from other launchers, which ask for what ipcrun does anyway */
    {OPT_NOTHING, {"--oversubscribe", "--allow-run-as-root"}, NULL, NULL},
};
/* clang-format on */

struct parser {
    struct ipcr_options *o;
    struct ipcr_app *app; /* the part being read */
    char **at, **env;
    char *why;
    size_t room;
};

static bool complain(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool complain(struct parser *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->why, p->room, fmt, ap);
    va_end(ap);
    return false;
}

static const char *without_dashes(const char *word)
{
    return word + (word[0] == '-') + (word[0] == '-' && word[1] == '-');
}

/* The row of a word like -np, --np or --np=4; *value: what follows '=', or NULL. */
static const struct row *find_row(const char *word, char **value)
{
    const char *name = without_dashes(word);
    size_t len = strcspn(name, "=");
    *value = name[len] ? (char *)name + len + 1 : NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int k = 0; k < 4 && rows[i].names[k]; k++) {
            const char *known = without_dashes(rows[i].names[k]);
            if (strlen(known) == len && memcmp(known, name, len) == 0)
                return &rows[i];
        }
    return NULL;
}

/* Seconds with up to three decimals. */
static bool parse_seconds(const char *text, long *ms)
{
    char whole[16], part[4] = "000";
    size_t n = strcspn(text, "."), decimals = text[n] ? strlen(text + n + 1) : 0;
    long seconds, thousandths;
    if (n == 0 || n >= sizeof whole || (text[n] && (decimals == 0 || decimals > 3)))
        return false;
    memcpy(whole, text, n);
    whole[n] = 0;
    memcpy(part, text + n + (text[n] != 0), decimals);
    if (!ipcr_number(whole, 0, 100000000, &seconds) || !ipcr_number(part, 0, 999, &thousandths))
        return false;
    *ms = seconds * 1000 + thousandths;
    return *ms > 0;
}

static bool take_env(struct parser *p, const char *text)
{
    size_t n = strcspn(text, "=");
    if (n == 0)
        return complain(p, "--env %.100s: a variable needs a name", text);
    if (text[n]) {
        ipcr_words_add(&p->app->env, ipcr_copy(text));
        return true;
    }
    for (char **e = p->env; *e; e++)
        if (strncmp(*e, text, n) == 0 && (*e)[n] == '=')
            ipcr_words_add(&p->app->env, ipcr_copy(*e));
    return true; /* unset here: stays unset there */
}

static bool take_bind(struct parser *p, const char *text)
{
    if (strcmp(text, "core") == 0)
        p->o->bind = IPCR_BIND_CORE;
    else if (strcmp(text, "none") == 0)
        p->o->bind = IPCR_BIND_NONE;
    else
        return complain(p, "--bind-to %.100s: only 'core' and 'none' are known", text);
    return true;
}

static bool take_count(struct parser *p, const char *option, const char *text, int *to)
{
    long n;
    if (!ipcr_number(text, 1, IPCR_RANKS_MAX, &n))
        return complain(p, "%s %.100s: expected a whole number from 1 to %d", option, text,
                        IPCR_RANKS_MAX);
    *to = (int)n;
    return true;
}

static bool take_words(struct parser *p, const char *option, const char *text, char **to)
{
    struct ipcr_words w = {0};
    bool ok = ipcr_words_split(&w, text) && w.n > 0;
    ipcr_words_free(&w);
    if (!ok)
        return complain(p, "%s '%.100s': expected a command", option, text);
    free(*to);
    *to = ipcr_copy(text);
    return true;
}

static bool take_file(struct parser *p, const char *option, const char *text, char **to)
{
    free(*to);
    *to = ipcr_copy(text);
    return *text || complain(p, "%s: a file needs a name", option);
}

static bool take_compare(struct parser *p, const char *option, const char *list)
{
    p->o->compare.wanted = true;
    free(p->o->compare.only);
    p->o->compare.only = list ? ipcr_copy(list) : NULL;
    return !list || *list || complain(p, "%s=: expected names of transports", option);
}

static bool take(struct parser *p, const struct row *row, const char *option, const char *value)
{
    struct ipcr_options *o = p->o;
    switch (row->option) {
    case OPT_N:
        return take_count(p, option, value, &p->app->count);
    case OPT_PPN:
        return take_count(p, option, value, &o->ppn);
    case OPT_HOSTS:
        return ipcr_hosts_list(&o->hosts, value, p->why, p->room);
    case OPT_HOSTFILE:
        return ipcr_hosts_file(&o->hosts, value, p->why, p->room);
    case OPT_ENV:
        return take_env(p, value);
    case OPT_WDIR:
        free(p->app->wdir);
        p->app->wdir = ipcr_copy(value);
        return *value || complain(p, "%s: a directory needs a name", option);
    case OPT_TIMEOUT:
        return parse_seconds(value, &o->timeout_ms) ||
               complain(p, "%s %.100s: expected a number of seconds", option, value);
    case OPT_HANG_REPORT:
        return parse_seconds(value, &o->hang_ms) ||
               complain(p, "%s %.100s: expected a number of seconds", option, value);
    case OPT_BIND:
        return take_bind(p, value);
    case OPT_TRANSPORT:
        free(o->transport);
        o->transport = ipcr_copy(value);
        return *value || complain(p, "%s needs the name of a transport", option);
    case OPT_SSH:
        return take_words(p, option, value, &o->ssh);
    case OPT_PREFIX:
        return o->prefix = true;
    case OPT_VERBOSE:
        return o->verbose = true;
    case OPT_MAP:
        return o->map = true;
    case OPT_STATS:
        return o->stats = true;
    case OPT_COMPARE:
        return take_compare(p, option, value);
    case OPT_QUICK:
        return o->compare.quick = true;
    case OPT_JSON:
        return take_file(p, option, value, &o->compare.json);
    case OPT_HTML:
        return take_file(p, option, value, &o->compare.html);
    case OPT_HELP:
        return o->help = true;
    case OPT_VERSION:
        return o->version = true;
    case OPT_NOTHING:
        break;
    }
    return true;
}

/* One option word, and its value if it takes one. */
static bool parse_option(struct parser *p)
{
    char *word = *p->at++, *value, name[64];
    const struct row *row = find_row(word, &value);
    if (!row)
        return complain(p, "unknown option '%.100s' (ipcrun --help lists the options)", word);
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    if (!row->arg && value)
        return complain(p, "%s takes no value", name);
    if (row->arg && row->arg[0] != '[' && !value) {
        if (!*p->at)
            return complain(p, "%s needs a value (%s)", name, row->arg);
        value = *p->at++;
    }
    return take(p, row, name, value);
}

static struct ipcr_app *add_app(struct ipcr_options *o)
{
    o->apps = ipcr_resize(o->apps, sizeof *o->apps * (size_t)(o->napps + 1));
    o->apps[o->napps] = (struct ipcr_app){.count = -1};
    return &o->apps[o->napps++];
}

/* It starts jobs of its own, so what describes one would be for nothing. */
static bool check_compare(struct parser *p)
{
    if (*p->at)
        return complain(p, "--compare-ipc runs no program ('%.100s')", *p->at);
    if (p->o->transport)
        return complain(p, "--compare-ipc=%s is what measures that transport alone",
                        p->o->transport);
    if (p->app->count >= 0 || p->o->ppn || p->o->hosts.n)
        return complain(p, "--compare-ipc places ranks by itself, on this machine: -n, -ppn and "
                           "hosts are not for it");
    return true;
}

/* Up to the next ':' or the end. */
static bool parse_part(struct parser *p)
{
    p->app = add_app(p->o);
    while (*p->at && (*p->at)[0] == '-' && (*p->at)[1]) {
        if (strcmp(*p->at, "--") == 0) {
            p->at++;
            break;
        }
        if (!parse_option(p))
            return false;
        if (p->o->help || p->o->version)
            return true;
    }
    if (p->o->compare.wanted)
        return check_compare(p);
    if (p->o->compare.quick || p->o->compare.json || p->o->compare.html)
        return complain(p, "--quick, --json and --html belong to --compare-ipc");
    while (*p->at && strcmp(*p->at, ":") != 0)
        ipcr_words_add(&p->app->argv, ipcr_copy(*p->at++));
    if (p->app->argv.n == 0)
        return complain(p, "no program given%s", p->o->napps > 1 || *p->at ? " beside ':'" : "");
    return p->app->argv.at[0][0] || complain(p, "the program's name is empty");
}

static bool check_counts(struct parser *p)
{
    long sum = 0;
    for (int i = 0; i < p->o->napps; i++) {
        if (p->o->napps > 1 && p->o->apps[i].count < 0)
            return complain(p, "with several programs each needs its -n ('%.100s' has none)",
                            p->o->apps[i].argv.at[0]);
        sum += p->o->apps[i].count;
    }
    return sum <= IPCR_RANKS_MAX ||
           complain(p, "%ld ranks are too many (at most %d)", sum, IPCR_RANKS_MAX);
}

bool ipcr_options_parse(struct ipcr_options *o, char **argv, char **env, char *why, size_t room)
{
    struct parser p = {.o = o, .at = argv + 1, .env = env, .why = why, .room = room};
    *o = (struct ipcr_options){0};
    for (;;) {
        if (!parse_part(&p))
            return false;
        if (o->help || o->version || o->compare.wanted)
            return true;
        if (!*p.at)
            return check_counts(&p);
        p.at++; /* the colon */
    }
}

void ipcr_options_free(struct ipcr_options *o)
{
    for (int i = 0; i < o->napps; i++) {
        ipcr_words_free(&o->apps[i].argv);
        ipcr_words_free(&o->apps[i].env);
        free(o->apps[i].wdir);
    }
    free(o->apps);
    ipcr_hosts_free(&o->hosts);
    free(o->ssh);
    free(o->compare.only);
    free(o->compare.json);
    free(o->compare.html);
    free(o->transport);
    *o = (struct ipcr_options){0};
}

/* Text folded at 60 columns, behind a margin. */
static void print_folded(const char *text)
{
    while (*text) {
        size_t n = strlen(text);
        if (n > 60)
            for (n = 60; n > 0 && text[n] != ' '; n--)
                ;
        printf("      %.*s\n", (int)n, text);
        text += n + (text[n] == ' ');
    }
}

void ipcr_options_help(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        if (!row->text)
            continue;
        printf("  ");
        for (int k = 0; k < 4 && row->names[k]; k++)
            printf("%s%s", k ? ", " : "", row->names[k]);
        printf("%s%s\n", row->arg && row->arg[0] != '[' ? " " : "", row->arg ? row->arg : "");
        print_folded(row->text);
    }
}
