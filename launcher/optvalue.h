/* Values of options: what is read out of the words (optplace.c: those that say where ranks run).
 * For options.c alone. */
#ifndef IPCR_OPTVALUE_H
#define IPCR_OPTVALUE_H

#include "options.h"

struct ipcr_parser {
    struct ipcr_options *o;
    struct ipcr_app *app; /* the part being read */
    char **at, **env;     /* the next word; where a bare --env NAME finds its value */
    char *why;            /* for the sentence that says what is wrong */
    size_t room;
};

/* Always false. */
bool ipcr_optvalue_complain(struct ipcr_parser *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Each puts the value into p->o or p->app; false: it is none, and said so (all but is_name, and
 * seconds, which is told no parser). `option` is how the user wrote it. */
bool ipcr_optvalue_seconds(const char *text, long *ms);
bool ipcr_optvalue_is_name(const char *text);
bool ipcr_optvalue_env(struct ipcr_parser *p, const char *text);
bool ipcr_optvalue_env_pair(struct ipcr_parser *p, const char *name);
bool ipcr_optvalue_genv(struct ipcr_parser *p, const char *name, const char *value);
bool ipcr_optvalue_genv_entry(struct ipcr_parser *p, const char *entry);
bool ipcr_optvalue_pass(struct ipcr_parser *p, struct ipcr_env_pass *to, const char *list,
                        bool all);
bool ipcr_optvalue_bind(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_cpu_list(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_cpus_per_rank(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_count(struct ipcr_parser *p, const char *option, const char *text, int *to);
bool ipcr_optvalue_seed(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_map_by(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_ppr(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_per_socket(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_order(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_display(struct ipcr_parser *p, const char *option, const char *list);
bool ipcr_optvalue_runtime(struct ipcr_parser *p, const char *option, const char *list);
bool ipcr_optvalue_rank_by(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_universe(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_stdin(struct ipcr_parser *p, const char *text);
bool ipcr_optvalue_launcher(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_scheduler(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_foreign(struct ipcr_parser *p, const char *option);
bool ipcr_optvalue_words(struct ipcr_parser *p, const char *option, const char *text, char **to);
bool ipcr_optvalue_iface(struct ipcr_parser *p, const char *option, const char *names);
bool ipcr_optvalue_ports(struct ipcr_parser *p, const char *option, const char *range);
bool ipcr_optvalue_file(struct ipcr_parser *p, const char *option, const char *text, char **to);
bool ipcr_optvalue_out_dir(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_output(struct ipcr_parser *p, const char *option, const char *list);
bool ipcr_optvalue_ranks(struct ipcr_parser *p, const char *option, const char *text, char **to);
bool ipcr_optvalue_compare(struct ipcr_parser *p, const char *option, const char *list);
/* job NULL: the next word is one, unless it is an option. */
bool ipcr_optvalue_look(struct ipcr_parser *p, const char *option, const char *job, int what);
bool ipcr_optvalue_follow(struct ipcr_parser *p, const char *option, const char *text);
bool ipcr_optvalue_config(struct ipcr_parser *p, const char *option, const char *path);
bool ipcr_optvalue_help(struct ipcr_parser *p, const char *group);

#endif
