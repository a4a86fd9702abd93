// persistent: k-means; finds the centres of clusters of points.
//
// The idea: every step ends with the same sum over all ranks, from the same buffer to the same
// buffer. MPI_Allreduce_init settles once how that is done; MPI_Start only does it. Coordinates are
// whole numbers, so sums are exact, and the result does not depend on the number of ranks.
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { POINTS = 60000, CENTRES = 6, SPREAD = 30000, STEPS = 100 };

struct point {
    int64_t x, y;
};

// Where the clusters are; the program has to find out.
static const struct point hidden[CENTRES] = {{-70000, -20000}, {-30000, 60000}, {0, -5000},
                                             {40000, 45000},   {60000, -50000}, {-10000, -70000}};

// The same numbers on every rank, whoever makes which point.
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static struct point make_point(int i)
{
    struct point p = hidden[i % CENTRES];
    p.x += (int64_t)(mix((uint64_t)i * 2 + 1) % (2 * SPREAD + 1)) - SPREAD;
    p.y += (int64_t)(mix((uint64_t)i * 2 + 2) % (2 * SPREAD + 1)) - SPREAD;
    return p;
}

static int64_t square(int64_t a)
{
    return a * a;
}

static int nearest(const struct point *centres, struct point p)
{
    int best = 0;
    int64_t least = INT64_MAX;
    for (int c = 0; c < CENTRES; c++) {
        int64_t d = square(p.x - centres[c].x) + square(p.y - centres[c].y);
        if (d < least) {
            least = d;
            best = c;
        }
    }
    return best;
}

// What a step adds up over all points: for each centre, of those nearest to it.
struct tally {
    int64_t x, y, n;
};

static void count_points(const struct point *points, int n, const struct point *centres,
                         struct tally *mine)
{
    for (int c = 0; c < CENTRES; c++)
        mine[c] = (struct tally){0, 0, 0};
    for (int i = 0; i < n; i++) {
        struct tally *t = &mine[nearest(centres, points[i])];
        t->x += points[i].x;
        t->y += points[i].y;
        t->n++;
    }
}

// Moves the centres into the middle of their points: did any move?
static int move(struct point *centres, const struct tally *all)
{
    int moved = 0;
    for (int c = 0; c < CENTRES; c++) {
        if (all[c].n == 0)
            continue;
        struct point middle = {all[c].x / all[c].n, all[c].y / all[c].n};
        moved += middle.x != centres[c].x || middle.y != centres[c].y;
        centres[c] = middle;
    }
    return moved;
}

// How many of the hidden centres have a found one close by.
static int found(const struct point *centres)
{
    int n = 0;
    for (int h = 0; h < CENTRES; h++) {
        struct point c = centres[nearest(centres, hidden[h])];
        n += llabs(c.x - hidden[h].x) < SPREAD / 10 && llabs(c.y - hidden[h].y) < SPREAD / 10;
    }
    return n;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, n = 0, steps = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    struct point *points = malloc((POINTS / (size_t)size + 1) * sizeof *points), centres[CENTRES];
    for (int i = rank; i < POINTS; i += size)
        points[n++] = make_point(i);
    for (int c = 0; c < CENTRES; c++) { // a rough guess to begin with: on the way to the next one
        struct point here = hidden[c], next = hidden[(c + 1) % CENTRES];
        centres[c] = (struct point){(5 * here.x + 3 * next.x) / 8, (5 * here.y + 3 * next.y) / 8};
    }

    struct tally mine[CENTRES], all[CENTRES];
    MPI_Request sum;
    MPI_Allreduce_init(mine, all, 3 * CENTRES, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD, MPI_INFO_NULL,
                       &sum);
    do {
        count_points(points, n, centres, mine);
        MPI_Start(&sum);
        MPI_Wait(&sum, MPI_STATUS_IGNORE);
    } while (move(centres, all) && ++steps < STEPS);
    MPI_Request_free(&sum);

    int64_t counted = 0;
    for (int c = 0; c < CENTRES; c++)
        counted += all[c].n;
    int right = counted == POINTS && steps < STEPS && found(centres) == CENTRES;
    if (rank == 0) {
        for (int c = 0; c < CENTRES; c++)
            printf("centre %6lld %6lld of %5lld points\n", (long long)centres[c].x,
                   (long long)centres[c].y, (long long)all[c].n);
        printf(
            "persistent: %s: after %d steps %d of %d centres are found, %lld of %d points counted\n",
            right ? "verified" : "WRONG", steps, found(centres), CENTRES, (long long)counted,
            POINTS);
    }
    free(points);
    MPI_Finalize();
    return !right;
}
