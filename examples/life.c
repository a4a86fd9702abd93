// life: Conway's Game of Life, started from the five cells of the R-pentomino, which keep the world
// busy for 1103 generations and then leave 116 cells behind, as everybody who tried found.
//
// The idea: a program that sends the same messages again and again can prepare them once. The
// halo exchange (each rank holds a band of rows and needs one row from above and one from below) is
// four persistent requests, made before the first generation; each generation only starts them and
// waits. The world is a ring of bands, so with one rank the neighbour is that rank itself.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 592, GENERATIONS = 1103, CELLS_LEFT = 116 }; // wide enough: the gliders do not meet
enum { WIDE = SIDE + 2 };                                  // a row has a halo cell at each end

struct band {
    int top, rows;
    unsigned char *now, *next; // (rows + 2) x WIDE cells, 0 or 1
    MPI_Request halo[2][4];    // for each of the two buffers: receive and send, above and below
};

static void halo_prepare(struct band *b, int rank, int size, int which, unsigned char *cells)
{
    int above = (rank + size - 1) % size, below = (rank + 1) % size;
    unsigned char *first = cells + WIDE, *last = cells + b->rows * WIDE;
    MPI_Request *r = b->halo[which];
    MPI_Recv_init(first - WIDE, WIDE, MPI_UNSIGNED_CHAR, above, 0, MPI_COMM_WORLD, &r[0]);
    MPI_Recv_init(last + WIDE, WIDE, MPI_UNSIGNED_CHAR, below, 1, MPI_COMM_WORLD, &r[1]);
    MPI_Send_init(first, WIDE, MPI_UNSIGNED_CHAR, above, 1, MPI_COMM_WORLD, &r[2]);
    MPI_Send_init(last, WIDE, MPI_UNSIGNED_CHAR, below, 0, MPI_COMM_WORLD, &r[3]);
}

static struct band band_make(int rank, int size)
{
    static const int pentomino[5][2] = {{0, 1}, {0, 2}, {1, 0}, {1, 1}, {2, 1}};
    struct band b = {.top = (int)((long)SIDE * rank / size)};
    b.rows = (int)((long)SIDE * (rank + 1) / size) - b.top;
    b.now = calloc((size_t)b.rows + 2, WIDE);
    b.next = calloc((size_t)b.rows + 2, WIDE);
    if (!b.now || !b.next)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int k = 0; k < 5; k++) {
        int y = SIDE / 2 + pentomino[k][0] - b.top, x = SIDE / 2 + pentomino[k][1];
        if (y >= 0 && y < b.rows)
            b.now[(y + 1) * WIDE + x + 1] = 1;
    }
    halo_prepare(&b, rank, size, 0, b.now);
    halo_prepare(&b, rank, size, 1, b.next);
    return b;
}

static void band_free(struct band *b)
{
    for (int i = 0; i < 8; i++)
        MPI_Request_free(&b->halo[i / 4][i % 4]);
    free(b->now);
    free(b->next);
}

static void evolve_row(const unsigned char *restrict c, unsigned char *restrict out)
{
    for (int x = 1; x <= SIDE; x++) {
        int near = c[x - 1] + c[x + 1] + c[x - WIDE - 1] + c[x - WIDE] + c[x - WIDE + 1] +
                   c[x + WIDE - 1] + c[x + WIDE] + c[x + WIDE + 1];
        out[x] = (near | c[x]) == 3; // born with 3 neighbours; stays with 3, or with 2 (2 | 1 = 3)
    }
}

static void generation(struct band *b, int number)
{
    for (unsigned char *row = b->now + WIDE; row <= b->now + b->rows * WIDE; row += WIDE) {
        row[0] = row[SIDE]; // the ends of a row are neighbours too
        row[SIDE + 1] = row[1];
    }
    MPI_Startall(4, b->halo[number % 2]);
    MPI_Waitall(4, b->halo[number % 2], MPI_STATUSES_IGNORE);
    for (int y = 1; y <= b->rows; y++)
        evolve_row(b->now + y * WIDE, b->next + y * WIDE);
    unsigned char *swap = b->now;
    b->now = b->next;
    b->next = swap;
}

static int population(const struct band *b)
{
    int mine = 0, all;
    for (int y = 1; y <= b->rows; y++)
        for (int x = 1; x <= SIDE; x++)
            mine += b->now[y * WIDE + x];
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    return all;
}

// The middle of the world. Each rank fills in what it has; MPI_MAX lays the pieces over each other.
static void show(const struct band *b, int rank)
{
    enum { H = 44, W = 76, Y = SIDE / 2 - 20, X = SIDE / 2 - 36 };
    static char mine[H][W], all[H][W];
    for (int y = 0; y < H; y++)
        for (int x = 0; x < W; x++)
            mine[y][x] = Y + y >= b->top && Y + y < b->top + b->rows &&
                         b->now[(Y + y - b->top + 1) * WIDE + X + x + 1];
    MPI_Reduce(mine, all, H * W, MPI_SIGNED_CHAR, MPI_MAX, 0, MPI_COMM_WORLD);
    for (int y = 0; rank == 0 && y < H; y += 2) { // two rows of cells in a line of text
        for (int x = 0; x < W; x++)
            putchar(" '.:"[all[y][x] + 2 * all[y + 1][x]]);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size > SIDE) {
        if (rank == 0)
            fprintf(stderr, "life: %d rows of cells are not enough for %d ranks\n", SIDE, size);
        MPI_Finalize();
        return 2;
    }

    struct band b = band_make(rank, size);
    double start = MPI_Wtime();
    for (int g = 0; g < GENERATIONS; g++) {
        if (g % 200 == 0) {
            int cells = population(&b);
            if (rank == 0)
                printf("generation %4d: %3d cells\n", g, cells);
        }
        generation(&b, g);
    }
    double seconds = MPI_Wtime() - start;

    show(&b, rank);
    int cells = population(&b), wrong = cells != CELLS_LEFT;
    if (rank == 0) {
        printf("life: %d generations of %d x %d cells on %d rank%s in %.2f s\n", GENERATIONS, SIDE,
               SIDE, size, size > 1 ? "s" : "", seconds);
        printf("life: %s: %d cells after generation %d (known: %d)\n", wrong ? "WRONG" : "verified",
               cells, GENERATIONS, CELLS_LEFT);
    }
    band_free(&b);
    MPI_Finalize();
    return wrong;
}
