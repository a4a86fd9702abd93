// Wait and Test in their single, all, any and some forms over active requests, Request_get_status
// and Request_free. Null and inactive requests are in inactive.c.
#include "check.h"
#include "proc.h"

enum { COUNT = 6, TAG = 20 };

struct flight {
    MPI_Request requests[COUNT];
    int in[COUNT], out[COUNT];
    int left, right;
};

// Receives are posted; nothing is sent yet.
static void post(struct flight *f)
{
    f->left = (me + np - 1) % np;
    f->right = (me + 1) % np;
    for (int i = 0; i < COUNT; i++) {
        f->in[i] = -1;
        f->out[i] = me * 100 + i;
        OK(MPI_Irecv(&f->in[i], 1, MPI_INT, f->left, TAG + i, MPI_COMM_WORLD, &f->requests[i]));
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

static void send(struct flight *f, int i)
{
    OK(MPI_Send(&f->out[i], 1, MPI_INT, f->right, TAG + i, MPI_COMM_WORLD));
}

static void arrived(const struct flight *f, int i, const MPI_Status *status)
{
    STATUS(status, f->left, TAG + i, MPI_INT, 1);
    EQ(f->in[i], f->left * 100 + i);
    CHECK(f->requests[i] == MPI_REQUEST_NULL);
}

static void test_until(MPI_Request *request, MPI_Status *status)
{
    double give_up = now() + 20;
    int flag = 0;

    while (!flag && now() < give_up)
        OK(MPI_Test(request, &flag, status));
    CHECK_SAYING(flag, "Test never said yes");
}

static void singles(void)
{
    struct flight f;
    MPI_Status status;
    int flag = 1;

    post(&f);
    OK(MPI_Test(&f.requests[0], &flag, &status));
    EQ(flag, 0);
    CHECK(f.requests[0] != MPI_REQUEST_NULL);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = COUNT - 1; i >= 0; i--)
        send(&f, i);
    for (int i = 0; i < COUNT; i++) {
        if (i % 2)
            test_until(&f.requests[i], &status);
        else
            OK(MPI_Wait(&f.requests[i], &status));
        arrived(&f, i, &status);
    }
}

// Testall says no and changes nothing while one is missing.
static void all(void)
{
    struct flight f;
    MPI_Request before[COUNT];
    MPI_Status statuses[COUNT];
    int flag = 1;

    post(&f);
    for (int i = 1; i < COUNT; i++)
        send(&f, i);
    memcpy(before, f.requests, sizeof before);
    for (int tries = 0; tries < 50; tries++) {
        OK(MPI_Testall(COUNT, f.requests, &flag, statuses));
        EQ(flag, 0);
    }
    CHECK(memcmp(before, f.requests, sizeof before) == 0);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    send(&f, 0);
    for (double give_up = now() + 20; !flag && now() < give_up;)
        OK(MPI_Testall(COUNT, f.requests, &flag, statuses));
    EQ(flag, 1);
    for (int i = 0; flag && i < COUNT; i++)
        arrived(&f, i, &statuses[i]);

    post(&f);
    for (int i = 0; i < COUNT; i++)
        send(&f, i);
    OK(MPI_Waitall(COUNT, f.requests, statuses));
    for (int i = 0; i < COUNT; i++)
        arrived(&f, i, &statuses[i]);
}

static void any(void)
{
    struct flight f;
    MPI_Status status;
    int index = -5, flag = 1;

    post(&f);
    OK(MPI_Testany(COUNT, f.requests, &index, &flag, &status));
    EQ(flag, 0);
    EQ(index, MPI_UNDEFINED);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < COUNT; i++) {
        // One at a time, so that only this one can be complete.
        int which = (i * 5 + 2) % COUNT;
        send(&f, which);
        if (i % 2)
            OK(MPI_Waitany(COUNT, f.requests, &index, &status));
        else
            for (flag = 0; !flag;)
                OK(MPI_Testany(COUNT, f.requests, &index, &flag, &status));
        EQ(index, which);
        arrived(&f, which, &status);
        OK(MPI_Barrier(MPI_COMM_WORLD));
    }
    OK(MPI_Waitany(COUNT, f.requests, &index, &status));
    EQ(index, MPI_UNDEFINED);
    EMPTY(&status);
}

static void some(int testing)
{
    struct flight f;
    MPI_Status statuses[COUNT];
    int indices[COUNT], done = 0, got = -5, seen[COUNT] = {0};

    post(&f);
    OK(MPI_Testsome(COUNT, f.requests, &got, indices, statuses));
    EQ(got, 0);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < COUNT; i++)
        send(&f, i);
    while (done < COUNT) {
        if (testing)
            OK(MPI_Testsome(COUNT, f.requests, &got, indices, statuses));
        else
            OK(MPI_Waitsome(COUNT, f.requests, &got, indices, statuses));
        if (got == MPI_UNDEFINED || (!testing && got < 1) || got > COUNT - done) {
            FAIL("outcount is %d with %d of %d done", got, done, COUNT);
            break;
        }
        for (int k = 0; k < got; k++, done++) {
            arrived(&f, indices[k], &statuses[k]);
            EQ(seen[indices[k]]++, 0);
        }
    }
    OK(MPI_Waitsome(COUNT, f.requests, &got, indices, statuses));
    EQ(got, MPI_UNDEFINED);
}

// It tells what Test would tell, as often as asked, and keeps the request.
static void get_status(void)
{
    struct flight f;
    MPI_Status status;
    int flag = 1;

    post(&f);
    OK(MPI_Request_get_status(f.requests[0], &flag, &status));
    EQ(flag, 0);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < COUNT; i++)
        send(&f, i);
    for (int i = 0; i < COUNT; i++) {
        for (flag = 0; !flag;)
            OK(MPI_Request_get_status(f.requests[i], &flag, MPI_STATUS_IGNORE));
        OK(MPI_Request_get_status(f.requests[i], &flag, &status));
        EQ(flag, 1);
        STATUS(&status, f.left, TAG + i, MPI_INT, 1);
        CHECK(f.requests[i] != MPI_REQUEST_NULL);
        OK(MPI_Wait(&f.requests[i], &status));
        arrived(&f, i, &status);
    }
}

// Without statuses, and with sends and receives of all sizes in one array.
static void mixed(void)
{
    enum { PAIRS = 20, LARGE = 100000 };
    MPI_Request requests[2 * PAIRS];
    char *in = need((size_t)PAIRS * LARGE), *out = need((size_t)PAIRS * LARGE);
    int left = (me + np - 1) % np, right = (me + 1) % np;

    for (int i = 0; i < PAIRS; i++) {
        int bytes = i % 3 ? 40 + i : LARGE;
        fill(out + (size_t)i * LARGE, (size_t)bytes, (uint64_t)i);
        OK(MPI_Isend(out + (size_t)i * LARGE, bytes, MPI_BYTE, right, TAG, MPI_COMM_WORLD,
                     &requests[2 * i]));
        OK(MPI_Irecv(in + (size_t)i * LARGE, LARGE, MPI_BYTE, left, TAG, MPI_COMM_WORLD,
                     &requests[2 * i + 1]));
    }
    OK(MPI_Waitall(2 * PAIRS, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < PAIRS; i++) {
        FILLED(in + (size_t)i * LARGE, (size_t)(i % 3 ? 40 + i : LARGE), (uint64_t)i);
        CHECK(requests[2 * i] == MPI_REQUEST_NULL);
        CHECK(requests[2 * i + 1] == MPI_REQUEST_NULL);
    }
    free(out);
    free(in);
}

// A freed active request still does its work.
static void freed(int bytes)
{
    char *in = need((size_t)bytes), *out = need((size_t)bytes), thanks[2] = {0, 0};
    int left = (me + np - 1) % np, right = (me + 1) % np;
    MPI_Request send, receive;

    memset(in, 0, (size_t)bytes);
    fill(out, (size_t)bytes, 8);
    OK(MPI_Irecv(in, bytes, MPI_BYTE, left, TAG, MPI_COMM_WORLD, &receive));
    OK(MPI_Isend(out, bytes, MPI_BYTE, right, TAG, MPI_COMM_WORLD, &send));
    OK(MPI_Request_free(&send));
    CHECK(send == MPI_REQUEST_NULL);
    OK(MPI_Wait(&receive, MPI_STATUS_IGNORE));
    FILLED(in, (size_t)bytes, 8);
    // The receiver tells when `out` may go.
    OK(MPI_Sendrecv(&thanks[0], 1, MPI_CHAR, left, TAG + 1, &thanks[1], 1, MPI_CHAR, right, TAG + 1,
                    MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    free(out);
    free(in);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    singles();
    all();
    any();
    some(0);
    some(1);
    get_status();
    mixed();
    freed(16);
    freed(600000);
    return check_end();
}
