/* Every algorithm against the oracle, on real ranks: each row of the table is forced in turn, on
 * the world communicator, on its halves and on one with the ranks reversed, as a blocking call and
 * as a schedule. Linked with the library's objects, because it needs the table.
 *
 *     ipcrun -n 5 oracle [row name]      TAP from rank 0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cases.h"
#include "comm.h"
#include "request.h"

/* Elements, for each communicator; 15 just fit a line and 128 a long one, the last are rendezvous
 * and several segments. */
static const size_t counts[][5] = {{0, 15, 128, 700, SIZE_MAX}, {1, 40, SIZE_MAX}, {3, SIZE_MAX}};
static const size_t long_ones[] = {17000, SIZE_MAX};

static int execute(struct ipcr_coll *c, const struct ipcr_coll_row *row)
{
    ipcr_coll_force(c->kind, row);
    int error = ipcr_coll_run(c);
    ipcr_coll_force(c->kind, NULL);
    return error;
}

static int execute_schedule(struct ipcr_coll *c, const struct ipcr_coll_row *row)
{
    ipcr_coll_force(c->kind, row);
    struct ipcr_req *req = ipcr_coll_begin(c);
    ipcr_coll_force(c->kind, NULL);
    ipcr_req_wait(req);
    int error = req->class->result(req, MPI_STATUS_IGNORE);
    ipcr_req_free(req);
    return error;
}

static int64_t faults, cases;

static void try_case(const struct tcase *t, void *arg)
{
    faults += case_run(t, arg, execute);
    faults += case_run(t, arg, execute_schedule);
    cases++;
    if (faults > 5)
        MPI_Abort(MPI_COMM_WORLD, 1);
}

/* Rank `late` comes late; nobody may leave before it came. All ranks of a test share a clock. */
static void try_barrier(const struct ipcr_coll_row *row, struct ipcr_comm *comm, int late)
{
    struct timespec pause = {.tv_nsec = 3000000};
    if (comm->rank == late)
        nanosleep(&pause, NULL);
    double came = MPI_Wtime(), last;
    struct ipcr_coll c = {.kind = IPCR_BARRIER, .comm = comm};
    int error = execute(&c, row);
    double left = MPI_Wtime();
    error |= ipcr_coll_allreduce(&came, &last, 1, MPI_DOUBLE, MPI_MAX, comm);
    cases++;
    if (error || left < last) {
        fprintf(stderr, "# rank %d of %d left the barrier %s before rank %d came\n", comm->rank,
                comm->size, row->name, late);
        faults++;
    }
}

static bool everywhere_right(void)
{
    int64_t sum;
    ipcr_coll_allreduce(&faults, &sum, 1, MPI_INT64_T, MPI_SUM, ipcr_comm_world);
    return sum == 0;
}

static bool one_clock; /* all ranks on one host */

static bool on_one_host(void)
{
    MPI_Comm node;
    int size;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &size);
    MPI_Comm_free(&node);
    return size == ipcr_comm_world->size;
}

static void try_row(const struct ipcr_coll_row *row, MPI_Comm *comms, int n)
{
    cases = 0;
    for (int i = 0; i < n; i++) {
        struct ipcr_comm *comm = ipcr_comm_of(comms[i]);
        if (row->kind == IPCR_BARRIER)
            for (int late = 0; late < comm->size && one_clock; late++)
                try_barrier(row, comm, late);
        case_each(row, comm->size, counts[i], try_case, comm);
    }
    case_each(row, ipcr_comm_world->size, long_ones, try_case, ipcr_comm_world);
}

/* What needs a communicator of another kind: tests/mpi/neighbor.c, coll_inter.c. */
static bool not_here(const struct ipcr_coll_row *row)
{
    return ipcr_coll_is_neighborly(row->kind) || row->needs & IPCR_INTER;
}

/* Some algorithms have two rows. */
static bool seen_before(const struct ipcr_coll_row *row)
{
    for (const struct ipcr_coll_row *r = ipcr_coll_table; r < row; r++)
        if (r->kind == row->kind && r->run == row->run && !((r->needs ^ row->needs) & IPCR_SHEETS))
            return true;
    return false;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    case_setup();
    one_clock = on_one_host();
    MPI_Comm comms[3] = {MPI_COMM_WORLD};
    int rank = ipcr_comm_world->rank, tests = 0;
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, 0, &comms[1]);
    MPI_Comm_split(MPI_COMM_WORLD, 0, -rank, &comms[2]);
    for (int i = 0; i < ipcr_coll_rows; i++) {
        const struct ipcr_coll_row *row = &ipcr_coll_table[i];
        if (seen_before(row) || not_here(row) || (argc > 1 && strcmp(argv[1], row->name) != 0))
            continue;
        faults = 0;
        try_row(row, comms, 3);
        tests++;
        bool right = everywhere_right();
        if (rank == 0)
            printf("%sok %d - %s %s (%d ranks, %lld cases)\n", right ? "" : "not ", tests,
                   ipcr_coll_names[row->kind], row->name, ipcr_comm_world->size, (long long)cases);
    }
    if (rank == 0)
        printf("1..%d\n", tests);
    MPI_Comm_free(&comms[1]);
    MPI_Comm_free(&comms[2]);
    MPI_Finalize();
    return faults != 0;
}
