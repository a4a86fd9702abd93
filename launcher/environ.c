/* Environment of the ranks. */
#include "environ.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent.h"
#include "gpus.h"

/* Slurm's name of a node is true there alone. */
#define NODE_NAME "SLURMD_NODENAME"

/* Variables with these beginnings say "you are rank r of a job", to us or to another MPI. */
static const char *const job_prefixes[] = {"PMI_", "PMIX_", "OMPI_COMM_WORLD_",
                                           "MPI_LOCALRANKID=", "MPI_LOCALNRANKS="};
static const char *const job_names[] = {"IPCRUN_BOOT",       "IPCRUN_RANK",  "IPCRUN_SIZE",
                                        "IPCRUN_LOCAL_RANK", "IPCRUN_NODE",  "IPCRUN_LOCAL_SIZE",
                                        "IPCRUN_NODES",      "IPCRUN_JOB",   "SLURM_PROCID",
                                        "SLURM_LOCALID",     "SLURM_NODEID", "SLURM_GTIDS",
                                        "SLURM_TASK_PID",    NODE_NAME};

static bool has_name(const char *entry, const char *name)
{
    size_t n = strlen(name);
    return strncmp(entry, name, n) == 0 && entry[n] == '=';
}

static bool tells_a_rank(const char *entry)
{
    for (size_t i = 0; i < sizeof job_prefixes / sizeof *job_prefixes; i++)
        if (strncmp(entry, job_prefixes[i], strlen(job_prefixes[i])) == 0)
            return true;
    for (size_t i = 0; i < sizeof job_names / sizeof *job_names; i++)
        if (has_name(entry, job_names[i]))
            return true;
    return false;
}

void ipcr_environ_set(struct ipcr_words *to, const char *name, const char *value)
{
    char *entry = ipcr_format("%s=%s", name, value);
    for (int i = 0; i < to->n; i++)
        if (has_name(to->at[i], name)) {
            free(to->at[i]);
            to->at[i] = entry;
            return;
        }
    ipcr_words_add(to, entry);
}

void ipcr_environ_put(struct ipcr_words *to, const char *entry)
{
    const char *eq = strchr(entry, '=');
    char *name = ipcr_format("%.*s", (int)(eq - entry), entry);
    ipcr_environ_set(to, name, eq + 1);
    free(name);
}

static void put_all(struct ipcr_words *to, const struct ipcr_words *entries)
{
    for (int i = 0; i < entries->n; i++)
        ipcr_environ_put(to, entries->at[i]);
}

static bool passes(const struct ipcr_env_pass *pass, const char *entry)
{
    if (!pass->given || pass->all)
        return true;
    for (int i = 0; i < pass->names.n; i++)
        if (has_name(entry, pass->names.at[i]))
            return true;
    return false;
}

static void forward(struct ipcr_words *to, char **from, const struct ipcr_env_pass *pass)
{
    for (; *from; from++)
        if (!tells_a_rank(*from) && passes(pass, *from))
            ipcr_words_add(to, ipcr_copy(*from));
}

/* What all have in common is sent once. Where a program chooses for itself there is nothing in
 * common, and each has all that it gets. */
void ipcr_environ_forward(struct ipcr_plan *plan, char **from, const struct ipcr_env_pass *pass,
                          const struct ipcr_words *set)
{
    bool common = true;
    for (int i = 0; i < plan->napps; i++)
        common &= !plan->apps[i].pass.given;
    if (common) {
        forward(&plan->env, from, pass);
        put_all(&plan->env, set);
    }
    for (int i = 0; !common && i < plan->napps; i++) {
        struct ipcr_app *app = &plan->apps[i];
        struct ipcr_words env = {0};
        forward(&env, from, app->pass.given ? &app->pass : pass);
        put_all(&env, set);
        put_all(&env, &app->env);
        ipcr_words_free(&app->env);
        app->env = env;
    }
}

static const char *lookup(const struct ipcr_words *w, const char *name)
{
    for (int i = w->n - 1; i >= 0; i--)
        if (has_name(w->at[i], name))
            return w->at[i] + strlen(name) + 1;
    return NULL;
}

const char *ipcr_environ_get(const struct ipcr_words *first, const struct ipcr_words *second,
                             const char *name)
{
    const char *value = lookup(first, name);
    return value ? value : lookup(second, name);
}

/* The folder of libmpi_abi: .libs in a build tree, lib beside bin in an installed one. NULL: it is
 * not near us, so the program has to know. */
static char *library_folder(void)
{
    static const char *const places[] = {".libs", "../lib", "../lib64"};
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0)
        return NULL;
    exe[n] = 0;
    char *slash = strrchr(exe, '/');
    *slash = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *lib = ipcr_format("%s/%s/libmpi_abi.so.1", exe, places[i]);
        if (access(lib, R_OK) == 0) {
            *strrchr(lib, '/') = 0;
            char *clean = realpath(lib, NULL);
            free(lib);
            return clean;
        }
        free(lib);
    }
    return NULL;
}

/* Behind what the user has: a program's own choice of library goes first. */
static void add_library_path(struct ipcr_words *owned, const char *old)
{
    char *folder = library_folder();
    if (!folder)
        return;
    ipcr_words_add(owned, old && *old ? ipcr_format("LD_LIBRARY_PATH=%s:%s", old, folder)
                                      : ipcr_format("LD_LIBRARY_PATH=%s", folder));
    free(folder);
}

static bool is_overridden(const struct ipcr_words *by, const char *entry)
{
    const char *eq = strchr(entry, '=');
    size_t n = eq ? (size_t)(eq - entry) + 1 : strlen(entry);
    for (int i = 0; i < by->n; i++)
        if (strncmp(by->at[i], entry, n) == 0)
            return true;
    return false;
}

/* All of `from` but what one of the others has already. */
static int append(char **to, int n, const struct ipcr_words *from,
                  const struct ipcr_words *const over[3])
{
    for (int i = 0; i < from->n; i++) {
        bool overridden = false;
        for (int k = 0; k < 3 && over[k]; k++)
            overridden |= is_overridden(over[k], from->at[i]);
        if (!overridden)
            to[n++] = from->at[i];
    }
    return n;
}

void ipcr_environ_make(struct ipcr_rank_env *env, const struct ipcr_agent *a,
                       const struct ipcr_app *app, int boot_fd)
{
    const struct ipcr_plan *plan = &a->plan;
    struct ipcr_words *own = &env->owned;
    ipcr_words_add(own, ipcr_format("IPCRUN_BOOT=%u:%d", IPCR_PROTO_VERSION, boot_fd));
    ipcr_words_add(own, ipcr_format("IPCRUN_SIZE=%d", plan->size));
    ipcr_words_add(own, ipcr_format("IPCRUN_LOCAL_SIZE=%d", a->nranks));
    ipcr_words_add(own, ipcr_format("IPCRUN_NODE=%d", a->node));
    ipcr_words_add(own, ipcr_format("IPCRUN_NODES=%d", plan->nodes));
    ipcr_words_add(own, ipcr_format("IPCRUN_JOB=%s", plan->id)); /* reap.c looks for it */
    if (app->wdir_given)
        ipcr_words_add(own, ipcr_format("PWD=%s", app->wdir));
    if (getenv(NODE_NAME))
        ipcr_words_add(own, ipcr_format("%s=%s", NODE_NAME, getenv(NODE_NAME)));
    add_library_path(own, ipcr_environ_get(&app->env, &plan->env, "LD_LIBRARY_PATH"));
    size_t most = (size_t)(plan->env.n + app->env.n + own->n + IPCR_RANK_OWN + 1);
    env->at = ipcr_alloc(sizeof(char *) * most);
    env->plan = plan;
    env->app = app;
    ipcr_environ_for(env, 0, 0);
    struct ipcr_words ranks = {.at = env->at};
    while (env->at[ranks.n])
        ranks.n++;
    const struct ipcr_words *const over[] = {&ranks, own, &app->env};
    int n = append(env->at, ranks.n, own, (const struct ipcr_words *const[3]){&ranks});
    n = append(env->at, n, &app->env, (const struct ipcr_words *const[3]){&ranks, own});
    append(env->at, n, &plan->env, over);
}

static void change(char **entry, char *owned)
{
    free(*entry);
    *entry = owned;
}

char **ipcr_environ_for(struct ipcr_rank_env *env, int rank, int local_rank)
{
    const char *name;
    change(&env->at[0], ipcr_format("IPCRUN_RANK=%d", rank));
    change(&env->at[1], ipcr_format("IPCRUN_LOCAL_RANK=%d", local_rank));
    for (int i = 0; env->plan->gpus && (name = ipcr_gpus_variable(i)) != NULL; i++) {
        const char *named = ipcr_environ_get(&env->app->env, &env->plan->env, name);
        char *devices = ipcr_gpus_of(named, env->plan->gpus, local_rank);
        change(&env->at[2 + i], ipcr_format("%s=%s", name, devices));
        free(devices);
    }
    return env->at;
}

void ipcr_environ_free(struct ipcr_rank_env *env)
{
    for (int i = 0; env->at && i < (env->plan->gpus ? IPCR_RANK_OWN : 2); i++)
        free(env->at[i]);
    free(env->at);
    ipcr_words_free(&env->owned);
}
