/* Values of options. */
#include "optvalue.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "environ.h"
#include "ranks.h"
#include "scheduler.h"
#include "spawn.h"

bool ipcr_optvalue_complain(struct ipcr_parser *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(p->why, p->room, fmt, ap);
    va_end(ap);
    return false;
}

/* Seconds with up to three decimals. */
bool ipcr_optvalue_seconds(const char *text, long *ms)
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

bool ipcr_optvalue_is_name(const char *text)
{
    return *text && !strchr(text, '=');
}

bool ipcr_optvalue_env(struct ipcr_parser *p, const char *text)
{
    size_t n = strcspn(text, "=");
    if (n == 0)
        return ipcr_optvalue_complain(p, "--env %.100s: a variable needs a name", text);
    if (text[n]) {
        ipcr_environ_put(&p->app->env, text);
        return true;
    }
    for (char **e = p->env; *e; e++)
        if (strncmp(*e, text, n) == 0 && (*e)[n] == '=')
            ipcr_environ_put(&p->app->env, *e);
    return true; /* unset here: stays unset there */
}

/* MPICH's way, with one dash: -env NAME VALUE. */
bool ipcr_optvalue_env_pair(struct ipcr_parser *p, const char *name)
{
    if (!*p->at)
        return ipcr_optvalue_complain(
            p, "-env %.100s needs a value; --env %.100s passes the variable on", name, name);
    ipcr_environ_set(&p->app->env, name, *p->at++);
    return true;
}

bool ipcr_optvalue_genv(struct ipcr_parser *p, const char *name, const char *value)
{
    ipcr_environ_set(&p->o->genv, name, value);
    return true;
}

/* The other way to write it, which one word is: NAME=VALUE. */
bool ipcr_optvalue_genv_entry(struct ipcr_parser *p, const char *entry)
{
    if (entry[0] == '=' || !*entry)
        return ipcr_optvalue_complain(p, "-genv %.100s: a variable needs a name", entry);
    ipcr_environ_put(&p->o->genv, entry);
    return true;
}

/* list NULL: none, or all. */
bool ipcr_optvalue_pass(struct ipcr_parser *p, struct ipcr_env_pass *to, const char *list, bool all)
{
    ipcr_words_free(&to->names);
    *to = (struct ipcr_env_pass){.given = true, .all = all};
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char *name = ipcr_format("%.*s", (int)strcspn(at, ","), at);
        ipcr_words_add(&to->names, name);
        if (!ipcr_optvalue_is_name(name))
            return ipcr_optvalue_complain(p, "'%.100s' is no list of names of variables", list);
    }
    return true;
}

bool ipcr_optvalue_count(struct ipcr_parser *p, const char *option, const char *text, int *to)
{
    long n;
    if (!ipcr_number(text, 1, IPCR_RANKS_MAX, &n))
        return ipcr_optvalue_complain(p, "%s %.100s: expected a whole number from 1 to %d", option,
                                      text, IPCR_RANKS_MAX);
    *to = (int)n;
    return true;
}

bool ipcr_optvalue_seed(struct ipcr_parser *p, const char *option, const char *text)
{
    return ipcr_number(text, 1, LONG_MAX, &p->o->chaos) ||
           ipcr_optvalue_complain(p, "%s %.100s: expected a whole number from 1 on", option, text);
}

bool ipcr_optvalue_universe(struct ipcr_parser *p, const char *option, const char *text)
{
    p->o->universe = 0;
    if (strcmp(text, "SYSTEM") == 0)
        return true;
    if (strcmp(text, "INFINITE") == 0) {
        p->o->universe = INT_MAX;
        return true;
    }
    return ipcr_optvalue_count(p, option, text, &p->o->universe);
}

bool ipcr_optvalue_stdin(struct ipcr_parser *p, const char *text)
{
    long rank = IPCR_STDIN_ALL;
    p->o->no_stdin = strcmp(text, "none") == 0;
    if (p->o->no_stdin)
        rank = 0;
    else if (strcmp(text, "all") != 0 && !ipcr_number(text, 0, IPCR_RANKS_MAX - 1, &rank))
        return ipcr_optvalue_complain(p, "--stdin %.100s: expected a rank, all, or none", text);
    p->o->stdin_rank = (int)rank;
    return true;
}

bool ipcr_optvalue_launcher(struct ipcr_parser *p, const char *option, const char *text)
{
    if (strcmp(text, "auto") != 0 && !ipcr_spawn_find(text))
        return ipcr_optvalue_complain(
            p, "%s %.100s: other hosts are reached by ssh, rsh, slurm, lsf or sge (or by auto)",
            option, text);
    free(p->o->launcher);
    p->o->launcher = ipcr_copy(text);
    return true;
}

bool ipcr_optvalue_scheduler(struct ipcr_parser *p, const char *option, const char *text)
{
    if (!ipcr_scheduler_is_name(text))
        return ipcr_optvalue_complain(
            p, "%s %.100s: known are auto, none, slurm, pbs, lsf, sge and hostfile", option, text);
    free(p->o->scheduler);
    p->o->scheduler = ipcr_copy(text);
    return true;
}

/* Their names are for one warning. */
bool ipcr_optvalue_foreign(struct ipcr_parser *p, const char *option)
{
    for (int i = 0; i < p->o->foreign.n; i++)
        if (strcmp(p->o->foreign.at[i], option) == 0)
            return true;
    ipcr_words_add(&p->o->foreign, ipcr_copy(option));
    return true;
}

bool ipcr_optvalue_words(struct ipcr_parser *p, const char *option, const char *text, char **to)
{
    struct ipcr_words w = {0};
    bool ok = ipcr_words_split(&w, text) && w.n > 0;
    ipcr_words_free(&w);
    if (!ok)
        return ipcr_optvalue_complain(p, "%s '%.100s': expected a command", option, text);
    free(*to);
    *to = ipcr_copy(text);
    return true;
}

bool ipcr_optvalue_iface(struct ipcr_parser *p, const char *option, const char *names)
{
    if (!*names || strpbrk(names, " /"))
        return ipcr_optvalue_complain(p, "%s '%.100s': expected names of network interfaces",
                                      option, names);
    free(p->o->iface);
    p->o->iface = ipcr_copy(names);
    return true;
}

bool ipcr_optvalue_ports(struct ipcr_parser *p, const char *option, const char *range)
{
    unsigned first, last;
    char rest;
    if (sscanf(range, "%5u-%5u%c", &first, &last, &rest) != 2 || first < 1 || first > last ||
        last > UINT16_MAX)
        return ipcr_optvalue_complain(p, "%s %.100s: expected a range such as 50000-50999", option,
                                      range);
    free(p->o->ports);
    p->o->ports = ipcr_copy(range);
    return true;
}

bool ipcr_optvalue_file(struct ipcr_parser *p, const char *option, const char *text, char **to)
{
    free(*to);
    *to = ipcr_copy(text);
    return *text || ipcr_optvalue_complain(p, "%s: a file needs a name", option);
}

/* Open MPI's "DIR:nocopy": not to the terminal as well. */
bool ipcr_optvalue_out_dir(struct ipcr_parser *p, const char *option, const char *text)
{
    static const char alone[] = ":nocopy";
    size_t n = strlen(text), suffix = sizeof alone - 1;
    p->o->out_dir_alone = n > suffix && strcasecmp(text + n - suffix, alone) == 0;
    if (!ipcr_optvalue_file(p, option, text, &p->o->out_dir))
        return false;
    p->o->out_dir[n - (p->o->out_dir_alone ? suffix : 0)] = 0;
    return true;
}

static bool take_output_word(struct ipcr_parser *p, const char *option, const char *word)
{
    struct ipcr_options *o = p->o;
    if (strncmp(word, "dir=", 4) == 0)
        return ipcr_optvalue_out_dir(p, option, word + 4);
    bool *const flag = strcmp(word, "json") == 0        ? &o->output_json
                       : strcmp(word, "tag") == 0       ? &o->prefix
                       : strcmp(word, "timestamp") == 0 ? &o->timestamps
                       : strcmp(word, "merge") == 0     ? &o->merge
                                                        : NULL;
    if (!flag)
        return ipcr_optvalue_complain(
            p, "%s %.100s: known are json, tag, timestamp, merge and dir=DIR", option, word);
    return *flag = true;
}

/* Open MPI's way since version 5: one option for all that concerns output, or display, ... */
static bool each_word(struct ipcr_parser *p, const char *option, const char *list,
                      bool (*take)(struct ipcr_parser *p, const char *option, const char *word))
{
    bool ok = true;
    for (const char *at = list; ok && at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        char *word = ipcr_format("%.*s", (int)strcspn(at, ","), at);
        ok = take(p, option, word);
        free(word);
    }
    return ok;
}

bool ipcr_optvalue_output(struct ipcr_parser *p, const char *option, const char *list)
{
    return each_word(p, option, list, take_output_word);
}

/* How it is to be written (":parseable") does not matter: there is one way. */
static bool take_display_word(struct ipcr_parser *p, const char *option, const char *word)
{
    static const char *const maps[] = {"map", "map-devel", "allocation", "alloc"};
    static const char *const pictures[] = {"bindings", "bind", "topo", "topology", "cpus"};
    char *name = ipcr_format("%.*s", (int)strcspn(word, ":="), word);
    bool known = false;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (strcmp(name, maps[i]) == 0)
            known = p->o->display_map = true;
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        if (strcmp(name, pictures[i]) == 0)
            known = p->o->bind.report = true;
    free(name);
    return known ||
           ipcr_optvalue_complain(
               p, "%s %.100s: known are map, allocation, bindings, topo and cpus", option, word);
}

bool ipcr_optvalue_display(struct ipcr_parser *p, const char *option, const char *list)
{
    return each_word(p, option, list, take_display_word);
}

static bool take_runtime_word(struct ipcr_parser *p, const char *option, const char *word)
{
    if (strcmp(word, "donotlaunch") == 0)
        return p->o->map = true;
    if (strcmp(word, "recoverable") == 0 || strcmp(word, "continuous") == 0)
        return p->o->keep_going = true;
    return ipcr_optvalue_foreign(p, option);
}

bool ipcr_optvalue_runtime(struct ipcr_parser *p, const char *option, const char *list)
{
    return each_word(p, option, list, take_runtime_word);
}

/* How many ranks there are is known when all is read; until then they only have to be numbers. */
bool ipcr_optvalue_ranks(struct ipcr_parser *p, const char *option, const char *text, char **to)
{
    char why[200];
    bool *in = ipcr_ranks_read(text, IPCR_RANKS_MAX, why, sizeof why);
    free(in);
    if (!in)
        return ipcr_optvalue_complain(p, "%s %.100s: expected ranks, such as 0 or 0,2-3", option,
                                      text);
    free(*to);
    *to = ipcr_copy(text);
    if (p->o->gdb && p->o->valgrind)
        return ipcr_optvalue_complain(p, "--gdb and --valgrind exclude each other");
    return true;
}

bool ipcr_optvalue_compare(struct ipcr_parser *p, const char *option, const char *list)
{
    p->o->compare.wanted = true;
    free(p->o->compare.only);
    p->o->compare.only = list ? ipcr_copy(list) : NULL;
    return !list || *list || ipcr_optvalue_complain(p, "%s=: expected names of transports", option);
}

/* The rest of the command line: a program with its options on each line. */
bool ipcr_optvalue_config(struct ipcr_parser *p, const char *option, const char *path)
{
    struct ipcr_words *to = &p->o->file;
    if (*p->at || to->n)
        return ipcr_optvalue_complain(
            p, "%s %.100s: its programs are all there are; nothing may follow '%.100s'", option,
            path, *p->at ? *p->at : path);
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    bool ok = f != NULL;
    for (int number = 1; ok && getline(&line, &size, f) > 0; number++) {
        struct ipcr_words words = {0};
        line[strcspn(line, "\r\n")] = 0;
        const char *text = line + strspn(line, " \t");
        ok = *text == '#' || ipcr_words_split(&words, text);
        if (!ok)
            ipcr_optvalue_complain(p, "%s %.100s, line %d: a quote is not closed", option, path,
                                   number);
        if (words.n && to->n)
            ipcr_words_add(to, ipcr_copy(":"));
        for (int i = 0; i < words.n; i++)
            ipcr_words_add(to, ipcr_copy(words.at[i]));
        ipcr_words_free(&words);
    }
    if (!f)
        ipcr_optvalue_complain(p, "%s %.100s: %s", option, path, strerror(errno));
    else if (ok && (ferror(f) || !to->n))
        ok = ipcr_optvalue_complain(p, "%s %.100s: there is no program in it", option, path);
    free(line);
    if (f)
        fclose(f);
    if (ok)
        p->at = to->at;
    return ok;
}

bool ipcr_optvalue_help(struct ipcr_parser *p, const char *group)
{
    p->o->tell = IPCR_TELL_HELP;
    free(p->o->help_group);
    p->o->help_group = group ? ipcr_copy(group) : NULL;
    return true;
}

bool ipcr_optvalue_look(struct ipcr_parser *p, const char *option, const char *job, int what)
{
    struct ipcr_look_asked *look = &p->o->look;
    if (!job && *p->at && (*p->at)[0] != '-')
        job = *p->at++;
    if (job && !*job)
        return ipcr_optvalue_complain(p, "%s=: which job?", option);
    look->what = what;
    if (job) {
        free(look->job);
        look->job = ipcr_copy(job);
    }
    return true;
}

bool ipcr_optvalue_follow(struct ipcr_parser *p, const char *option, const char *text)
{
    p->o->look.every_ms = 1000;
    return !text || ipcr_optvalue_seconds(text, &p->o->look.every_ms) ||
           ipcr_optvalue_complain(p, "%s=%.100s: expected a number of seconds", option, text);
}
