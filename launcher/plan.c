/* LAUNCH: the plan on its way from the head to an agent. */
#include "plan.h"

#include <stdlib.h>

static void put_words(struct ipcr_buf *b, const struct ipcr_words *w)
{
    ipcr_put_u32(b, (uint32_t)w->n);
    for (int i = 0; i < w->n; i++)
        ipcr_put_text(b, w->at[i]);
}

static void get_words(struct ipcr_reader *r, struct ipcr_words *w)
{
    uint32_t n = ipcr_get_count(r, 5);
    for (uint32_t i = 0; i < n && !r->bad; i++)
        ipcr_words_add(w, ipcr_copy(ipcr_get_text(r)));
}

static void put_app(struct ipcr_buf *b, const struct ipcr_app *app)
{
    put_words(b, &app->argv);
    put_words(b, &app->env);
    ipcr_put_text(b, app->path);
    ipcr_put_text(b, app->wdir);
    ipcr_put_u8(b, app->wdir_given);
}

static void get_app(struct ipcr_reader *r, struct ipcr_app *app)
{
    get_words(r, &app->argv);
    get_words(r, &app->env);
    const char *path = ipcr_get_text(r);
    app->path = *path ? ipcr_copy(path) : NULL;
    app->wdir = ipcr_copy(ipcr_get_text(r));
    app->wdir_given = ipcr_get_u8(r);
    if (app->argv.n == 0)
        r->bad = true;
}

/* NULL: a rankfile names none, or not for all ranks of the node. */
static char *cpu_list(const struct ipcr_plan *plan, int node)
{
    struct ipcr_buf b = {0};
    for (int i = 0; plan->rank_cpus && i < plan->size; i++) {
        const char *cpus = plan->rank_cpus[i];
        if (plan->node_of[i] != node)
            continue;
        if (!cpus) {
            free(b.data);
            return NULL;
        }
        if (b.len)
            ipcr_put_u8(&b, ',');
        ipcr_put_raw(&b, cpus, strlen(cpus));
    }
    if (b.len)
        ipcr_put_u8(&b, 0);
    return (char *)b.data;
}

char *ipcr_plan_bind(struct ipcr_bind_wish *w, const struct ipcr_plan *plan, int node)
{
    *w = plan->bind;
    char *list = cpu_list(plan, node);
    if (list) {
        w->how = IPCR_BIND_LIST;
        w->list = list;
    }
    return list;
}

static void put_bind(struct ipcr_buf *b, const struct ipcr_bind_wish *w)
{
    ipcr_put_u8(b, (uint8_t)w->how);
    ipcr_put_u8(b, (uint8_t)w->object);
    ipcr_put_i32(b, w->width);
    ipcr_put_u8(b, (uint8_t)w->map_by);
    ipcr_put_i32(b, w->block);
    ipcr_put_u8(b, w->disjoint);
    ipcr_put_u8(b, w->report);
    ipcr_put_text(b, w->list);
}

static void get_bind(struct ipcr_reader *r, struct ipcr_bind_wish *w)
{
    w->how = ipcr_get_u8(r);
    w->object = ipcr_get_u8(r);
    w->width = ipcr_get_i32(r);
    w->map_by = ipcr_get_u8(r);
    w->block = ipcr_get_i32(r);
    w->disjoint = ipcr_get_u8(r);
    w->report = ipcr_get_u8(r);
    w->list = ipcr_copy(ipcr_get_text(r));
    r->bad |=
        w->object >= IPCR_OBJECTS || w->map_by >= IPCR_OBJECTS || w->width < 0 || w->block < 0;
}

static void put_debug(struct ipcr_buf *b, const struct ipcr_debug *d)
{
    ipcr_put_text(b, d->ranks);
    ipcr_put_text(b, d->command);
    ipcr_put_u8(b, d->terminal);
    ipcr_put_u16(b, (uint16_t)d->rows);
    ipcr_put_u16(b, (uint16_t)d->columns);
}

static void get_debug(struct ipcr_reader *r, struct ipcr_debug *d)
{
    const char *ranks = ipcr_get_text(r), *command = ipcr_get_text(r);
    d->ranks = *ranks ? ipcr_copy(ranks) : NULL;
    d->command = *command ? ipcr_copy(command) : NULL;
    d->terminal = ipcr_get_u8(r);
    d->rows = ipcr_get_u16(r);
    d->columns = ipcr_get_u16(r);
    r->bad |= d->ranks && !d->command;
}

void ipcr_plan_put(struct ipcr_buf *b, const struct ipcr_plan *plan, int node)
{
    ipcr_put_u32(b, IPCR_PROTO_VERSION);
    ipcr_put_text(b, plan->id);
    ipcr_put_raw(b, plan->secret, IPCR_SECRET_LEN);
    ipcr_put_text(b, plan->hosts.at[node]);
    ipcr_put_i32(b, node);
    ipcr_put_i32(b, plan->nodes);
    ipcr_put_i32(b, plan->universe);
    ipcr_put_i32(b, plan->stdin_rank);
    struct ipcr_bind_wish bind;
    char *list = ipcr_plan_bind(&bind, plan, node);
    put_bind(b, &bind);
    free(list);
    put_debug(b, &plan->debug);
    ipcr_put_i32(b, plan->gpus);
    ipcr_put_u8(b, plan->stats);
    ipcr_put_u8(b, plan->trace);
    put_words(b, &plan->env);
    ipcr_put_u32(b, (uint32_t)plan->napps);
    for (int i = 0; i < plan->napps; i++)
        put_app(b, &plan->apps[i]);
    ipcr_put_u32(b, (uint32_t)plan->size);
    for (int i = 0; i < plan->size; i++) {
        ipcr_put_i32(b, plan->node_of[i]);
        ipcr_put_i32(b, plan->app_of[i]);
    }
}

static void get_ranks(struct ipcr_reader *r, struct ipcr_plan *plan)
{
    plan->size = (int)ipcr_get_count(r, 8);
    if (plan->nodes > plan->size) /* each has a rank; and what is counted for nodes is allocated */
        r->bad = true;
    plan->node_of = ipcr_alloc(sizeof(int) * (size_t)plan->size);
    plan->app_of = ipcr_alloc(sizeof(int) * (size_t)plan->size);
    plan->local_of = ipcr_alloc(sizeof(int) * (size_t)plan->size);
    for (int i = 0; i < plan->size; i++) {
        plan->node_of[i] = ipcr_get_i32(r);
        plan->app_of[i] = ipcr_get_i32(r);
        if (plan->node_of[i] < 0 || plan->node_of[i] >= plan->nodes || plan->app_of[i] < 0 ||
            plan->app_of[i] >= plan->napps)
            r->bad = true;
    }
    if (!r->bad)
        ipcr_plan_number(plan);
}

bool ipcr_plan_get(struct ipcr_reader *r, struct ipcr_plan *plan, int *node)
{
    *plan = (struct ipcr_plan){0};
    if (ipcr_get_u32(r) != IPCR_PROTO_VERSION)
        return false; /* the head finds out by itself, from the hello, and says so */
    const char *id = ipcr_get_text(r);
    const uint8_t *secret = ipcr_get_raw(r, IPCR_SECRET_LEN);
    if (!secret || strlen(id) >= sizeof plan->id)
        return false;
    strcpy(plan->id, id);
    memcpy(plan->secret, secret, IPCR_SECRET_LEN);
    ipcr_words_add(&plan->hosts, ipcr_copy(ipcr_get_text(r)));
    *node = ipcr_get_i32(r);
    plan->nodes = ipcr_get_i32(r);
    plan->universe = ipcr_get_i32(r);
    plan->stdin_rank = ipcr_get_i32(r);
    get_bind(r, &plan->bind);
    get_debug(r, &plan->debug);
    plan->gpus = ipcr_get_i32(r);
    plan->stats = ipcr_get_u8(r);
    plan->trace = ipcr_get_u8(r);
    get_words(r, &plan->env);
    plan->napps = (int)ipcr_get_count(r, 19);
    plan->apps = ipcr_alloc(sizeof *plan->apps * (size_t)plan->napps);
    for (int i = 0; i < plan->napps && !r->bad; i++)
        get_app(r, &plan->apps[i]);
    if (r->bad || plan->nodes <= 0 || *node < 0 || *node >= plan->nodes)
        return false;
    get_ranks(r, plan);
    return !r->bad && r->left == 0 && plan->size > 0;
}

void ipcr_plan_number(struct ipcr_plan *plan)
{
    int *next = ipcr_alloc(sizeof(int) * (size_t)plan->nodes);
    for (int i = 0; i < plan->size; i++)
        plan->local_of[i] = next[plan->node_of[i]]++;
    free(next);
}

int ipcr_plan_reader(const struct ipcr_plan *plan)
{
    return plan->stdin_rank == IPCR_STDIN_ALL ? -1 : plan->node_of[plan->stdin_rank];
}

int ipcr_plan_ranks_on(const struct ipcr_plan *plan, int node)
{
    int n = 0;
    for (int i = 0; i < plan->size; i++)
        n += plan->node_of[i] == node;
    return n;
}

void ipcr_plan_free(struct ipcr_plan *plan)
{
    for (int i = 0; i < plan->napps; i++) {
        ipcr_words_free(&plan->apps[i].argv);
        ipcr_words_free(&plan->apps[i].env);
        ipcr_words_free(&plan->apps[i].pass.names);
        free(plan->apps[i].wdir);
        free(plan->apps[i].path);
    }
    free(plan->apps);
    free(plan->node_of);
    free(plan->local_of);
    free(plan->app_of);
    ipcr_words_free(&plan->hosts);
    ipcr_words_free(&plan->env);
    free(plan->bind.list);
    free(plan->debug.ranks);
    free(plan->debug.command);
    *plan = (struct ipcr_plan){0};
}
