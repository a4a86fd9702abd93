/* The picture of --top. */
#include "top.h"

#include <stdlib.h>
#include <string.h>

enum { HEADING = 2 }; /* lines above those of the ranks */

/* What a rank does a second; of several ranks: the sum, but for the shares, which are means. */
struct ipcr_top_pace {
    double wait, cpu; /* share of the time asleep in MPI calls, and on processors */
    double bytes;     /* sent, by all transports */
    int nways;
    struct {
        char name[9];
        double messages, bytes;
    } ways[IPCR_SLEEPER_WAYS];
};

struct line {
    int first, ranks; /* lowest rank, and how many there are */
    struct ipcr_top_pace pace;
};

/* The ranks in lines. */
struct table {
    const struct ipcr_jobview *view;
    struct line *lines; /* [n], in the order of their first ranks */
    int *order;         /* [n] lines as they are shown */
    int *line_of;       /* [size] */
    int n;
    int columns;
};

/* ---- rates ---- */

static uint64_t since(uint64_t now, uint64_t before)
{
    return now > before ? now - before : 0;
}

static const struct ipcr_way *same_way(const struct ipcr_sleeper *s, const char *name)
{
    for (int i = 0; s && i < s->nways; i++)
        if (strcmp(s->ways[i].name, name) == 0)
            return &s->ways[i];
    return NULL;
}

static double share(uint64_t ms, double of_ms)
{
    return (double)ms > of_ms ? 1 : (double)ms / of_ms;
}

static void set_pace(struct ipcr_top_pace *p, const struct ipcr_sleeper *now,
                     const struct ipcr_sleeper *before, double ms)
{
    *p = (struct ipcr_top_pace){.nways = now->nways};
    p->wait = share(since(now->slept_ms, before ? before->slept_ms : 0), ms);
    p->cpu = (double)since(now->cpu_ms, before ? before->cpu_ms : 0) / ms;
    for (int i = 0; i < now->nways; i++) {
        const struct ipcr_way *way = &now->ways[i], *old = same_way(before, way->name);
        memcpy(p->ways[i].name, way->name, sizeof p->ways[i].name);
        p->ways[i].messages = (double)since(way->messages, old ? old->messages : 0) * 1000 / ms;
        p->ways[i].bytes = (double)since(way->bytes, old ? old->bytes : 0) * 1000 / ms;
        p->bytes += p->ways[i].bytes;
    }
}

void ipcr_top_take(struct ipcr_top *t, const struct ipcr_jobview *v)
{
    size_t size = (size_t)v->size;
    double ms = (double)since(v->ms, t->before_ms);
    if (t->size != v->size)
        ipcr_top_free(t);
    if (!t->pace)
        t->pace = ipcr_alloc(size * sizeof *t->pace);
    for (int i = 0; i < v->size; i++)
        set_pace(&t->pace[i], &v->all[i], t->before ? &t->before[i] : NULL, ms < 1 ? 1 : ms);
    if (!t->before)
        t->before = ipcr_alloc(size * sizeof *t->before);
    memcpy(t->before, v->all, size * sizeof *t->before);
    t->size = v->size;
    t->before_ms = v->ms;
}

void ipcr_top_free(struct ipcr_top *t)
{
    free(t->before);
    free(t->pace);
    *t = (struct ipcr_top){.sort = t->sort, .group = t->group};
}

/* ---- lines ---- */

static bool share_line(const struct ipcr_sleeper *a, const struct ipcr_sleeper *b)
{
    return a->state == b->state &&
           (a->state != IPCR_STATE_WAITS ||
            (strcmp(a->call, b->call) == 0 && strcmp(a->comm, b->comm) == 0));
}

static void add_pace(struct ipcr_top_pace *to, const struct ipcr_top_pace *p)
{
    to->wait += p->wait;
    to->cpu += p->cpu;
    to->bytes += p->bytes;
    for (int i = 0; i < p->nways; i++) {
        int k = 0;
        while (k < to->nways && strcmp(to->ways[k].name, p->ways[i].name) != 0)
            k++;
        if (k == IPCR_SLEEPER_WAYS)
            continue;
        if (k == to->nways) {
            to->ways[k] = p->ways[i];
            to->nways++;
        } else {
            to->ways[k].messages += p->ways[i].messages;
            to->ways[k].bytes += p->ways[i].bytes;
        }
    }
}

static int line_for(const struct table *table, int rank, bool grouped)
{
    const struct ipcr_sleeper *all = table->view->all;
    int i = grouped ? 0 : table->n;
    while (i < table->n && !share_line(&all[table->lines[i].first], &all[rank]))
        i++;
    return i;
}

static void make_lines(struct table *table, const struct ipcr_top *t, bool grouped)
{
    table->n = 0;
    for (int rank = 0; rank < table->view->size; rank++) {
        int i = line_for(table, rank, grouped);
        struct line *line = &table->lines[i];
        if (i == table->n) {
            *line = (struct line){.first = rank};
            table->order[i] = i;
            table->n++;
        }
        add_pace(&line->pace, &t->pace[rank]);
        line->ranks++;
        table->line_of[rank] = i;
    }
    for (int i = 0; i < table->n; i++) {
        table->lines[i].pace.wait /= table->lines[i].ranks;
        table->lines[i].pace.cpu /= table->lines[i].ranks;
    }
}

/* ---- order ---- */

/* The less, the further up. Whom the others wait for waits least. */
static double weight(const struct line *line, int sort)
{
    switch (sort) {
    case IPCR_TOP_WAIT:
        return line->pace.wait;
    case IPCR_TOP_CPU:
        return -line->pace.cpu;
    case IPCR_TOP_BYTES:
        return -line->pace.bytes;
    default:
        return line->first;
    }
}

struct by {
    const struct table *table;
    int sort;
};

static int compare(const void *a, const void *b, void *by)
{
    const struct by *how = by;
    int i = *(const int *)a, k = *(const int *)b;
    double x = weight(&how->table->lines[i], how->sort);
    double y = weight(&how->table->lines[k], how->sort);
    return x != y ? (x > y) - (x < y) : i - k;
}

/* ---- text ---- */

static void say_number(char *text, size_t room, double n)
{
    static const char unit[] = " kMGT";
    int u = 0;
    for (; n >= 999.5 && u < 4; u++)
        n /= 1000;
    if (u == 0)
        snprintf(text, room, "%.0f", n);
    else
        snprintf(text, room, "%.*f%c", n < 9.95 ? 1 : 0, n, unit[u]);
}

static void say_sends(char *text, size_t room, const struct ipcr_top_pace *p)
{
    size_t used = 0;
    snprintf(text, room, "-");
    for (int i = 0; i < p->nways && used < room; i++) {
        char messages[16], bytes[16];
        if (p->ways[i].messages <= 0)
            continue;
        say_number(messages, sizeof messages, p->ways[i].messages);
        say_number(bytes, sizeof bytes, p->ways[i].bytes);
        used += (size_t)snprintf(text + used, room - used, "%s%s %s %sB", used ? "  " : "",
                                 p->ways[i].name, messages, bytes);
    }
}

static void say_state(char *text, size_t room, const struct ipcr_sleeper *s, bool alone)
{
    static const char *const words[] = {
        [IPCR_STATE_UNKNOWN] = "not started", [IPCR_STATE_BEFORE] = "before MPI_Init",
        [IPCR_STATE_RUNS] = "runs",           [IPCR_STATE_SLEEPS] = "sleeps outside of MPI",
        [IPCR_STATE_STOPPED] = "stopped",     [IPCR_STATE_PAST] = "past MPI_Finalize",
        [IPCR_STATE_ENDED] = "ended"};
    if (s->state != IPCR_STATE_WAITS) {
        bool known = s->state < sizeof words / sizeof *words && words[s->state];
        snprintf(text, room, "%s", known ? words[s->state] : "?");
        return;
    }
    char whom[16] = "";
    if (alone && s->peer >= 0 && !ipcr_sleeper_is_collective(s->call))
        snprintf(whom, sizeof whom, " for %d", s->peer);
    snprintf(text, room, "%s%s%s%s", s->call[0] ? s->call : "MPI", whom, s->comm[0] ? ", " : "",
             s->comm);
}

void ipcr_top_line(FILE *to, char *text, int columns)
{
    size_t n = strlen(text);
    if (n > (size_t)columns)
        for (n = (size_t)columns; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
            ;
    text[n] = 0;
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    fprintf(to, "%s\n", text);
}

static void put_row(FILE *to, const struct table *table, int i, int *ranks)
{
    const struct line *line = &table->lines[i];
    char who[18], state[80], sends[80], text[256];
    int n = 0;
    for (int rank = line->first; rank < table->view->size && n < line->ranks; rank++)
        if (table->line_of[rank] == i)
            ranks[n++] = rank;
    ipcr_jobview_ranks(who, sizeof who, ranks, n);
    say_state(state, sizeof state, &table->view->all[line->first], line->ranks == 1);
    say_sends(sends, sizeof sends, &line->pace);
    snprintf(text, sizeof text, "%-17s %5d %5.0f %5.0f  %-34.34s %s", who, line->ranks,
             line->pace.wait * 100, line->pace.cpu * 100, state, sends);
    ipcr_top_line(to, text, table->columns);
}

static void put_heading(FILE *to, const struct table *table, const struct ipcr_top *t)
{
    struct ipcr_top_pace all = {0};
    char sends[80], text[256];
    int waiting = 0, size = table->view->size;
    for (int i = 0; i < size; i++) {
        add_pace(&all, &t->pace[i]);
        waiting += table->view->all[i].state == IPCR_STATE_WAITS;
    }
    say_sends(sends, sizeof sends, &all);
    snprintf(text, sizeof text, "%d of %d ranks wait now; %.0f %% of the time; CPU %.0f %%; %s",
             waiting, size, all.wait * 100 / size, all.cpu * 100, sends);
    ipcr_top_line(to, text, table->columns);
    snprintf(text, sizeof text, "%-17s %5s %5s %5s  %-34s %s", "RANKS", "COUNT", "WAIT%", "CPU%",
             "STATE", "SENDS (transport messages/s bytes/s)");
    ipcr_top_line(to, text, table->columns);
}

/* All lines, or as many as there is room for with a last one that says so. */
static void put_rows(FILE *to, const struct table *table, int rows)
{
    int *ranks = ipcr_alloc((size_t)table->view->size * sizeof *ranks);
    int shown = table->n <= rows ? table->n : rows - 1;
    for (int i = 0; i < shown; i++)
        put_row(to, table, table->order[i], ranks);
    if (shown < table->n)
        fprintf(to, "... and %d more\n", table->n - shown);
    free(ranks);
}

void ipcr_top_draw(const struct ipcr_top *t, const struct ipcr_jobview *v, FILE *to, int rows,
                   int columns)
{
    size_t size = (size_t)v->size;
    struct table table = {.view = v, .columns = columns};
    rows = rows > HEADING + 1 ? rows - HEADING : 1;
    bool grouped =
        t->group == IPCR_TOP_GROUPED || (t->group == IPCR_TOP_IF_NEEDED && v->size > rows);
    table.lines = ipcr_alloc(size * sizeof *table.lines);
    table.order = ipcr_alloc(size * sizeof *table.order);
    table.line_of = ipcr_alloc(size * sizeof *table.line_of);
    make_lines(&table, t, grouped);
    qsort_r(table.order, (size_t)table.n, sizeof *table.order, compare,
            &(struct by){&table, t->sort});
    put_heading(to, &table, t);
    put_rows(to, &table, rows);
    free(table.lines);
    free(table.order);
    free(table.line_of);
}
