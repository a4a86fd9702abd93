// Partitioned communication: equal and unequal numbers of partitions, parts that end inside an
// element of the receiver's type, rounds that begin in any order, order of matching, all that
// arrives being seen, wrong arguments.
#include "check.h"

enum { TAG = 12, ROUNDS = 4 };

static int right, left;

// A permutation of 0 .. n-1 that depends on the round.
static int nth(int i, int n, int round)
{
    static const int steps[] = {1, 7, 11, 13};
    int step = steps[round % 4];
    return (int)(((long)i * (n % step ? step : 1) + round) % n);
}

struct shape { // sends*per_send items in all, received as receives*per_receive
    int sends, per_send, receives, per_receive;
};

static void mark_ready(MPI_Request request, int sends, int round)
{
    for (int i = 0; i < sends; i++)
        OK(MPI_Pready(nth(i, sends, round), request));
}

// Around the ring, several rounds; each round's contents differ.
static void rounds(const struct shape *s)
{
    size_t items = (size_t)s->sends * (size_t)s->per_send;
    int *out = need(items * sizeof *out), *in = need(items * sizeof *in);
    MPI_Request requests[2];
    MPI_Status statuses[2];

    OK(MPI_Psend_init(out, s->sends, s->per_send, MPI_INT, right, TAG, MPI_COMM_WORLD,
                      MPI_INFO_NULL, &requests[0]));
    OK(MPI_Precv_init(in, s->receives, s->per_receive, MPI_INT, left, TAG, MPI_COMM_WORLD,
                      MPI_INFO_NULL, &requests[1]));
    for (int round = 0; round < ROUNDS; round++) {
        memset(in, 0, items * sizeof *in);
        fill(out, items * sizeof *out, (uint64_t)(round * 100 + me));
        if (round % 2) {
            OK(MPI_Startall(2, requests));
        } else {
            OK(MPI_Start(&requests[1 - round / 2]));
            OK(MPI_Start(&requests[round / 2]));
        }
        mark_ready(requests[0], s->sends, round);
        OK(MPI_Waitall(2, requests, statuses));
        STATUS(&statuses[1], left, TAG, MPI_INT, (int)items);
        CHECK(requests[0] != MPI_REQUEST_NULL && requests[1] != MPI_REQUEST_NULL);
        FILLED(in, items * sizeof *in, (uint64_t)(round * 100 + left));
    }
    OK(MPI_Request_free(&requests[0]));
    OK(MPI_Request_free(&requests[1]));
    CHECK(requests[0] == MPI_REQUEST_NULL);
    free(in);
    free(out);
}

static void shapes(void)
{
    static const struct shape all[] = {
        {1, 1, 1, 1},         {1, 60, 1, 60}, {4, 3, 4, 3},   {6, 10, 10, 6}, {10, 6, 6, 10},
        {1, 96, 12, 8},       {12, 8, 1, 96}, {7, 12, 12, 7}, {64, 1, 1, 64}, {3, 40000, 8, 15000},
        {8, 15000, 3, 40000}, {5, 0, 3, 0},   {0, 5, 0, 5}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        rounds(&all[i]);
}

// What is ready arrives while other partitions are not ready yet, and nothing else does.
static void piece_by_piece(int sends, int receives, int items)
{
    int per_send = items / sends, per_receive = items / receives, flag = -1;
    int *data = need((size_t)items * sizeof *data);
    MPI_Request request;

    if (me == 0) {
        for (int i = 0; i < items; i++)
            data[i] = 3 * i;
        OK(MPI_Psend_init(data, sends, per_send, MPI_INT, 1, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                          &request));
        OK(MPI_Start(&request));
        for (int i = 0; i < sends; i++) {
            OK(MPI_Pready(sends - 1 - i, request));
            OK(MPI_Recv(NULL, 0, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        }
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        OK(MPI_Request_free(&request));
    } else if (me == 1) {
        OK(MPI_Precv_init(data, receives, per_receive, MPI_INT, 0, TAG, MPI_COMM_WORLD,
                          MPI_INFO_NULL, &request));
        OK(MPI_Parrived(request, 0, &flag)); // not active: as if arrived (section 4.2.2)
        EQ(flag, 1);
        OK(MPI_Start(&request));
        for (int sent = 1; sent <= sends; sent++) {
            int complete_from = items - sent * per_send;
            for (int r = receives - 1; r >= 0; r--) {
                int there = r * per_receive >= complete_from;
                do
                    OK(MPI_Parrived(request, r, &flag));
                while (there && !flag);
                EQ(flag, there);
                for (int i = r * per_receive; there && i < (r + 1) * per_receive; i++)
                    if (data[i] != 3 * i)
                        FAIL("item %d is %d after %d partitions", i, data[i], sent);
            }
            OK(MPI_Test(&request, &flag, MPI_STATUS_IGNORE));
            EQ(flag, sent == sends);
            OK(MPI_Send(NULL, 0, MPI_BYTE, 0, TAG, MPI_COMM_WORLD));
        }
        OK(MPI_Request_free(&request));
    }
    free(data);
}

struct triple { // 12 bytes of data in 16
    int a, gap, b, c;
};

static MPI_Datatype make_triple(void)
{
    MPI_Datatype plain, type;
    int lengths[2] = {1, 2};
    MPI_Aint at[2] = {offsetof(struct triple, a), offsetof(struct triple, b)};

    OK(MPI_Type_create_hindexed(2, lengths, at, MPI_INT, &plain));
    OK(MPI_Type_create_resized(plain, 0, sizeof(struct triple), &type));
    OK(MPI_Type_commit(&type));
    OK(MPI_Type_free(&plain));
    return type;
}

static int triple_ok(const struct triple *t, int n, int from)
{
    return t->a == from + 3 * n && t->b == t->a + 1 && t->c == t->a + 2 && t->gap == -1;
}

// Plain ints into triples with gaps, cut where no triple ends; and triples into ints.
static void derived(int sends, int triples)
{
    int ints = 3 * triples;
    int *plain = need((size_t)ints * sizeof *plain);
    struct triple *gaps = need((size_t)triples * sizeof *gaps);
    MPI_Datatype type = make_triple();
    MPI_Request requests[2];

    memset(gaps, -1, (size_t)triples * sizeof *gaps);
    for (int i = 0; i < ints; i++)
        plain[i] = 1000 * me + i;
    OK(MPI_Psend_init(plain, sends, ints / sends, MPI_INT, right, TAG, MPI_COMM_WORLD,
                      MPI_INFO_NULL, &requests[0]));
    OK(MPI_Precv_init(gaps, 2, triples / 2, type, left, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                      &requests[1]));
    OK(MPI_Startall(2, requests));
    OK(MPI_Pready_range(0, sends - 1, requests[0]));
    OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < triples; i++)
        if (!triple_ok(&gaps[i], i, 1000 * left))
            FAIL("triple %d of %d from %d parts is wrong", i, triples, sends);
    OK(MPI_Request_free(&requests[0]));
    OK(MPI_Request_free(&requests[1]));
    // And back, from a type that its owner frees.
    OK(MPI_Psend_init(gaps, 2, triples / 2, type, left, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                      &requests[0]));
    OK(MPI_Precv_init(plain, sends, ints / sends, MPI_INT, right, TAG, MPI_COMM_WORLD,
                      MPI_INFO_NULL, &requests[1]));
    OK(MPI_Type_free(&type));
    OK(MPI_Startall(2, requests));
    OK(MPI_Pready_list(2, (const int[]){1, 0}, requests[0]));
    OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < ints; i++)
        if (plain[i] != 1000 * me + i) {
            FAIL("int %d is %d", i, plain[i]);
            break;
        }
    OK(MPI_Request_free(&requests[0]));
    OK(MPI_Request_free(&requests[1]));
    free(gaps);
    free(plain);
}

// Requests of one source and tag match in the order of their init calls, whatever is started first;
// messages of the same tag do not match them.
static void order(void)
{
    enum { COUNT = 5 };
    int out[COUNT], in[COUNT], plain = -1;
    MPI_Request sends[COUNT], receives[COUNT], message;

    OK(MPI_Irecv(&plain, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &message));
    for (int i = 0; i < COUNT; i++) {
        out[i] = 10 * me + i;
        in[i] = -1;
        OK(MPI_Psend_init(&out[i], 1, 1, MPI_INT, right, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                          &sends[i]));
        if (i == 1 || i == 3)
            OK(MPI_Precv_init(&in[i - 1], 1, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                              &receives[i - 1]));
    }
    OK(MPI_Send(&me, 1, MPI_INT, right, TAG, MPI_COMM_WORLD));
    OK(MPI_Wait(&message, MPI_STATUS_IGNORE));
    EQ(plain, left);
    // Receives 0 and 2 exist; the others come now, so they match sends 2, 3 and 4.
    for (int i = 1; i < COUNT; i += 2)
        OK(MPI_Precv_init(&in[i], 1, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                          &receives[i]));
    OK(MPI_Precv_init(&in[4], 1, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                      &receives[4]));
    for (int i = COUNT - 1; i >= 0; i--) {
        OK(MPI_Start(&sends[i]));
        OK(MPI_Pready(0, sends[i]));
    }
    OK(MPI_Startall(COUNT, receives));
    OK(MPI_Waitall(COUNT, receives, MPI_STATUSES_IGNORE));
    OK(MPI_Waitall(COUNT, sends, MPI_STATUSES_IGNORE));
    static const int inited[COUNT] = {0, 2, 1, 3, 4}; // receives in the order of their init calls
    for (int i = 0; i < COUNT; i++) {
        EQ(in[inited[i]], 10 * left + i);
        OK(MPI_Request_free(&sends[i]));
        OK(MPI_Request_free(&receives[i]));
    }
}

// A sender that is rounds ahead of its receiver.
static void ahead(int bytes)
{
    enum { PARTS = 4 };
    size_t all = (size_t)bytes * PARTS;
    char *data = need(all);
    MPI_Request request;

    if (me == 0) {
        OK(MPI_Psend_init(data, PARTS, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                          &request));
        for (int round = 0; round < ROUNDS; round++) {
            fill(data, all, (uint64_t)round);
            OK(MPI_Start(&request));
            OK(MPI_Pready_range(0, PARTS - 1, request));
            OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        }
        OK(MPI_Request_free(&request));
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    if (me == 1) {
        OK(MPI_Precv_init(data, 2, 2 * bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                          &request));
        for (int round = 0; round < ROUNDS; round++) {
            OK(MPI_Start(&request));
            OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
            FILLED(data, all, (uint64_t)round);
        }
        OK(MPI_Request_free(&request));
    }
    free(data);
}

// The same tag on two communicators, and at the end an announcement that nobody ever receives.
static void contexts(void)
{
    int out[2] = {10 * me, 10 * me + 1}, in[2] = {-1, -1};
    MPI_Comm comms[2] = {MPI_COMM_WORLD, MPI_COMM_NULL};
    MPI_Request sends[2], receives[2], alone;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comms[1]));
    for (int i = 0; i < 2; i++) {
        OK(MPI_Psend_init(&out[i], 1, 1, MPI_INT, right, TAG, comms[i], MPI_INFO_NULL, &sends[i]));
        OK(MPI_Precv_init(&in[1 - i], 1, 1, MPI_INT, left, TAG, comms[1 - i], MPI_INFO_NULL,
                          &receives[1 - i]));
    }
    OK(MPI_Startall(2, sends));
    OK(MPI_Startall(2, receives));
    OK(MPI_Pready(0, sends[1]));
    OK(MPI_Pready(0, sends[0]));
    OK(MPI_Waitall(2, receives, MPI_STATUSES_IGNORE));
    OK(MPI_Waitall(2, sends, MPI_STATUSES_IGNORE));
    OK(MPI_Psend_init(out, 2, 1, MPI_INT, right, 0, MPI_COMM_WORLD, MPI_INFO_NULL, &alone));
    OK(MPI_Request_free(&alone));
    OK(MPI_Comm_free(&comms[1]));
    for (int i = 0; i < 2; i++) {
        EQ(in[i], 10 * left + i);
        OK(MPI_Request_free(&sends[i]));
        OK(MPI_Request_free(&receives[i]));
    }
}

static void nobody(void)
{
    int data[4] = {1, 2, 3, 4}, flag = -1;
    MPI_Request requests[2];
    MPI_Status status;

    OK(MPI_Psend_init_c(data, 2, 2, MPI_INT, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                        &requests[0]));
    OK(MPI_Precv_init_c(data, 2, 2, MPI_INT, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                        &requests[1]));
    for (int round = 0; round < 2; round++) {
        OK(MPI_Startall(2, requests));
        OK(MPI_Test(&requests[0], &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
        OK(MPI_Pready_range(0, 1, requests[0]));
        OK(MPI_Wait(&requests[0], MPI_STATUS_IGNORE));
        OK(MPI_Parrived(requests[1], 1, &flag));
        EQ(flag, 1);
        OK(MPI_Wait(&requests[1], &status));
        NOBODY(&status);
    }
    OK(MPI_Request_free(&requests[0]));
    OK(MPI_Request_free(&requests[1]));
}

// Freed before their time: one that has matched nothing, and active ones, which complete.
static void freed(void)
{
    int out = me, in = -1, never = 0;
    MPI_Request send, receive, alone;

    OK(MPI_Precv_init(&never, 1, 1, MPI_INT, left, TAG + 1, MPI_COMM_WORLD, MPI_INFO_NULL, &alone));
    OK(MPI_Start(&alone));
    OK(MPI_Psend_init(&out, 1, 1, MPI_INT, right, TAG, MPI_COMM_WORLD, MPI_INFO_NULL, &send));
    OK(MPI_Precv_init(&in, 1, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, MPI_INFO_NULL, &receive));
    OK(MPI_Start(&send));
    OK(MPI_Start(&receive));
    OK(MPI_Pready(0, send));
    OK(MPI_Request_free(&send));
    OK(MPI_Wait(&receive, MPI_STATUS_IGNORE));
    EQ(in, left);
    OK(MPI_Request_free(&receive));
    OK(MPI_Psend_init(&out, 1, 1, MPI_INT, right, TAG + 1, MPI_COMM_WORLD, MPI_INFO_NULL, &send));
    OK(MPI_Start(&send));
    OK(MPI_Pready(0, send));
    OK(MPI_Wait(&alone, MPI_STATUS_IGNORE));
    EQ(never, left);
    OK(MPI_Request_free(&alone));
    OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
    OK(MPI_Request_free(&send));
    OK(MPI_Precv_init(&never, 1, 1, MPI_INT, left, TAG + 2, MPI_COMM_WORLD, MPI_INFO_NULL, &alone));
    OK(MPI_Request_free(&alone));
}

static void wrong(void)
{
    int data[4] = {0}, flag;
    MPI_Comm world = MPI_COMM_WORLD;
    MPI_Request request, message;

    FAILS(MPI_Psend_init(data, -1, 1, MPI_INT, 0, TAG, world, MPI_INFO_NULL, &request),
          MPI_ERR_ARG);
    FAILS(MPI_Psend_init(data, 1, -1, MPI_INT, 0, TAG, world, MPI_INFO_NULL, &request),
          MPI_ERR_COUNT);
    FAILS(MPI_Psend_init(data, 1, 1, MPI_INT, np, TAG, world, MPI_INFO_NULL, &request),
          MPI_ERR_RANK);
    FAILS(MPI_Precv_init(data, 1, 1, MPI_INT, MPI_ANY_SOURCE, TAG, world, MPI_INFO_NULL, &request),
          MPI_ERR_RANK);
    FAILS(MPI_Precv_init(data, 1, 1, MPI_INT, 0, MPI_ANY_TAG, world, MPI_INFO_NULL, &request),
          MPI_ERR_TAG);
    FAILS(MPI_Precv_init(data, 1, 1, MPI_DATATYPE_NULL, 0, TAG, world, MPI_INFO_NULL, &request),
          MPI_ERR_TYPE);
    FAILS(MPI_Precv_init(data, 1, 1, MPI_INT, 0, TAG, MPI_COMM_NULL, MPI_INFO_NULL, &request),
          MPI_ERR_COMM);
    FAILS(MPI_Psend_init_c(data, 1 << 29, (MPI_Count)1 << 33, MPI_INT, 0, TAG, world, MPI_INFO_NULL,
                           &request),
          MPI_ERR_COUNT);
    OK(MPI_Psend_init(data, 4, 1, MPI_INT, MPI_PROC_NULL, TAG, world, MPI_INFO_NULL, &request));
    OK(MPI_Recv_init(data, 1, MPI_INT, 0, TAG, world, &message));
    FAILS(MPI_Pready(0, request), MPI_ERR_REQUEST);
    OK(MPI_Start(&request));
    FAILS(MPI_Start(&request), MPI_ERR_REQUEST);
    FAILS(MPI_Cancel(&request), MPI_ERR_REQUEST);
    FAILS(MPI_Pready(4, request), MPI_ERR_ARG);
    FAILS(MPI_Pready(-1, request), MPI_ERR_ARG);
    FAILS(MPI_Pready_range(2, 1, request), MPI_ERR_ARG);
    FAILS(MPI_Pready_range(2, 4, request), MPI_ERR_ARG);
    OK(MPI_Pready(2, request));
    FAILS(MPI_Pready(2, request), MPI_ERR_ARG);
    FAILS(MPI_Pready_range(1, 3, request), MPI_ERR_ARG);
    FAILS(MPI_Pready(0, message), MPI_ERR_REQUEST);
    FAILS(MPI_Pready(0, MPI_REQUEST_NULL), MPI_ERR_REQUEST);
    FAILS(MPI_Pready_list(1, NULL, request), MPI_ERR_ARG);
    FAILS(MPI_Parrived(request, 0, &flag), MPI_ERR_REQUEST);
    FAILS(MPI_Parrived(message, 0, &flag), MPI_ERR_REQUEST);
    OK(MPI_Pready_list(3, (const int[]){3, 0, 1}, request));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    OK(MPI_Request_free(&message));
    OK(MPI_Request_free(&request));
    OK(MPI_Precv_init(data, 4, 1, MPI_INT, MPI_PROC_NULL, TAG, world, MPI_INFO_NULL, &request));
    FAILS(MPI_Parrived(request, 4, &flag), MPI_ERR_ARG);
    OK(MPI_Request_free(&request));
}

// More is sent than there is room for: what fits is there, and the rest touches nothing.
static void too_long(void)
{
    int out[8], in[6];
    MPI_Request requests[2];

    for (int i = 0; i < 8; i++)
        out[i] = 10 * me + i;
    memset(in, -1, sizeof in);
    OK(MPI_Psend_init(out, 4, 2, MPI_INT, right, TAG, MPI_COMM_WORLD, MPI_INFO_NULL, &requests[0]));
    OK(MPI_Precv_init(in, 5, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, MPI_INFO_NULL, &requests[1]));
    OK(MPI_Startall(2, requests));
    OK(MPI_Pready_range(0, 3, requests[0]));
    FAILS(MPI_Wait(&requests[1], MPI_STATUS_IGNORE), MPI_ERR_TRUNCATE);
    OK(MPI_Wait(&requests[0], MPI_STATUS_IGNORE));
    for (int i = 0; i < 5; i++)
        EQ(in[i], 10 * left + i);
    EQ(in[5], -1);
    OK(MPI_Request_free(&requests[0]));
    OK(MPI_Request_free(&requests[1]));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    right = (me + 1) % np;
    left = (me + np - 1) % np;
    shapes();
    if (np > 1) {
        piece_by_piece(4, 4, 32);
        piece_by_piece(6, 4, 12);
        piece_by_piece(4, 6, 12);
        piece_by_piece(3, 1, 300000);
        ahead(10);
        ahead(3000);
    }
    derived(4, 8);
    derived(5, 10);
    derived(7, 14);
    derived(2, 20000);
    derived(9, 18000);
    order();
    contexts();
    nobody();
    freed();
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    wrong();
    too_long();
    return check_end();
}
