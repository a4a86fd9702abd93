// Persistent collectives, each started several times on changing contents, against what its
// blocking form gives; several started together, and in another order on every rank; freed in
// between.
#include "nbc.h"

enum { STARTS = 3 };
static const int lengths[] = {0, 1, 300, 5000};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

// New contents for the twins.
static void refill(struct call *a, struct call *b, uint64_t seed)
{
    fill(a->in, nbc_room(a), mix3(seed, (uint64_t)a->rank, 1));
    fill(a->out, nbc_room(a), mix3(seed, (uint64_t)a->rank, 2));
    memcpy(b->in, a->in, nbc_room(a));
    memcpy(b->out, a->out, nbc_room(a));
}

static void one(const struct collective *k, MPI_Comm comm, const int length_root_in_place[3])
{
    struct call now = {.root = length_root_in_place[1], .in_place = length_root_in_place[2]}, later;
    MPI_Status status;

    nbc_make(&now, k, comm, length_root_in_place[0], 1);
    later = nbc_twin(&now);
    later.form = INIT;
    OK(k->call(&later));
    OK(MPI_Wait(&later.request, &status)); // inactive
    EMPTY(&status);
    for (uint64_t start = 0; start < STARTS; start++) {
        refill(&now, &later, start);
        OK(MPI_Start(&later.request));
        OK(k->call(&now));
        OK(MPI_Wait(&later.request, &status));
        EMPTY(&status);
        CHECK(later.request != MPI_REQUEST_NULL);
        nbc_compare(k, &now, &later);
    }
    OK(MPI_Request_free(&later.request));
    CHECK(later.request == MPI_REQUEST_NULL);
    nbc_free(&now);
    nbc_free(&later);
}

static void all(MPI_Comm comm)
{
    int size;
    MPI_Comm_size(comm, &size);
    for (int i = 0; i < COLLECTIVES; i++) {
        const struct collective *k = &collectives[i];
        for (int l = 0; l < LENGTHS; l++)
            for (int root = 0; root<(k->rooted ? size : 1); root += size> 1 ? size - 1 : 1)
                for (int in_place = 0; in_place <= k->may_be_in_place; in_place++)
                    one(k, comm, (const int[]){lengths[l], root, in_place});
    }
}

// All kinds at once. Startall may start them in any order, so the order of MPI_Start need not be
// the same on all ranks either.
static void together(void)
{
    struct call now[COLLECTIVES], later[COLLECTIVES];
    MPI_Request requests[COLLECTIVES];

    for (int i = 0; i < COLLECTIVES; i++) {
        now[i] = (struct call){.root = np / 2};
        nbc_make(&now[i], &collectives[i], MPI_COMM_WORLD, 200, 1);
        later[i] = nbc_twin(&now[i]);
        later[i].form = INIT;
        OK(collectives[i].call(&later[i]));
        requests[i] = later[i].request;
    }
    for (uint64_t start = 0; start < STARTS; start++) {
        for (int i = 0; i < COLLECTIVES; i++)
            refill(&now[i], &later[i], start);
        if (start == 0)
            OK(MPI_Startall(COLLECTIVES, requests));
        for (int i = 0; i < COLLECTIVES && start; i++)
            OK(MPI_Start(&requests[(i + me * 3) % COLLECTIVES]));
        for (int i = 0; i < COLLECTIVES; i++)
            OK(collectives[i].call(&now[i]));
        OK(MPI_Waitall(COLLECTIVES, requests, MPI_STATUSES_IGNORE));
        for (int i = 0; i < COLLECTIVES; i++)
            nbc_compare(&collectives[i], &now[i], &later[i]);
    }
    for (int i = 0; i < COLLECTIVES; i++) {
        OK(MPI_Request_free(&requests[i]));
        nbc_free(&now[i]);
        nbc_free(&later[i]);
    }
}

// The request keeps what it needs.
static void freed_meanwhile(void)
{
    MPI_Comm comm;
    MPI_Datatype type;
    MPI_Request request;
    int data[4];

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Type_contiguous(4, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    OK(MPI_Bcast_init(data, 1, type, np - 1, comm, MPI_INFO_NULL, &request));
    OK(MPI_Type_free(&type));
    OK(MPI_Comm_free(&comm));
    for (int start = 0; start < STARTS; start++) {
        for (int i = 0; i < 4; i++)
            data[i] = me == np - 1 ? start * 10 + i : -1;
        OK(MPI_Start(&request));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        for (int i = 0; i < 4; i++)
            EQ(data[i], start * 10 + i);
    }
    OK(MPI_Request_free(&request));
}

static void wrong_use(void)
{
    MPI_Comm comm;
    MPI_Request request = MPI_REQUEST_NULL;
    int data = 1;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    FAILS(MPI_Bcast_init(&data, 1, MPI_INT, -1, comm, MPI_INFO_NULL, &request), MPI_ERR_ROOT);
    CHECK(request == MPI_REQUEST_NULL);
    OK(MPI_Bcast_init(&data, 1, MPI_INT, 0, comm, MPI_INFO_NULL, &request));
    OK(MPI_Start(&request));
    FAILS(MPI_Start(&request), MPI_ERR_REQUEST); // active already
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    OK(MPI_Request_free(&request));
    OK(MPI_Comm_free(&comm));
}

int main(int argc, char **argv)
{
    MPI_Comm half;
    check_begin(&argc, &argv);
    nbc_setup();
    all(MPI_COMM_WORLD);
    OK(MPI_Comm_split(MPI_COMM_WORLD, me % 2, -me, &half));
    all(half);
    OK(MPI_Comm_free(&half));
    together();
    freed_meanwhile();
    wrong_use();
    nbc_finish();
    return check_end();
}
