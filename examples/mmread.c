// The Matrix Market reader. A file may be anything: each line is checked before it is believed.
#include "mmread.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reader {
    const char *path;
    FILE *file;
    long line; // number of the line in text
    char text[1100];
    int symmetric;
    long room; // entries that fit into the matrix's array
};

__attribute__((format(printf, 2, 3))) static int fail(const struct reader *r, const char *format,
                                                      ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, r->line ? "%s:%ld: " : "%s: ", r->path, r->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return -1;
}

// Brings the next line into r->text. Returns 1, 0 at the end of the file, -1 after an error.
static int next_line(struct reader *r)
{
    if (!fgets(r->text, sizeof r->text, r->file))
        return ferror(r->file) ? fail(r, "cannot read on: %s", strerror(errno)) : 0;
    r->line++;
    size_t len = strlen(r->text);
    if (len + 1 == sizeof r->text && r->text[len - 1] != '\n')
        return fail(r, "a line is longer than %zu characters: not a Matrix Market file",
                    sizeof r->text - 2);
    return 1;
}

// The same, but passes over empty lines and comments.
static int next_content(struct reader *r)
{
    int got;
    while ((got = next_line(r)) == 1) {
        const char *p = r->text + strspn(r->text, " \t\r\n");
        if (*p && *p != '%')
            break;
    }
    return got;
}

static int read_banner(struct reader *r, struct mm_matrix *m)
{
    char tag[20], object[20], format[20], field[20], shape[20];
    int got = next_line(r);
    if (got < 1)
        return got < 0 ? -1 : fail(r, "the file is empty");
    if (sscanf(r->text, "%19s %19s %19s %19s %19s", tag, object, format, field, shape) != 5 ||
        strcasecmp(tag, "%%MatrixMarket") != 0)
        return fail(r, "not a Matrix Market file: the first line must read "
                       "\"%%%%MatrixMarket matrix coordinate FIELD SYMMETRY\"");
    if (strcasecmp(object, "matrix") != 0 || strcasecmp(format, "coordinate") != 0)
        return fail(r, "this is a \"%s %s\"; only \"matrix coordinate\" (sparse) can be read",
                    object, format);
    m->pattern = strcasecmp(field, "pattern") == 0;
    if (!m->pattern && strcasecmp(field, "real") != 0 && strcasecmp(field, "integer") != 0)
        return fail(r, "values are \"%s\"; only real, integer and pattern can be read", field);
    r->symmetric = strcasecmp(shape, "symmetric") == 0;
    if (!r->symmetric && strcasecmp(shape, "general") != 0)
        return fail(r, "the matrix is \"%s\"; only general and symmetric can be read", shape);
    return 0;
}

// Takes a whole number of 1..most from *at and moves *at behind it. Returns 0 if there is none.
static long take_index(const char **at, long most)
{
    char *end;
    errno = 0;
    long v = strtol(*at, &end, 10);
    int ends_well = end != *at && (*end == 0 || isspace((unsigned char)*end));
    *at = end;
    return ends_well && errno == 0 && v >= 1 && v <= most ? v : 0;
}

static int only_space(const char *p)
{
    return p[strspn(p, " \t\r\n")] == 0;
}

// The line "rows columns entries". Returns the number of entries, -1 after an error.
static long read_size(struct reader *r, struct mm_matrix *m)
{
    int got = next_content(r);
    if (got < 1)
        return got < 0 ? -1 : fail(r, "the file ends before the line \"ROWS COLUMNS ENTRIES\"");
    const char *p = r->text;
    long rows = take_index(&p, INT_MAX), cols = rows ? take_index(&p, INT_MAX) : 0;
    long entries = cols ? take_index(&p, LONG_MAX) : 0;
    if (!entries || !only_space(p))
        return fail(r,
                    "expected \"ROWS COLUMNS ENTRIES\", three whole numbers of at least 1 "
                    "(rows and columns at most %d)",
                    INT_MAX);
    if (r->symmetric && rows != cols)
        return fail(r, "a symmetric matrix is square, but this one has %ld rows and %ld columns",
                    rows, cols);
    m->rows = (int)rows;
    m->cols = (int)cols;
    return entries;
}

static int add(struct reader *r, struct mm_matrix *m, struct mm_entry e)
{
    if (m->count == r->room) {
        long room = r->room ? 2 * r->room : 1024;
        struct mm_entry *more = realloc(m->entry, (size_t)room * sizeof *more);
        if (!more)
            return fail(r, "no memory for more than %ld entries", m->count);
        m->entry = more;
        r->room = room;
    }
    m->entry[m->count++] = e;
    return 0;
}

static int read_entry(struct reader *r, struct mm_matrix *m)
{
    const char *p = r->text;
    char *end;
    long row = take_index(&p, m->rows);
    if (!row)
        return fail(r, "expected a row number of 1 to %d at the start of the line", m->rows);
    long col = take_index(&p, m->cols);
    if (!col)
        return fail(r, "expected a column number of 1 to %d after row %ld", m->cols, row);
    struct mm_entry e = {(int)row - 1, (int)col - 1, 1};
    if (!m->pattern) {
        e.value = strtod(p, &end);
        if (end == p || !isfinite(e.value))
            return fail(r, "expected a finite number as the value at row %ld, column %ld", row,
                        col);
        p = end;
    }
    if (!only_space(p))
        return fail(r, "something follows the entry at row %ld, column %ld", row, col);
    if (r->symmetric && col > row)
        return fail(r,
                    "row %ld, column %ld is above the diagonal; a symmetric file holds the lower "
                    "triangle only",
                    row, col);
    if (add(r, m, e) != 0)
        return -1;
    return r->symmetric && row != col ? add(r, m, (struct mm_entry){e.col, e.row, e.value}) : 0;
}

static int read_all(struct reader *r, struct mm_matrix *m)
{
    if (read_banner(r, m) != 0)
        return -1;
    long entries = read_size(r, m);
    if (entries < 0)
        return -1;
    for (long i = 0; i < entries; i++) {
        int got = next_content(r);
        if (got < 1)
            return got < 0 ? -1 : fail(r, "the file ends after %ld of %ld entries", i, entries);
        if (read_entry(r, m) != 0)
            return -1;
    }
    int got = next_content(r);
    return got == 0 ? 0 : got < 0 ? -1 : fail(r, "more than the %ld entries announced", entries);
}

static int mm_read(const char *path, struct mm_matrix *m)
{
    struct reader r = {.path = path, .file = fopen(path, "r")};
    *m = (struct mm_matrix){0};
    if (!r.file)
        return fail(&r, "cannot open: %s", strerror(errno));
    int failed = read_all(&r, m);
    fclose(r.file);
    if (failed) {
        free(m->entry);
        *m = (struct mm_matrix){0};
    }
    return failed;
}

static int by_place(const void *a, const void *b)
{
    const struct mm_entry *p = a, *q = b;
    return p->row != q->row ? (p->row < q->row ? -1 : 1) : (p->col > q->col) - (p->col < q->col);
}

static double value_at(const struct mm_matrix *m, int row, int col)
{
    struct mm_entry key = {row, col, 0};
    const struct mm_entry *e = bsearch(&key, m->entry, (size_t)m->count, sizeof key, by_place);
    return e ? e->value : 0;
}

// Sorts the entries by row and column and adds up those for the same place.
static void merge(struct mm_matrix *m)
{
    qsort(m->entry, (size_t)m->count, sizeof *m->entry, by_place);
    long kept = 0;
    for (long i = 1; i < m->count; i++) {
        if (by_place(&m->entry[kept], &m->entry[i]) == 0)
            m->entry[kept].value += m->entry[i].value;
        else
            m->entry[++kept] = m->entry[i];
    }
    m->count = kept + 1;
}

// From a graph to a matrix: -1 for each edge, and on the diagonal 1 + the number of edges. The
// diagonal's parts are appended one by one; merge() adds them up.
static int laplacian(struct mm_matrix *m)
{
    long edges = 0;
    for (long i = 0; i < m->count; i++)
        if (m->entry[i].row != m->entry[i].col)
            m->entry[edges++] = (struct mm_entry){m->entry[i].row, m->entry[i].col, -1};
    struct mm_entry *more = realloc(m->entry, (size_t)(2 * edges + m->rows) * sizeof *more);
    if (!more)
        return -1;
    m->entry = more;
    m->count = edges;
    for (long i = 0; i < edges; i++)
        m->entry[m->count++] = (struct mm_entry){m->entry[i].row, m->entry[i].row, 1};
    for (int i = 0; i < m->rows; i++)
        m->entry[m->count++] = (struct mm_entry){i, i, 1};
    merge(m);
    return 0;
}

static int check_shape(const struct reader *r, const struct mm_matrix *m)
{
    if (m->rows != m->cols)
        return fail(r, "the matrix is not square: %d rows, %d columns", m->rows, m->cols);
    if (m->rows > 2 * m->count)
        return fail(r, "%d rows but only %ld entries: rows are empty, the matrix is singular",
                    m->rows, m->count);
    if (m->count > INT_MAX / 2 - m->rows)
        return fail(r, "%ld entries are more than this reader takes", m->count);
    return 0;
}

static int check_values(const struct reader *r, const struct mm_matrix *m)
{
    for (long i = 0; i < m->count; i++) {
        struct mm_entry e = m->entry[i];
        double mirror = value_at(m, e.col, e.row);
        if (fabs(e.value - mirror) > 1e-12 * fabs(e.value))
            return fail(r, "not symmetric: %g at row %d, column %d, but %g at row %d, column %d",
                        e.value, e.row + 1, e.col + 1, mirror, e.col + 1, e.row + 1);
    }
    for (int i = 0; i < m->rows; i++)
        if (!(value_at(m, i, i) > 0))
            return fail(r, "not positive definite: the diagonal has %g in row %d",
                        value_at(m, i, i), i + 1);
    return 0;
}

int mm_read_definite(const char *path, struct mm_matrix *m)
{
    struct reader r = {.path = path}; // line 0: errors concern the whole file
    if (mm_read(path, m) != 0)
        return -1;
    int failed = check_shape(&r, m);
    if (!failed) {
        merge(m);
        if (m->pattern && laplacian(m) != 0)
            failed = fail(&r, "no memory for the matrix of its graph");
    }
    if (!failed)
        failed = check_values(&r, m);
    if (failed) {
        free(m->entry);
        *m = (struct mm_matrix){0};
    }
    return failed;
}
