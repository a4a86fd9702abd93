// cg: solves A x = b with conjugate gradients (Hestenes and Stiefel, 1952; with the diagonal as
// preconditioner) for a sparse, symmetric, positive definite A from a Matrix Market file.
//
// The idea: a sparse matrix is spread by rows. Of every step only two things are everybody's
// business: the vector that the matrix is applied to (MPI_Allgatherv puts the pieces together) and
// two sums (MPI_Allreduce). Allreduce gives each rank the same bits, so all ranks decide alike when
// to stop, without asking. Rank 0 reads the file; Scatterv deals out the rows.
//
// A pattern file has no values; its graph's Laplacian plus the identity is solved instead.
#include "mmread.h"

#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef EXAMPLES_DIR
#define EXAMPLES_DIR "." // where grid.mtx is, when no file is named
#endif

struct system {
    int rank, size, n;
    int *counts, *starts; // how many rows each rank has, and its first
    int *row;             // my row i holds the entries row[i] .. row[i + 1] - 1
    int *col;
    double *value;
    double *b, *diagonal, *x; // these and the next line: my rows' part
    double *p, *ap, *r, *z;   // search direction, A p, residual, preconditioned residual
    double *whole;            // all n elements of the vector that A is applied to
};

static void *need(void *p)
{
    if (!p) {
        fprintf(stderr, "cg: out of memory\n");
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    return p;
}

// b = A times a vector of ones and twos, so that the solution is known to be smooth and not zero.
static double *right_side(const struct mm_matrix *m)
{
    double *b = need(calloc((size_t)m->rows, sizeof *b));
    for (long i = 0; i < m->count; i++)
        b[m->entry[i].row] += m->entry[i].value * (1 + m->entry[i].col % 2);
    return b;
}

// Deals out the rows, rank 0's *m and b; the others' are not looked at.
static void deal(struct system *s, const struct mm_matrix *m, const double *b)
{
    int *length = NULL, *cols = NULL, *entries = need(calloc((size_t)s->size, sizeof(int)));
    int *first = need(calloc((size_t)s->size + 1, sizeof(int)));
    double *values = NULL;
    if (s->rank == 0) {
        length = need(calloc((size_t)s->n, sizeof *length));
        cols = need(malloc((size_t)m->count * sizeof *cols));
        values = need(malloc((size_t)m->count * sizeof *values));
        for (long i = 0; i < m->count; i++) {
            length[m->entry[i].row]++;
            cols[i] = m->entry[i].col;
            values[i] = m->entry[i].value;
        }
        for (int r = 0; r < s->size; r++) {
            for (int i = 0; i < s->counts[r]; i++)
                entries[r] += length[s->starts[r] + i];
            first[r + 1] = first[r] + entries[r];
        }
    }

    int rows = s->counts[s->rank];
    s->row = need(calloc((size_t)rows + 1, sizeof(int)));
    s->b = need(calloc((size_t)rows + 1, sizeof(double)));
    MPI_Scatterv(length, s->counts, s->starts, MPI_INT, s->row + 1, rows, MPI_INT, 0,
                 MPI_COMM_WORLD);
    MPI_Scatterv(b, s->counts, s->starts, MPI_DOUBLE, s->b, rows, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    for (int i = 0; i < rows; i++)
        s->row[i + 1] += s->row[i]; // from lengths to places
    int mine = s->row[rows];
    s->col = need(malloc(((size_t)mine + 1) * sizeof(int)));
    s->value = need(malloc(((size_t)mine + 1) * sizeof(double)));
    MPI_Scatterv(cols, entries, first, MPI_INT, s->col, mine, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Scatterv(values, entries, first, MPI_DOUBLE, s->value, mine, MPI_DOUBLE, 0, MPI_COMM_WORLD);
    free(length);
    free(cols);
    free(values);
    free(entries);
    free(first);
}

static void spread_rows(struct system *s)
{
    s->counts = need(calloc((size_t)s->size, sizeof(int)));
    s->starts = need(calloc((size_t)s->size, sizeof(int)));
    for (int r = 0; r < s->size; r++) {
        s->starts[r] = (int)((long)s->n * r / s->size);
        s->counts[r] = (int)((long)s->n * (r + 1) / s->size) - s->starts[r];
    }
}

static double *vector(int n)
{
    return need(calloc((size_t)n + 1, sizeof(double)));
}

// ap = A p
static void apply(struct system *s)
{
    int rows = s->counts[s->rank];
    MPI_Allgatherv(s->p, rows, MPI_DOUBLE, s->whole, s->counts, s->starts, MPI_DOUBLE,
                   MPI_COMM_WORLD);
    for (int i = 0; i < rows; i++) {
        double sum = 0;
        for (int k = s->row[i]; k < s->row[i + 1]; k++)
            sum += s->value[k] * s->whole[s->col[k]];
        s->ap[i] = sum;
    }
}

static void setup(struct system *s)
{
    int rows = s->counts[s->rank], top = s->starts[s->rank];
    s->x = vector(rows);
    s->p = vector(rows);
    s->ap = vector(rows);
    s->r = vector(rows);
    s->z = vector(rows);
    s->diagonal = vector(rows);
    s->whole = vector(s->n);
    for (int i = 0; i < rows; i++)
        for (int k = s->row[i]; k < s->row[i + 1]; k++)
            if (s->col[k] == top + i)
                s->diagonal[i] = s->value[k];
    memcpy(s->r, s->b, (size_t)rows * sizeof(double)); // x = 0, so that r = b - A x = b
}

static double dot(const struct system *s, const double *a, const double *b)
{
    double mine = 0, all;
    for (int i = 0; i < s->counts[s->rank]; i++)
        mine += a[i] * b[i];
    MPI_Allreduce(&mine, &all, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    return all;
}

// z = r / diagonal; sums[0] = r z, sums[1] = r r, both with one Allreduce.
static void precondition(struct system *s, double sums[2])
{
    double mine[2] = {0, 0};
    for (int i = 0; i < s->counts[s->rank]; i++) {
        s->z[i] = s->r[i] / s->diagonal[i];
        mine[0] += s->r[i] * s->z[i];
        mine[1] += s->r[i] * s->r[i];
    }
    MPI_Allreduce(mine, sums, 2, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

// Returns the number of steps, or -1 when the matrix turns out not to be positive definite.
static int solve(struct system *s, double tolerance, int limit)
{
    double sums[2], size_b, mark = 0.1;
    int rows = s->counts[s->rank], step = 0;
    precondition(s, sums);
    size_b = sqrt(sums[1]);
    memcpy(s->p, s->z, (size_t)rows * sizeof(double));
    while (sqrt(sums[1]) > tolerance * size_b && step < limit) {
        apply(s);
        double curvature = dot(s, s->p, s->ap), before = sums[0], along = before / curvature;
        if (!(curvature > 0))
            return -1;
        for (int i = 0; i < rows; i++) {
            s->x[i] += along * s->p[i];
            s->r[i] -= along * s->ap[i];
        }
        precondition(s, sums);
        for (int i = 0; i < rows; i++)
            s->p[i] = s->z[i] + sums[0] / before * s->p[i];
        step++;
        if (sqrt(sums[1]) <= mark * size_b) {
            while (sqrt(sums[1]) <= mark / 10 * size_b && mark > tolerance * 2)
                mark /= 10;
            if (s->rank == 0)
                printf("step %5d: residual below %.0e of b\n", step, mark);
            mark /= 10;
        }
    }
    return step;
}

// Rank 0 has the entries as they were read, and b: |b - A x| / |b| computed from these owes nothing
// to what the solver believes.
static double residual(const struct mm_matrix *m, const double *b, const double *x)
{
    double *r = vector(m->rows), rr = 0, bb = 0;
    memcpy(r, b, (size_t)m->rows * sizeof *r);
    for (long i = 0; i < m->count; i++)
        r[m->entry[i].row] -= m->entry[i].value * x[m->entry[i].col];
    for (int i = 0; i < m->rows; i++) {
        rr += r[i] * r[i];
        bb += b[i] * b[i];
    }
    free(r);
    return sqrt(rr / bb);
}

static int report(int steps, double off, double tolerance)
{
    int wrong = steps < 0 || !(off <= 2 * tolerance);
    if (steps < 0)
        printf(
            "cg: WRONG: the matrix is not positive definite; conjugate gradients cannot solve it\n");
    else if (wrong)
        printf("cg: WRONG: after %d steps |b - A x| is still %.2e of |b|\n", steps, off);
    else
        printf("cg: verified: |b - A x| is %.2e of |b| after %d steps\n", off, steps);
    return wrong;
}

static void release(struct system *s)
{
    free(s->counts);
    free(s->starts);
    free(s->row);
    free(s->col);
    free(s->value);
    double *vectors[] = {s->b, s->diagonal, s->x, s->p, s->ap, s->r, s->z, s->whole};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        free(vectors[i]);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    const char *path = argc > 1 ? argv[1] : EXAMPLES_DIR "/grid.mtx";
    const double tolerance = 1e-8;
    struct system s = {0};
    struct mm_matrix m = {0};
    MPI_Comm_rank(MPI_COMM_WORLD, &s.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &s.size);
    if (s.rank == 0 && mm_read_definite(path, &m) == 0)
        s.n = m.rows;
    MPI_Bcast(&s.n, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (s.n == 0) { // rank 0 has said why
        MPI_Finalize();
        return 2;
    }

    double *b = s.rank == 0 ? right_side(&m) : NULL;
    spread_rows(&s);
    deal(&s, &m, b);
    setup(&s);
    if (s.rank == 0)
        printf("cg: %s: %d rows, %ld entries, on %d rank%s\n", path, s.n, m.count, s.size,
               s.size > 1 ? "s" : "");
    double start = MPI_Wtime();
    int steps = solve(&s, tolerance, s.n < 100000 ? 20 * s.n : 2000000), wrong = 0;
    double seconds = MPI_Wtime() - start;

    MPI_Gatherv(s.x, s.counts[s.rank], MPI_DOUBLE, s.whole, s.counts, s.starts, MPI_DOUBLE, 0,
                MPI_COMM_WORLD);
    if (s.rank == 0) {
        if (steps > 0)
            printf("cg: %.3f s, %.1f microseconds a step\n", seconds, seconds / steps * 1e6);
        wrong = report(steps, residual(&m, b, s.whole), tolerance);
    }
    MPI_Bcast(&wrong, 1, MPI_INT, 0, MPI_COMM_WORLD);
    free(b);
    free(m.entry);
    release(&s);
    MPI_Finalize();
    return wrong;
}
