// heat: a square plate with hot and cold rods through it; how warm does it get in between?
// Draws the answer into heat.png (or the file named first on the command line).
//
// The idea: a grid is cut into blocks, one a rank, and each block keeps a one-cell frame ("halo")
// with copies of its neighbours' edges. A row lies in memory as one piece, a column does not: a
// vector datatype names it, and MPI picks its cells up one by one. At the plate's rim the neighbour
// is MPI_PROC_NULL: communication with it is allowed and does nothing, so there are no special
// cases.
//
//            +-------- north --------+
//   west     |  my block, rows x cols|     east      cell (i, j) is at[i * (cols + 2) + j]
//            +-------- south --------+               with 1 <= i <= rows, 1 <= j <= cols
#include "png.h"

#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

struct block {
    int top, left, rows, cols; // which part of the plate this is
    double *now, *next;        // (rows + 2) x (cols + 2) temperatures, halo included
    unsigned char *fixed;      // 1 where a rod holds the temperature
};

// A rod at (x, y) of radius r (the plate is 1 x 1) is held at this temperature (0..1).
static const struct {
    double x, y, r, heat;
} rods[] = {{.26, .30, .07, 1}, {.70, .24, .05, .85}, {.47, .55, .06, .7}, {.20, .76, .05, 1},
            {.76, .72, .09, 1}, {.51, .20, .05, 0},   {.50, .86, .06, 0},  {.26, .53, .04, 0}};

static struct block block_make(int n, int top, int left, int rows, int cols)
{
    size_t cells = (size_t)(rows + 2) * (size_t)(cols + 2);
    struct block b = {top,
                      left,
                      rows,
                      cols,
                      calloc(cells, sizeof(double)),
                      calloc(cells, sizeof(double)),
                      calloc(cells, 1)};
    if (!b.now || !b.next || !b.fixed)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int i = 1; i <= rows; i++) {
        for (int j = 1; j <= cols; j++) {
            double y = (top + i - 0.5) / n, x = (left + j - 0.5) / n;
            int at = i * (cols + 2) + j;
            for (size_t k = 0; k < sizeof rods / sizeof rods[0]; k++) {
                if (hypot(x - rods[k].x, y - rods[k].y) < rods[k].r) {
                    b.now[at] = b.next[at] = rods[k].heat;
                    b.fixed[at] = 1;
                }
            }
        }
    }
    return b;
}

static void block_free(struct block *b)
{
    free(b->now);
    free(b->next);
    free(b->fixed);
}

// One Jacobi step: each cell becomes the mean of its four neighbours. Returns the largest change.
static double block_step(struct block *b)
{
    int wide = b->cols + 2;
    double most = 0;
    for (int i = 1; i <= b->rows; i++) {
        for (int at = i * wide + 1; at <= i * wide + b->cols; at++) {
            const double *c = b->now + at;
            double mean = 0.25 * ((c[-wide] + c[wide]) + (c[-1] + c[1]));
            b->next[at] = b->fixed[at] ? *c : mean;
            double change = fabs(b->next[at] - *c);
            most = change > most ? change : most;
        }
    }
    double *swap = b->now;
    b->now = b->next;
    b->next = swap;
    return most;
}

struct grid {
    int n, prows, pcols, row, col; // plate size; processes down and across; my place among them
    int north, south, west, east;  // my neighbours' ranks, MPI_PROC_NULL at the rim
    MPI_Datatype column;           // one column of my block
};

static int start_of(int n, int parts, int i)
{
    return (int)((long)n * i / parts);
}

static struct grid grid_make(int n, int rank, int size)
{
    struct grid g = {.n = n, .prows = (int)sqrt(size)};
    while (size % g.prows)
        g.prows--; // the squarest grid that uses every rank
    g.pcols = size / g.prows;
    g.row = rank / g.pcols;
    g.col = rank % g.pcols;
    g.north = g.row > 0 ? rank - g.pcols : MPI_PROC_NULL;
    g.south = g.row < g.prows - 1 ? rank + g.pcols : MPI_PROC_NULL;
    g.west = g.col > 0 ? rank - 1 : MPI_PROC_NULL;
    g.east = g.col < g.pcols - 1 ? rank + 1 : MPI_PROC_NULL;
    return g;
}

static struct block grid_block(const struct grid *g, int row, int col)
{
    int top = start_of(g->n, g->prows, row), left = start_of(g->n, g->pcols, col);
    return (struct block){.top = top,
                          .left = left,
                          .rows = start_of(g->n, g->prows, row + 1) - top,
                          .cols = start_of(g->n, g->pcols, col + 1) - left};
}

// Sends my four edges and fills my four halo edges. The two halves of each Sendrecv go in the same
// direction: what I give to the north arrives in my southern neighbour's northern edge's place.
static void exchange(const struct grid *g, struct block *b)
{
    int wide = b->cols + 2;
    double *first = b->now + wide + 1;              // my north-west cell
    double *last_row = b->now + b->rows * wide + 1; // my south-west cell
    MPI_Comm w = MPI_COMM_WORLD;
    MPI_Status *none = MPI_STATUS_IGNORE;
    MPI_Sendrecv(first, b->cols, MPI_DOUBLE, g->north, 0, last_row + wide, b->cols, MPI_DOUBLE,
                 g->south, 0, w, none);
    MPI_Sendrecv(last_row, b->cols, MPI_DOUBLE, g->south, 0, first - wide, b->cols, MPI_DOUBLE,
                 g->north, 0, w, none);
    MPI_Sendrecv(first, 1, g->column, g->west, 0, first + b->cols, 1, g->column, g->east, 0, w,
                 none);
    MPI_Sendrecv(first + b->cols - 1, 1, g->column, g->east, 0, first - 1, 1, g->column, g->west, 0,
                 w, none);
}

// Brings all blocks to rank 0, each received straight into its place: a subarray type describes
// "these rows and columns of the whole plate".
static double *gather(const struct grid *g, const struct block *mine, int rank, int size)
{
    MPI_Datatype inner;
    int whole[2] = {mine->rows + 2, mine->cols + 2}, part[2] = {mine->rows, mine->cols};
    MPI_Request sent;
    MPI_Type_create_subarray(2, whole, part, (int[]){1, 1}, MPI_ORDER_C, MPI_DOUBLE, &inner);
    MPI_Type_commit(&inner);
    MPI_Isend(mine->now, 1, inner, 0, 1, MPI_COMM_WORLD, &sent);

    double *plate = NULL;
    if (rank == 0) {
        plate = malloc((size_t)g->n * (size_t)g->n * sizeof *plate);
        if (!plate)
            MPI_Abort(MPI_COMM_WORLD, 1);
        for (int r = 0; r < size; r++) {
            struct block b = grid_block(g, r / g->pcols, r % g->pcols);
            MPI_Datatype place;
            MPI_Type_create_subarray(2, (int[]){g->n, g->n}, (int[]){b.rows, b.cols},
                                     (int[]){b.top, b.left}, MPI_ORDER_C, MPI_DOUBLE, &place);
            MPI_Type_commit(&place);
            MPI_Recv(plate, 1, place, r, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            MPI_Type_free(&place);
        }
    }
    MPI_Wait(&sent, MPI_STATUS_IGNORE);
    MPI_Type_free(&inner);
    return plate;
}

// Colours, and a dark line wherever the temperature passes a twentieth of the (square root) scale.
static int draw(const char *path, int n, const double *plate)
{
    unsigned char *rgb = malloc((size_t)n * (size_t)n * 3);
    for (int i = 0; rgb && i < n * n; i++) {
        double t = sqrt(plate[i]), left = sqrt(plate[i % n ? i - 1 : i]);
        double above = sqrt(plate[i >= n ? i - n : i]);
        int line = (int)(t * 20) != (int)(left * 20) || (int)(t * 20) != (int)(above * 20);
        png_heat_colour(line ? t - 0.05 : t, rgb + 3 * (size_t)i);
    }
    int failed = !rgb || png_write(path, n, n, rgb) != 0;
    free(rgb);
    return failed;
}

// Does the whole plate again, alone, and compares: cutting it up must not change a single cell.
static int verify(int n, int steps, const double *plate)
{
    struct block b = block_make(n, 0, 0, n, n);
    double off = 0;
    for (int s = 0; s < steps; s++)
        block_step(&b);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            off = fmax(off, fabs(plate[(size_t)i * (size_t)n + (size_t)j] -
                                 b.now[(i + 1) * (n + 2) + j + 1]));
    block_free(&b);
    if (off > 1e-13)
        printf("heat: WRONG: differs from one rank's result by %.3e\n", off);
    else
        printf(
            "heat: verified: all %d x %d cells equal one rank's result (largest difference %g)\n",
            n, n, off);
    return off > 1e-13;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, failed = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const char *path = argc > 1 ? argv[1] : "heat.png";
    int job[2] = {argc > 2 ? atoi(argv[2]) : 360, argc > 3 ? atoi(argv[3]) : 2000}; // cells, steps
    MPI_Bcast(job, 2, MPI_INT, 0, MPI_COMM_WORLD);
    struct grid g = grid_make(job[0], rank, size);
    if (job[0] < g.pcols || job[0] > 18000 || job[1] < 0) {
        if (rank == 0)
            fprintf(stderr, "usage: heat [picture.png [cells a side: %d..18000 [steps: 0...]]]\n",
                    g.pcols);
        MPI_Finalize();
        return 2;
    }

    struct block b = grid_block(&g, g.row, g.col);
    b = block_make(g.n, b.top, b.left, b.rows, b.cols);
    MPI_Type_vector(b.rows, 1, b.cols + 2, MPI_DOUBLE, &g.column);
    MPI_Type_commit(&g.column);
    if (rank == 0)
        printf("heat: a plate of %d x %d cells on %d x %d ranks\n", g.n, g.n, g.prows, g.pcols);
    double start = MPI_Wtime(), change = 0, most;
    for (int step = 1; step <= job[1]; step++) {
        exchange(&g, &b);
        change = block_step(&b);
        if (step % 500 == 0) {
            MPI_Reduce(&change, &most, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
            if (rank == 0)
                printf("step %5d: largest change %.2e, %.2f s\n", step, most, MPI_Wtime() - start);
        }
    }

    double *plate = gather(&g, &b, rank, size);
    if (rank == 0) {
        failed = draw(path, g.n, plate);
        if (!failed)
            printf("picture: %s\n", path);
        failed |= verify(g.n, job[1], plate);
    }
    free(plate);
    block_free(&b);
    MPI_Type_free(&g.column);
    MPI_Bcast(&failed, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return failed;
}
