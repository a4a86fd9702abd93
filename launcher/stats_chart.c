/* The pictures of the page of --stats: who waits, who talks to whom, how large messages are.
 * Colours are classes of the page's style sheet, so that they follow light and dark. */
#include "stats.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "util.h"

enum {
    WIDTH = 600, /* of each picture */
    LEFT = 64,
    RIGHT = 590,
    ROWS = 64, /* of the matrix, and bars; more ranks than that share them */
    STEPS = 5  /* of the legend of the matrix */
};

const char ipcr_stats_style[] =
    ".c{fill:var(--grid)}.m{fill:var(--s2)}.w0{fill:var(--s1)}.w1{fill:var(--s3)}\n"
    ".w2{fill:var(--s7)}.w3{fill:var(--s4)}.w4{fill:var(--soft)}.cell{fill:var(--s0)}\n"
    ".bar{fill:var(--s0)}.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;font-size:13px;\n"
    "color:var(--soft);margin:.3rem 0}.legend svg{width:12px;height:12px;display:inline-block;\n"
    "vertical-align:-1px;margin-right:.35rem}\n";

static void begin(FILE *to, const char *caption, double height)
{
    fprintf(to,
            "<figure><figcaption>%s</figcaption>\n<svg viewBox='0 0 %d %.0f' role=img "
            "aria-label='%s'>\n",
            caption, WIDTH, height, caption);
}

/* How many ranks share a row. */
static int share_of(const struct ipcr_stats *s)
{
    return (s->size + ROWS - 1) / ROWS;
}

static const char *row_name(const struct ipcr_stats *s, int row)
{
    static char name[32];
    int share = share_of(s), first = row * share, last = first + share - 1;
    last = last < s->size ? last : s->size - 1;
    snprintf(name, sizeof name, first == last ? "%d" : "%d-%d", first, last);
    return name;
}

static int rows_of(const struct ipcr_stats *s)
{
    int share = share_of(s);
    return (s->size + share - 1) / share;
}

/* ---- the balance of ranks ---- */

enum { PARTS = 2 + IPCR_WAIT_KINDS };

static const struct {
    const char *class, *text;
} parts[PARTS] = {{"c", "outside of MPI"},          {"m", "moving data"},
                  {"w0", "waiting for a message"},  {"w1", "waiting for a receiver"},
                  {"w2", "waiting for a transfer"}, {"w3", "waiting in collectives"},
                  {"w4", "other waiting"}};

static void add_parts(double seconds[PARTS], const struct ipcr_stats_rank *r)
{
    seconds[0] += (double)ipcr_stats_computed(r) / 1e9;
    seconds[1] += (double)ipcr_stats_moved(r) / 1e9;
    for (int i = 0; i < IPCR_WAIT_KINDS; i++)
        seconds[2 + i] += (double)r->wait_ns[i] / 1e9;
}

/* Ranks that share a bar: their mean. */
static void row_parts(const struct ipcr_stats *s, int row, double seconds[PARTS])
{
    int share = share_of(s), n = 0;
    for (int p = 0; p < PARTS; p++)
        seconds[p] = 0;
    for (int i = row * share; i < (row + 1) * share && i < s->size; i++) {
        add_parts(seconds, &s->ranks[i]);
        n++;
    }
    for (int p = 0; p < PARTS; p++)
        seconds[p] /= n;
}

static double longest(const struct ipcr_stats *s)
{
    double most = 1e-9;
    for (int row = 0; row < rows_of(s); row++) {
        double seconds[PARTS], sum = 0;
        row_parts(s, row, seconds);
        for (int p = 0; p < PARTS; p++)
            sum += seconds[p];
        most = sum > most ? sum : most;
    }
    return most;
}

static void draw_bar(const struct ipcr_stats *s, FILE *to, int row, double scale)
{
    double seconds[PARTS], x = LEFT, y = 4 + 14 * row;
    row_parts(s, row, seconds);
    fprintf(to, "<text class=tick text-anchor=end x=%d y=%.1f>%s</text>", LEFT - 6, y + 10,
            row_name(s, row));
    for (int p = 0; p < PARTS; p++) {
        double width = seconds[p] * scale;
        if (width >= 0.05)
            fprintf(to,
                    "<rect class=%s x=%.2f y=%.1f width=%.2f height=12><title>rank %s, %s: %.3f s"
                    "</title></rect>",
                    parts[p].class, x, y, width, row_name(s, row), parts[p].text, seconds[p]);
        x += width;
    }
    fputc('\n', to);
}

static void draw_legend(FILE *to)
{
    fprintf(to, "<div class=legend>");
    for (int p = 0; p < PARTS; p++)
        fprintf(
            to,
            "<span><svg viewBox='0 0 12 12'><rect class=%s width=12 height=12 /></svg>%s</span>",
            parts[p].class, parts[p].text);
    fprintf(to, "</div>\n");
}

void ipcr_stats_draw_balance(const struct ipcr_stats *s, FILE *to)
{
    int rows = rows_of(s);
    double most = longest(s), scale = (RIGHT - LEFT) / most, bottom = 8 + 14 * rows;
    begin(to, "time of each rank", bottom + 20);
    for (int row = 0; row < rows; row++)
        draw_bar(s, to, row, scale);
    for (int i = 0; i <= 4; i++)
        fprintf(to, "<text class=tick text-anchor=%s x=%.1f y=%.1f>%.3g s</text>",
                i == 0   ? "start"
                : i == 4 ? "end"
                         : "middle",
                LEFT + (RIGHT - LEFT) * i / 4.0, bottom + 14, most * i / 4);
    fprintf(to, "</svg>\n");
    draw_legend(to);
    fprintf(to, "</figure>\n");
}

/* ---- the matrix ---- */

struct matrix {
    const struct ipcr_stats *s;
    FILE *to;
    int rows;
    struct ipcr_profile_flow *at; /* [rows * rows], sender-major */
    uint64_t least, most;         /* bytes of a cell that has any */
    double cell;
};

static void fill_matrix(struct matrix *m)
{
    int share = share_of(m->s);
    for (int i = 0; i < m->s->size; i++)
        for (uint32_t k = 0; k < m->s->ranks[i].npeers; k++) {
            const struct ipcr_stats_peer *p = &m->s->ranks[i].peers[k];
            struct ipcr_profile_flow *f = &m->at[i / share * m->rows + (int)p->rank / share];
            f->messages += p->flow.sent.messages;
            f->bytes += p->flow.sent.bytes;
        }
    for (int i = 0; i < m->rows * m->rows; i++) {
        uint64_t bytes = m->at[i].bytes;
        m->most = bytes > m->most ? bytes : m->most;
        m->least = bytes && (!m->least || bytes < m->least) ? bytes : m->least;
    }
}

/* By the logarithm, since what is worth seeing differs by powers of ten. Messages without bytes are
 * the faintest. */
static double strength(const struct matrix *m, double bytes)
{
    if (bytes <= 0)
        return 0.08;
    if (m->most <= m->least)
        return 1;
    return 0.2 + 0.8 * log(bytes / (double)m->least) / log((double)m->most / (double)m->least);
}

static void draw_cell(const struct matrix *m, int from, int to_row)
{
    const struct ipcr_profile_flow *f = &m->at[from * m->rows + to_row];
    if (!f->messages)
        return;
    fprintf(m->to, "<rect class=cell x=%.2f y=%.2f width=%.2f height=%.2f fill-opacity=%.3f>",
            LEFT + to_row * m->cell, 20 + from * m->cell, m->cell * 0.94, m->cell * 0.94,
            strength(m, (double)f->bytes));
    fprintf(m->to, "<title>rank %s", row_name(m->s, from));
    fprintf(m->to, " to %s: %s in %" PRIu64 " messages</title></rect>\n", row_name(m->s, to_row),
            ipcr_stats_bytes(f->bytes), f->messages);
}

static void draw_names(const struct matrix *m)
{
    int every = (m->rows + 15) / 16;
    for (int i = 0; i < m->rows; i += every) {
        double middle = (i + 0.47) * m->cell;
        fprintf(m->to,
                "<text class=tick text-anchor=middle x=%.1f y=14>%s</text>"
                "<text class=tick text-anchor=end x=%d y=%.1f>%s</text>\n",
                LEFT + middle, row_name(m->s, i), LEFT - 6, 24 + middle, row_name(m->s, i));
    }
}

static void draw_steps(const struct matrix *m)
{
    double ratio = m->least ? (double)m->most / (double)m->least : 1;
    fprintf(m->to, "<div class=legend>");
    for (int i = 0; i < STEPS && m->most; i++) {
        double bytes = (double)m->least * pow(ratio, i / (STEPS - 1.0));
        fprintf(m->to,
                "<span><svg viewBox='0 0 12 12'><rect class=cell width=12 height=12 "
                "fill-opacity=%.3f /></svg>%s</span>",
                strength(m, bytes), ipcr_stats_bytes((uint64_t)bytes));
    }
    fprintf(m->to, "</div>\n");
}

void ipcr_stats_draw_matrix(const struct ipcr_stats *s, FILE *to)
{
    struct matrix m = {.s = s, .to = to, .rows = rows_of(s)};
    m.at = ipcr_alloc(sizeof *m.at * (size_t)(m.rows * m.rows));
    fill_matrix(&m);
    m.cell = (RIGHT - LEFT) / (double)m.rows;
    m.cell = m.cell < 48 ? m.cell : 48;
    begin(to, "bytes sent, from the rank of the row to that of the column", 24 + m.cell * m.rows);
    draw_names(&m);
    for (int i = 0; i < m.rows; i++)
        for (int k = 0; k < m.rows; k++)
            draw_cell(&m, i, k);
    fprintf(to, "</svg>\n");
    draw_steps(&m);
    fprintf(to, "</figure>\n");
    free(m.at);
}

/* ---- sizes ---- */

/* Of 2^(class - 1) bytes, which decimal units would make odd. */
static const char *class_name(int class)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    static char name[24];
    if (!class)
        return "0 B";
    snprintf(name, sizeof name, "%d %s", 1 << (class - 1) % 10, units[(class - 1) / 10]);
    return name;
}

static void draw_size(FILE *to, int class, uint64_t n, double x, double height)
{
    height = height < 1 ? 1 : height;
    fprintf(to,
            "<rect class=bar x=%.1f y=%.1f width=22 height=%.1f><title>%" PRIu64 " messages of %s"
            "%s</title></rect><text class=tick text-anchor=end "
            "transform='translate(%.1f 252)rotate(-60)'>%s</text>\n",
            x, 240 - height, height, n, class_name(class), class > 1 ? " to twice as much" : "",
            x + 14, class_name(class));
}

void ipcr_stats_draw_sizes(const struct ipcr_stats *s, FILE *to)
{
    uint64_t most = 1;
    int last = 0, first = IPCR_PROFILE_SIZES;
    for (int i = 0; i < IPCR_PROFILE_SIZES; i++) {
        if (!s->sizes[i])
            continue;
        most = s->sizes[i] > most ? s->sizes[i] : most;
        first = first < i ? first : i;
        last = i;
    }
    double step = last > first ? (RIGHT - LEFT - 22) / (double)(last - first) : 0;
    step = step < 26 ? step : 26;
    begin(to, "messages sent by size, collectives included (from this many bytes on)", 300);
    fprintf(to,
            "<path class=grid d='M%d 240H%d'/><path class=grid d='M%d 20H%d'/>"
            "<text class=tick text-anchor=end x=%d y=24>%" PRIu64 "</text>"
            "<text class=tick text-anchor=end x=%d y=244>0</text>\n",
            LEFT, RIGHT, LEFT, RIGHT, LEFT - 6, most, LEFT - 6);
    for (int i = first; i <= last; i++)
        if (s->sizes[i])
            draw_size(to, i, s->sizes[i], LEFT + 4 + (i - first) * step,
                      220 * (double)s->sizes[i] / (double)most);
    fprintf(to, "</svg></figure>\n");
}
