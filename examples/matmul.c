// matmul: C = A x B with SUMMA (van de Geijn and Watts, 1997) on a grid of ranks of any shape.
//
// The idea: ranks that work together in small groups get communicators of their own. MPI_Comm_split
// makes one for each row and one for each column of the rank grid. Then, panel by panel along the
// inner dimension k: whoever holds these columns of A broadcasts them along its row, whoever holds
// these rows of B broadcasts them down its column, and everybody adds the product of the two panels
// to its own block of C.
//
//        A        k..k+w              B                     C
//      +----------+-+----+      +-----------+         +-----------+
//      |   -->    |#| -->|      |     |     |         |           |
//      |   -->    |#| -->|   x  k ##########|    =    |    +=     |
//      |   -->    |#| -->|      |     v     |         |           |
//      +----------+-+----+      +-----------+         +-----------+
#include <math.h>
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PANEL = 64 };

struct grid {
    int n, rank, prows, pcols, row, col;
    MPI_Comm along, down; // the ranks of my grid row; of my grid column
};

struct block {
    int top, left, rows, cols;
    double *at; // row by row
};

static int start_of(int n, int parts, int i)
{
    return (int)((long)n * i / parts);
}

static int owner_of(int n, int parts, int k)
{
    int i = 0;
    while (start_of(n, parts, i + 1) <= k)
        i++;
    return i;
}

static double *alloc(size_t n)
{
    double *p = calloc(n + 1, sizeof *p);
    if (!p) {
        fprintf(stderr, "matmul: no memory for %zu numbers\n", n);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    return p;
}

// Small whole numbers, the same on every rank count. All sums stay below 2^53: arithmetic is exact.
static double element(int seed, int i, int j)
{
    uint32_t h = (uint32_t)i * 2654435761u ^ ((uint32_t)j + (uint32_t)seed) * 2246822519u;
    h = (h ^ h >> 15) * 3266489917u;
    return (double)(h >> 16 & 15) - 7;
}

static struct block block_make(const struct grid *g, int seed)
{
    struct block b = {.top = start_of(g->n, g->prows, g->row),
                      .left = start_of(g->n, g->pcols, g->col)};
    b.rows = start_of(g->n, g->prows, g->row + 1) - b.top;
    b.cols = start_of(g->n, g->pcols, g->col + 1) - b.left;
    b.at = alloc((size_t)b.rows * (size_t)b.cols);
    for (int i = 0; seed && i < b.rows; i++)
        for (int j = 0; j < b.cols; j++)
            b.at[i * b.cols + j] = element(seed, b.top + i, b.left + j);
    return b;
}

static void multiply_add(struct block *c, const double *a, const double *b, int width)
{
    for (int i = 0; i < c->rows; i++) {
        for (int k = 0; k < width; k++) {
            double aik = a[i * width + k], *row = c->at + i * c->cols;
            for (int j = 0; j < c->cols; j++)
                row[j] += aik * b[k * c->cols + j];
        }
    }
}

static void summa(const struct grid *g, const struct block *a, const struct block *b,
                  struct block *c)
{
    double *apanel = alloc((size_t)c->rows * PANEL), *bpanel = alloc((size_t)c->cols * PANEL);
    for (int k = 0, width; k < g->n; k += width) {
        // A panel ends where the block of A or of B ends that it is cut from.
        int acol = owner_of(g->n, g->pcols, k), brow = owner_of(g->n, g->prows, k);
        int end = k + PANEL < g->n ? k + PANEL : g->n;
        int aend = start_of(g->n, g->pcols, acol + 1), bend = start_of(g->n, g->prows, brow + 1);
        end = aend < end ? aend : end;
        end = bend < end ? bend : end;
        width = end - k;

        if (g->col == acol)
            for (int i = 0; i < a->rows; i++)
                memcpy(apanel + i * width, a->at + i * a->cols + k - a->left,
                       (size_t)width * sizeof *apanel);
        if (g->row == brow)
            memcpy(bpanel, b->at + (k - b->top) * b->cols,
                   (size_t)width * (size_t)b->cols * sizeof *bpanel);
        MPI_Bcast(apanel, a->rows * width, MPI_DOUBLE, acol, g->along);
        MPI_Bcast(bpanel, b->cols * width, MPI_DOUBLE, brow, g->down);
        multiply_add(c, apanel, bpanel, width);
    }
    free(apanel);
    free(bpanel);
}

// y = M x with the whole vectors on every rank: each adds its block's part, Allreduce sums them up.
static void times_vector(const struct grid *g, const struct block *m, const double *x, double *y)
{
    memset(y, 0, (size_t)g->n * sizeof *y);
    for (int i = 0; i < m->rows; i++)
        for (int j = 0; j < m->cols; j++)
            y[m->top + i] += m->at[i * m->cols + j] * x[m->left + j];
    MPI_Allreduce(MPI_IN_PLACE, y, g->n, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

// Freivalds' check: C x must equal A (B x). A wrong C gets through for at most one in 30,000 random
// x, and the check never multiplies two matrices. Returns how many rows are wrong.
static int verify(const struct grid *g, const struct block *a, const struct block *b,
                  const struct block *c)
{
    size_t n = (size_t)g->n;
    double *x = alloc(n), *bx = alloc(n), *abx = alloc(n), *cx = alloc(n);
    uint64_t seed = (uint64_t)(MPI_Wtime() * 1e6); // rank 0's clock, so that every run asks anew
    int wrong = 0;
    MPI_Bcast(&seed, 1, MPI_UINT64_T, 0, MPI_COMM_WORLD);
    for (int i = 0; i < g->n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        x[i] = (double)(seed >> 49); // 0 .. 32767
    }
    times_vector(g, b, x, bx);
    times_vector(g, a, bx, abx);
    times_vector(g, c, x, cx);
    for (int i = 0; i < g->n; i++)
        wrong += cx[i] != abx[i];
    free(x);
    free(bx);
    free(abx);
    free(cx);
    return wrong;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    struct grid g = {.n = argc > 1 ? atoi(argv[1]) : 600};
    int size;
    MPI_Comm_rank(MPI_COMM_WORLD, &g.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Bcast(&g.n, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (g.n < 1 || g.n > 20000) {
        if (g.rank == 0)
            fprintf(stderr, "usage: matmul [rows of the matrices: 1..20000]\n");
        MPI_Finalize();
        return 2;
    }

    g.prows = (int)sqrt(size);
    while (size % g.prows)
        g.prows--; // the squarest grid that uses every rank
    g.pcols = size / g.prows;
    g.row = g.rank / g.pcols;
    g.col = g.rank % g.pcols;
    MPI_Comm_split(MPI_COMM_WORLD, g.row, g.col, &g.along);
    MPI_Comm_split(MPI_COMM_WORLD, g.col, g.row, &g.down);

    struct block a = block_make(&g, 1), b = block_make(&g, 2), c = block_make(&g, 0);
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    summa(&g, &a, &b, &c);
    MPI_Barrier(MPI_COMM_WORLD);
    double seconds = MPI_Wtime() - start;

    int wrong = verify(&g, &a, &b, &c);
    if (g.rank == 0) {
        printf("matmul: %d x %d on a grid of %d x %d ranks: %.3f s, %.2f Gflop/s\n", g.n, g.n,
               g.prows, g.pcols, seconds, 2e-9 * g.n * g.n * g.n / seconds);
        if (wrong)
            printf("matmul: WRONG: %d of %d rows of C are not those of A x B\n", wrong, g.n);
        else
            printf("matmul: verified: C x = A (B x) exactly, for a random x\n");
    }
    free(a.at);
    free(b.at);
    free(c.at);
    MPI_Comm_free(&g.along);
    MPI_Comm_free(&g.down);
    MPI_Finalize();
    return wrong != 0;
}
