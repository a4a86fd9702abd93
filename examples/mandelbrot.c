// mandelbrot: a manager hands out rows of the picture, and workers colour them in; the result is
// mandelbrot.png (or the file named on the command line).
//
// The idea: rows through the middle of the set take a hundred times longer than rows at the rim, so
// nobody gets a fixed share. Whoever returns a row gets the next one. The manager does not know who
// will be first: it probes for a message from anybody, sees from the tag which row it is, and
// receives it straight into its place in the picture.
#include "png.h"

#include <math.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 840, HEIGHT = 720, LIMIT = 1000, STOP = -1 };
static const double LEFT = -2.15, BOTTOM = -1.2, SIDE = 2.8 / WIDTH; // SIDE: of a pixel

// How many steps each point of this row takes to escape (with a smooth fraction); 0 = it stays.
static void compute_row(int row, float *steps)
{
    double ci = BOTTOM + (HEIGHT - row - 0.5) * SIDE;
    for (int col = 0; col < WIDTH; col++) {
        double cr = LEFT + (col + 0.5) * SIDE, zr = 0, zi = 0, rr = 0, ii = 0;
        int n = 0;
        for (; n < LIMIT && rr + ii < 256; n++) {
            zi = 2 * zr * zi + ci;
            zr = rr - ii + cr;
            rr = zr * zr;
            ii = zi * zi;
        }
        steps[col] = n == LIMIT ? 0 : (float)(n + 3 - log2(log2(rr + ii)));
    }
}

static void worker(void)
{
    float steps[WIDTH];
    for (;;) {
        int row;
        MPI_Recv(&row, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (row == STOP)
            return;
        compute_row(row, steps);
        MPI_Send(steps, WIDTH, MPI_FLOAT, 0, row, MPI_COMM_WORLD); // the tag says which row it is
    }
}

// Fills in the picture; rows[r] counts the rows that rank r returned. Without workers the manager
// does the work itself.
static void manager(int size, float *picture, int *rows)
{
    int next = 0;
    for (; size == 1 && next < HEIGHT; next++, rows[0]++)
        compute_row(next, picture + next * WIDTH);
    for (int w = 1; w < size; w++, next++) {
        int row = next < HEIGHT ? next : STOP;
        MPI_Send(&row, 1, MPI_INT, w, 0, MPI_COMM_WORLD);
    }
    for (int out = size - 1 < HEIGHT ? size - 1 : HEIGHT; out > 0; next++) {
        MPI_Status s;
        MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &s);
        MPI_Recv(picture + s.MPI_TAG * WIDTH, WIDTH, MPI_FLOAT, s.MPI_SOURCE, s.MPI_TAG,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        rows[s.MPI_SOURCE]++;
        int row = next < HEIGHT ? next : STOP;
        MPI_Send(&row, 1, MPI_INT, s.MPI_SOURCE, 0, MPI_COMM_WORLD);
        out -= row == STOP;
    }
}

static int draw(const char *path, const float *picture)
{
    unsigned char *rgb = calloc(WIDTH * HEIGHT, 3);
    for (int i = 0; rgb && i < WIDTH * HEIGHT; i++) {
        double t = log2(picture[i] + 1); // points of the set stay black
        for (int c = 0; picture[i] > 0 && c < 3; c++)
            rgb[3 * i + c] = (unsigned char)(127.5 - 127.5 * cos(t * 1.6 - 2.6 + 0.5 * c));
    }
    int failed = !rgb || png_write(path, WIDTH, HEIGHT, rgb) != 0;
    free(rgb);
    if (!failed)
        printf("picture: %s\n", path);
    return failed;
}

static void preview(const float *picture)
{
    for (int y = HEIGHT / 48; y < HEIGHT; y += HEIGHT / 24) {
        for (int x = WIDTH / 128; x < WIDTH; x += WIDTH / 64) {
            float n = picture[y * WIDTH + x];
            putchar(n == 0 ? '@'
                           : " .:-=+*#%"[n < 5    ? 0
                                         : n < 72 ? (int)(log2f(n / 5) * 2 + 1)
                                                  : 8]);
        }
        putchar('\n');
    }
}

// Rows that the manager computes again must come out the same, and the area of the set is known:
// 1.5066 (pixel counts by many authors agree to four digits), a little more with a limited count.
static int verify(const float *picture)
{
    float again[WIDTH];
    int inside = 0, differ = 0;
    for (int row = 0; row < HEIGHT; row++)
        for (int col = 0; col < WIDTH; col++)
            inside += picture[row * WIDTH + col] == 0;
    for (int row = 5; row < HEIGHT; row += 61) {
        compute_row(row, again);
        for (int col = 0; col < WIDTH; col++)
            differ += again[col] != picture[row * WIDTH + col];
    }
    double area = inside * SIDE * SIDE;
    int wrong = differ > 0 || fabs(area - 1.5066) > 0.01;
    printf(
        "mandelbrot: %s: area of the set %.4f (known: 1.5066), %d points differ on recomputation\n",
        wrong ? "WRONG" : "verified", area, differ);
    return wrong;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, failed = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank != 0) {
        worker();
    } else {
        float *picture = malloc(sizeof(float[WIDTH * HEIGHT]));
        int *rows = calloc((size_t)size, sizeof *rows);
        if (!picture || !rows)
            MPI_Abort(MPI_COMM_WORLD, 1);
        for (int i = 0; i < WIDTH * HEIGHT; i++)
            picture[i] = -1; // no point comes out like this, so that a missing row is noticed
        double start = MPI_Wtime();
        manager(size, picture, rows);
        double seconds = MPI_Wtime() - start;
        preview(picture);
        for (int r = size > 1; r < size && r < 32; r++)
            printf("rank %3d did %3d rows %.*s\n", r, rows[r], rows[r] * 50 / HEIGHT,
                   "--------------------------------------------------");
        printf("%d x %d points in %.2f s\n", WIDTH, HEIGHT, seconds);
        failed = draw(argc > 1 ? argv[1] : "mandelbrot.png", picture);
        failed |= verify(picture);
        free(picture);
        free(rows);
    }
    MPI_Bcast(&failed, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return failed;
}
