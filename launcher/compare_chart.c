/* One picture of the page: a metric by size, both axes logarithmic, every curve labelled where it
 * ends. Colours are classes of the page's style sheet, so that it follows light and dark. */
#include <math.h>
#include <string.h>

#include "compare.h"

enum {
    WIDTH = 600, /* of the picture; then those of the plot's borders */
    HEIGHT = 380,
    LEFT = 52,
    RIGHT = 478,
    TOP = 14,
    BOTTOM = 340,
    LINE = 14,     /* from one label to the next */
    CURVES = 32,   /* at most */
    LABEL_AT = 496 /* where labels begin */
};

struct curve {
    const char *name, *unit;
    char class[24];
    struct ipcr_series series;
    double x, y;  /* where it ends */
    double label; /* height of its label */
};

struct chart {
    const struct ipcr_comparison *c;
    FILE *to;
    struct curve curves[CURVES];
    int n;
    int low, high; /* powers of ten at bottom and top */
};

static double x_of(const struct chart *t, int size)
{
    double range = log2((double)t->c->sizes[t->c->nsizes - 1]);
    return LEFT + (RIGHT - LEFT) * log2((double)t->c->sizes[size]) / range;
}

static double y_of(const struct chart *t, double value)
{
    return BOTTOM - (BOTTOM - TOP) * (log10(value) - t->low) / (t->high - t->low);
}

static bool is_there(double value)
{
    return isfinite(value) && value > 0;
}

const char *ipcr_chart_unit(enum ipcr_metric metric)
{
    const char *unit = ipcr_metrics[metric].unit;
    return strcmp(unit, "us") == 0 ? "µs" : unit;
}

/* ---- what is drawn ---- */

static int last_of(const struct chart *t, const struct ipcr_series *s)
{
    int i = t->c->nsizes - 1;
    while (i >= 0 && !is_there(s->at[i]))
        i--;
    return i;
}

static struct curve *add(struct chart *t, const char *name, const struct ipcr_series *s)
{
    if (t->n == CURVES || last_of(t, s) < 0)
        return NULL;
    struct curve *k = &t->curves[t->n++];
    *k = (struct curve){.name = name, .series = *s};
    return k;
}

/* A limit that was measured for one byte alone holds for every message: a level line. */
static void make_level(const struct chart *t, struct ipcr_series *s)
{
    if (last_of(t, s) == 0)
        for (int i = 1; i < t->c->nsizes; i++)
            s->at[i] = s->at[0];
}

static void collect(struct chart *t, int layout, enum ipcr_metric metric)
{
    for (int i = 0; i < t->c->nruns; i++) {
        const struct ipcr_run *run = &t->c->runs[layout][i];
        struct curve *k = run->reason ? NULL : add(t, run->transport, &run->series[metric]);
        if (k)
            snprintf(k->class, sizeof k->class, "s%d%s", run->row % 8, run->row >= 8 ? " d" : "");
    }
    for (int i = 0; i < t->c->limits[layout].n; i++) {
        const struct ipcr_limit *l = &t->c->limits[layout].at[i];
        struct curve *k = l->metric == metric ? add(t, l->name, &l->series) : NULL;
        if (!k)
            continue;
        strcpy(k->class, "limit");
        make_level(t, &k->series);
    }
}

static void find_range(struct chart *t)
{
    double least = HUGE_VAL, most = 0;
    for (int i = 0; i < t->n; i++)
        for (int k = 0; k < t->c->nsizes; k++) {
            double v = t->curves[i].series.at[k];
            if (!is_there(v))
                continue;
            least = v < least ? v : least;
            most = v > most ? v : most;
        }
    t->low = (int)floor(log10(least));
    t->high = (int)ceil(log10(most));
    t->high += t->high == t->low;
}

/* ---- labels ---- */

static void sort_by_end(struct chart *t)
{
    for (int i = 1; i < t->n; i++)
        for (int k = i; k > 0 && t->curves[k].y < t->curves[k - 1].y; k--) {
            struct curve swap = t->curves[k];
            t->curves[k] = t->curves[k - 1];
            t->curves[k - 1] = swap;
        }
}

/* Two labels that are too close give way by half each, until all have room: so a bundle of curves
 * gets its labels around its middle. */
static void spread_labels(struct chart *t)
{
    for (int round = 0; round < 400; round++) {
        for (int i = 1; i < t->n; i++) {
            double *a = &t->curves[i - 1].label, *b = &t->curves[i].label;
            double lacks = (LINE - (*b - *a)) / 2;
            if (lacks > 0) {
                *a -= lacks;
                *b += lacks;
            }
        }
        for (int i = 0; i < t->n; i++) { /* the first and the last stay within the picture */
            double *at = &t->curves[i].label;
            double top = TOP + i * LINE, bottom = BOTTOM - (t->n - 1 - i) * LINE;
            *at = *at < top ? top : *at > bottom ? bottom : *at;
        }
    }
}

static void place_labels(struct chart *t)
{
    for (int i = 0; i < t->n; i++) {
        struct curve *k = &t->curves[i];
        int last = last_of(t, &k->series);
        k->x = x_of(t, last);
        k->y = k->label = y_of(t, k->series.at[last]);
    }
    sort_by_end(t);
    spread_labels(t);
}

/* ---- drawing ---- */

static void draw_rows(const struct chart *t)
{
    for (int p = t->low; p <= t->high; p++) {
        double y = y_of(t, pow(10, p));
        fprintf(t->to, "<path class=grid d='M%d %.1fH%d'/>", LEFT, y, RIGHT);
        if (p < 4)
            fprintf(t->to, "<text class=tick text-anchor=end x=%d y=%.1f>%.*f</text>\n", LEFT - 7,
                    y + 4, p < 0 ? -p : 0, pow(10, p));
        else
            fprintf(t->to, "<text class=tick text-anchor=end x=%d y=%.1f>%.0fk</text>\n", LEFT - 7,
                    y + 4, pow(10, p - 3));
    }
}

/* "4K" for 4 KiB: the axis has no room for more. */
static void draw_columns(const struct chart *t)
{
    for (int i = 0; i < t->c->nsizes; i++) {
        double x = x_of(t, i);
        int number;
        char unit;
        sscanf(ipcr_compare_bytes(t->c->sizes[i]), "%d %c", &number, &unit);
        fprintf(t->to,
                "<path class=grid d='M%.1f %dV%d'/>"
                "<text class=tick text-anchor=middle x=%.1f y=%d>%d%.*s</text>\n",
                x, TOP, BOTTOM, x, BOTTOM + 18, number, unit != 'B', &unit);
    }
    fprintf(t->to, "<text class=tick x=%d y=%d>bytes</text>\n", LABEL_AT, BOTTOM + 18);
}

static void draw_line(const struct chart *t, const struct curve *k)
{
    const char *step = "M";
    fprintf(t->to, "<path class='line %s' d='", k->class);
    for (int i = 0; i < t->c->nsizes; i++) {
        if (!is_there(k->series.at[i]))
            continue;
        fprintf(t->to, "%s%.1f %.1f", step, x_of(t, i), y_of(t, k->series.at[i]));
        step = "L";
    }
    fprintf(t->to, "'/>\n");
}

/* The figures themselves are shown under the pointer. */
static void draw_points(const struct chart *t, const struct curve *k)
{
    for (int i = 0; i < t->c->nsizes; i++)
        if (is_there(k->series.at[i]))
            fprintf(t->to,
                    "<circle class='%s' cx=%.1f cy=%.1f r=2.5><title>%s, %s: %s %s</title>"
                    "</circle>",
                    k->class, x_of(t, i), y_of(t, k->series.at[i]), k->name,
                    ipcr_compare_bytes(t->c->sizes[i]), ipcr_compare_number(k->series.at[i]),
                    k->unit);
    fprintf(t->to, "\n");
}

static void draw_label(const struct chart *t, const struct curve *k)
{
    fprintf(t->to,
            "<path class='lead %s' d='M%.1f %.1fL%d %.1f'/>"
            "<text class=%s x=%d y=%.1f>%s</text>\n",
            k->class, k->x, k->y, LABEL_AT - 3, k->label,
            strcmp(k->class, "limit") == 0 ? "tick" : "name", LABEL_AT, k->label + 4, k->name);
}

void ipcr_chart_put(const struct ipcr_comparison *c, FILE *to, int layout, enum ipcr_metric metric)
{
    struct chart t = {.c = c, .to = to};
    collect(&t, layout, metric);
    if (t.n == 0)
        return;
    find_range(&t);
    place_labels(&t);
    fprintf(to,
            "<figure><figcaption>%s, %s</figcaption>\n<svg viewBox='0 0 %d %d' role=img "
            "aria-label='%s by size'>\n",
            ipcr_metrics[metric].text, ipcr_chart_unit(metric), WIDTH, HEIGHT,
            ipcr_metrics[metric].text);
    draw_rows(&t);
    draw_columns(&t);
    for (int i = 0; i < t.n; i++) {
        t.curves[i].unit = ipcr_chart_unit(metric);
        draw_line(&t, &t.curves[i]);
    }
    for (int i = 0; i < t.n; i++) {
        if (strcmp(t.curves[i].class, "limit") != 0)
            draw_points(&t, &t.curves[i]);
        draw_label(&t, &t.curves[i]);
    }
    fprintf(to, "</svg></figure>\n");
}
