// halo: a rule under which every picture copies itself. The board is a torus; a cell becomes the
// exclusive or of its four neighbours. After 2, 4, 8, ... steps the picture stands there four
// times, that far to the north, south, west and east (Fredkin's replicator).
//
// The idea: a Cartesian communicator knows who is whose neighbour, so one neighbourhood collective
// exchanges the whole frame ("halo") of a block. MPI_Neighbor_alltoallw takes a datatype and a
// place for each of them: a row for north and south, a column for west and east. Its arrays are in
// the order of the dimensions, in each the neighbour at -1 first: north, south, west, east.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 240, DOUBLINGS = 6, STEPS = 1 << DOUBLINGS };
enum { NORTH, SOUTH, WEST, EAST, WAYS };

struct block {
    int top, left, rows, cols, wide; // my part of the board; wide: a row with its halo
    unsigned char *now, *next;       // (rows + 2) x (cols + 2) cells
};

struct frame { // what goes out to each neighbour, and where what comes in belongs
    MPI_Comm grid;
    int counts[WAYS];
    MPI_Aint out[WAYS], in[WAYS];
    MPI_Datatype types[WAYS];
};

// The picture: eight in 64 cells are on, in no order. Known at every place to every rank.
static unsigned char picture(int row, int col)
{
    unsigned x = (unsigned)((row + SIDE) % SIDE * SIDE + (col + SIDE) % SIDE) * 2654435769u;
    x ^= x >> 15;
    x *= 2246822519u;
    return (x >> 26) < 8;
}

static int start_of(int parts, int i)
{
    return SIDE * i / parts;
}

static struct block block_make(const int dims[2], const int coords[2])
{
    struct block b = {.top = start_of(dims[0], coords[0]), .left = start_of(dims[1], coords[1])};
    b.rows = start_of(dims[0], coords[0] + 1) - b.top;
    b.cols = start_of(dims[1], coords[1] + 1) - b.left;
    b.wide = b.cols + 2;
    b.now = calloc((size_t)(b.rows + 2) * (size_t)b.wide, 1);
    b.next = calloc((size_t)(b.rows + 2) * (size_t)b.wide, 1);
    if (!b.now || !b.next)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int i = 1; i <= b.rows; i++)
        for (int j = 1; j <= b.cols; j++)
            b.now[i * b.wide + j] = picture(b.top + i - 1, b.left + j - 1);
    return b;
}

// Displacements are in bytes, and a cell is a byte.
static struct frame frame_make(MPI_Comm grid, const struct block *b)
{
    struct frame f = {.grid = grid, .counts = {1, 1, 1, 1}};
    int wide = b->wide, last_row = b->rows * wide;
    f.out[NORTH] = wide + 1, f.in[NORTH] = 1;
    f.out[SOUTH] = last_row + 1, f.in[SOUTH] = last_row + wide + 1;
    f.out[WEST] = wide + 1, f.in[WEST] = wide;
    f.out[EAST] = wide + b->cols, f.in[EAST] = wide + b->cols + 1;
    MPI_Type_contiguous(b->cols, MPI_UNSIGNED_CHAR, &f.types[NORTH]);
    MPI_Type_vector(b->rows, 1, wide, MPI_UNSIGNED_CHAR, &f.types[WEST]);
    MPI_Type_commit(&f.types[NORTH]);
    MPI_Type_commit(&f.types[WEST]);
    f.types[SOUTH] = f.types[NORTH];
    f.types[EAST] = f.types[WEST];
    return f;
}

static void step(struct block *b, const struct frame *f)
{
    MPI_Neighbor_alltoallw(b->now, f->counts, f->out, f->types, b->now, f->counts, f->in, f->types,
                           f->grid);
    for (int i = 1; i <= b->rows; i++)
        for (int at = i * b->wide + 1; at <= i * b->wide + b->cols; at++)
            b->next[at] =
                b->now[at - b->wide] ^ b->now[at + b->wide] ^ b->now[at - 1] ^ b->now[at + 1];
    unsigned char *swap = b->now;
    b->now = b->next;
    b->next = swap;
}

// Cells of my block that are not what four copies of the picture, `far` away, make of them.
static int count_wrong(const struct block *b, int far)
{
    int wrong = 0;
    for (int i = 1; i <= b->rows; i++)
        for (int j = 1; j <= b->cols; j++) {
            int row = b->top + i - 1, col = b->left + j - 1;
            unsigned char want = picture(row - far, col) ^ picture(row + far, col) ^
                                 picture(row, col - far) ^ picture(row, col + far);
            wrong += b->now[i * b->wide + j] != want;
        }
    return wrong;
}

static int count_alive(const struct block *b)
{
    int alive = 0;
    for (int i = 1; i <= b->rows; i++)
        for (int j = 1; j <= b->cols; j++)
            alive += b->now[i * b->wide + j];
    return alive;
}

// Wrong cells of the whole board. Every power of two is a moment to look.
static int run(struct block *b, const struct frame *f, int rank)
{
    int mine[2], all[2], wrong = 0;
    for (int done = 1; done <= STEPS; done++) {
        step(b, f);
        if (done < 2 || (done & (done - 1)))
            continue;
        mine[0] = count_wrong(b, done);
        mine[1] = count_alive(b);
        MPI_Allreduce(mine, all, 2, MPI_INT, MPI_SUM, f->grid);
        wrong += all[0];
        if (rank == 0)
            printf("step %3d: four copies %d cells away, %d cells are on\n", done, done, all[1]);
    }
    return wrong;
}

int main(int argc, char **argv)
{
    int size, rank, dims[2] = {0, 0}, coords[2];
    MPI_Comm grid;

    MPI_Init(&argc, &argv);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Dims_create(size, 2, dims);
    MPI_Cart_create(MPI_COMM_WORLD, 2, dims, (int[]){1, 1}, 1, &grid);
    MPI_Comm_rank(grid, &rank);
    MPI_Cart_coords(grid, rank, 2, coords);
    if (rank == 0)
        printf("halo: a torus of %d x %d cells on %d x %d ranks\n", SIDE, SIDE, dims[0], dims[1]);

    struct block b = block_make(dims, coords);
    struct frame f = frame_make(grid, &b);
    int wrong = run(&b, &f, rank);
    if (rank == 0 && wrong == 0)
        printf("halo: verified: all %d cells were four copies of the picture, %d times\n",
               SIDE * SIDE, DOUBLINGS);
    else if (rank == 0)
        printf("halo: WRONG: %d cells are not what they should be\n", wrong);

    MPI_Type_free(&f.types[NORTH]);
    MPI_Type_free(&f.types[WEST]);
    free(b.now);
    free(b.next);
    MPI_Comm_free(&grid);
    MPI_Finalize();
    return wrong != 0;
}
