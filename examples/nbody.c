// nbody: two small galaxies fall towards each other; every star pulls on every other.
//
// The idea: nobody needs all stars at once. Each rank keeps its own, and a copy of every rank's
// stars travels around the ring (MPI_Sendrecv_replace); after as many hops as there are ranks each
// has met all the others. Only position and mass travel: a struct datatype picks these members out
// of an array of whole stars, with nothing packed by hand.
#include <math.h>
#include <mpi.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STARS = 800, STEPS = 150, X = 72, Y = 24 };
static const double DT = 0.02,
                    SOFT = 0.08; // SOFT: no star comes closer than this, as far as pull goes

struct star {
    double pos[3], vel[3], pull[3], mass;
};

struct ring {
    int rank, size, mine, slots; // mine: my stars; slots: the most that any rank has
    struct star *star, *guest;   // mine; those that visit. Unused slots have no mass and do nothing
    MPI_Datatype traveller;      // position and mass of one star
};

struct totals {
    double energy, momentum[3], mass,
        met; // met: how many times one star met another
};

static double uniform(unsigned long *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 33) / 2147483648.0;
}

// Star number i of two discs that turn around their middle. Every rank can make any star.
static struct star star_make(int i)
{
    unsigned long seed = ((unsigned long)i + 1) * 0x9e3779b97f4a7c15u;
    int side = i % 2 ? 1 : -1;
    uniform(&seed);
    uniform(&seed);
    double r = 0.9 * sqrt(uniform(&seed)), a = 2 * M_PI * uniform(&seed);
    double speed = sqrt(0.5 * r) * 0.85; // the disc's mass is 1/2, of which about r^2 lies inside r
    struct star s = {.mass = 1.0 / STARS};
    s.pos[0] = side * 1.3 + r * cos(a);
    s.pos[1] = side * 0.45 + r * sin(a) * 0.8;
    s.pos[2] = 0.05 * (uniform(&seed) - 0.5);
    s.vel[0] = -side * 0.35 - side * speed * sin(a);
    s.vel[1] = side * speed * cos(a) * 0.8;
    return s;
}

static void ring_make(struct ring *g)
{
    int first = (int)((long)STARS * g->rank / g->size);
    g->mine = (int)((long)STARS * (g->rank + 1) / g->size) - first;
    g->slots = (STARS + g->size - 1) / g->size;
    g->star = calloc((size_t)g->slots, sizeof *g->star);
    g->guest = calloc((size_t)g->slots, sizeof *g->guest);
    if (!g->star || !g->guest)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int i = 0; i < g->mine; i++)
        g->star[i] = star_make(first + i);

    MPI_Datatype fields;
    MPI_Aint where[2] = {offsetof(struct star, pos), offsetof(struct star, mass)};
    MPI_Type_create_struct(2, (int[]){3, 1}, where, (MPI_Datatype[]){MPI_DOUBLE, MPI_DOUBLE},
                           &fields);
    MPI_Type_create_resized(fields, 0, sizeof(struct star), &g->traveller);
    MPI_Type_commit(&g->traveller);
    MPI_Type_free(&fields);
}

// All guests pull on all my stars. Returns the potential energy; each pair is met from both sides.
static double meet(struct ring *g, double *met)
{
    double potential = 0;
    for (int i = 0; i < g->mine; i++) {
        struct star *s = &g->star[i];
        for (int j = 0; j < g->slots; j++) {
            const struct star *o = &g->guest[j];
            double d[3] = {o->pos[0] - s->pos[0], o->pos[1] - s->pos[1], o->pos[2] - s->pos[2]};
            double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            double inverse = 1 / sqrt(r2 + SOFT * SOFT), f = o->mass * inverse * inverse * inverse;
            for (int k = 0; k < 3; k++)
                s->pull[k] += f * d[k];
            if (r2 > 0) // a star does not pull on itself
                potential -= 0.5 * s->mass * o->mass * inverse;
            *met += o->mass > 0;
        }
    }
    return potential;
}

// Sends copies of all stars once around the ring. Leaves every star's pull up to date.
static double go_round(struct ring *g, double *met)
{
    double potential = 0;
    for (int i = 0; i < g->mine; i++)
        memset(g->star[i].pull, 0, sizeof g->star[i].pull);
    memcpy(g->guest, g->star, (size_t)g->slots * sizeof *g->guest);
    for (int hop = 0; hop < g->size; hop++) {
        potential += meet(g, met);
        MPI_Sendrecv_replace(g->guest, g->slots, g->traveller, (g->rank + 1) % g->size, 0,
                             (g->rank + g->size - 1) % g->size, 0, MPI_COMM_WORLD,
                             MPI_STATUS_IGNORE);
    }
    return potential;
}

// One leapfrog step: half a push, move, new pulls, half a push. Keeps energy well over long times.
static double step(struct ring *g, double *met)
{
    for (int i = 0; i < g->mine; i++) {
        for (int k = 0; k < 3; k++) {
            g->star[i].vel[k] += 0.5 * DT * g->star[i].pull[k];
            g->star[i].pos[k] += DT * g->star[i].vel[k];
        }
    }
    double potential = go_round(g, met);
    for (int i = 0; i < g->mine; i++)
        for (int k = 0; k < 3; k++)
            g->star[i].vel[k] += 0.5 * DT * g->star[i].pull[k];
    return potential;
}

static struct totals sum_up(const struct ring *g, double potential, double met)
{
    struct totals t = {.energy = potential, .met = met}, all;
    for (int i = 0; i < g->mine; i++) {
        const struct star *s = &g->star[i];
        t.mass += s->mass;
        for (int k = 0; k < 3; k++) {
            t.energy += 0.5 * s->mass * s->vel[k] * s->vel[k];
            t.momentum[k] += s->mass * s->vel[k];
        }
    }
    MPI_Allreduce(&t, &all, sizeof t / sizeof(double), MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    return all;
}

static void show(const struct ring *g)
{
    static int mine[Y][X], all[Y][X];
    memset(mine, 0, sizeof mine);
    for (int i = 0; i < g->mine; i++) {
        int x = (int)floor((g->star[i].pos[0] / 5 + 0.5) * X);
        int y = (int)floor((0.5 - g->star[i].pos[1] / 3.2) * Y);
        if (x >= 0 && x < X && y >= 0 && y < Y)
            mine[y][x]++;
    }
    MPI_Reduce(mine, all, X * Y, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
    for (int y = 0; g->rank == 0 && y < Y; y++) {
        for (int x = 0; x < X; x++)
            putchar(" .:-=+*#%@"[all[y][x] < 9 ? all[y][x] : 9]);
        putchar('\n');
    }
}

// Nature keeps its books: no energy and no momentum may be lost. And each star must have met every
// star (itself included) once in every round.
static int verify(struct totals a, struct totals b)
{
    double energy = fabs((b.energy - a.energy) / a.energy), momentum = 0;
    for (int k = 0; k < 3; k++)
        momentum = fmax(momentum, fabs(b.momentum[k] - a.momentum[k]));
    double missed = (double)STARS * STARS * (STEPS + 1) - b.met;
    int wrong = !(energy < 1e-3) || !(momentum < 1e-12) || missed != 0 || fabs(b.mass - 1) > 1e-12;
    printf("nbody: %s: energy kept to %.1e, momentum to %.1e, mass %.12f\n",
           wrong ? "WRONG" : "verified", energy, momentum, b.mass);
    return wrong;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    struct ring g = {0};
    double met = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &g.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &g.size);
    ring_make(&g);
    double start = MPI_Wtime(), potential = go_round(&g, &met);
    struct totals before = sum_up(&g, potential, met);
    for (int s = 0; s < STEPS; s++)
        potential = step(&g, &met);
    struct totals after = sum_up(&g, potential, met);
    double seconds = MPI_Wtime() - start;

    show(&g);
    int wrong = 0;
    if (g.rank == 0) {
        printf("nbody: %d stars, %d steps on %d rank%s: %.2f s, %.0f million meetings a second\n",
               STARS, STEPS, g.size, g.size > 1 ? "s" : "", seconds,
               1e-6 * STARS * STARS * (STEPS + 1) / seconds);
        wrong = verify(before, after);
    }
    MPI_Bcast(&wrong, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Type_free(&g.traveller);
    free(g.star);
    free(g.guest);
    MPI_Finalize();
    return wrong;
}
