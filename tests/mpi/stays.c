// Large messages of senders that stay until they are gone: to receivers that wait already, come
// late, look in now and then, take only a part or lay it out with gaps, and both ways at once.
#include "check.h"
#include "proc.h"

enum { MOST = 5 * 1024 * 1024, TAG = 3, GO = 4 };

static const int lengths[] = {300 * 1000, 1024 * 1024, 2 * 1024 * 1024, 2 * 1024 * 1024 + 1, MOST};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

enum how { AT_ONCE, LATE, WAIT, LOOKS, PART, GAPS, HOWS };

static int take_with_wait(char *in, int len, int from, MPI_Status *status)
{
    MPI_Request request;
    OK(MPI_Irecv(in, len, MPI_BYTE, from, TAG, MPI_COMM_WORLD, &request));
    return MPI_Wait(&request, status);
}

static int take_with_looks(char *in, int len, int from, MPI_Status *status)
{
    MPI_Request request;
    int done = 0;
    OK(MPI_Irecv(in, len, MPI_BYTE, from, TAG, MPI_COMM_WORLD, &request));
    while (!done) {
        nap(0.0002);
        OK(MPI_Test(&request, &done, status));
    }
    return MPI_SUCCESS;
}

static void take_with_gaps(char *in, int len, int from)
{
    MPI_Datatype gaps;
    char *wide = need((size_t)2 * MOST);
    int n = len / 1000;
    OK(MPI_Type_vector(n, 1000, 2000, MPI_BYTE, &gaps));
    OK(MPI_Type_commit(&gaps));
    OK(MPI_Recv(wide, 1, gaps, from, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    OK(MPI_Type_free(&gaps));
    for (int i = 0; i < n; i++)
        memcpy(in + (size_t)i * 1000, wide + (size_t)i * 2000, 1000);
    free(wide);
}

static void take(char *in, int len, int from, enum how how)
{
    MPI_Status status;
    if (how == LATE)
        nap(0.003); // the sender sleeps by then
    if (how == GAPS) {
        take_with_gaps(in, len, from);
        FILLED(in, (size_t)(len / 1000 * 1000), (uint64_t)len);
        return;
    }
    if (how == PART) {
        FAILS(MPI_Recv(in, len / 3, MPI_BYTE, from, TAG, MPI_COMM_WORLD, &status),
              MPI_ERR_TRUNCATE);
        FILLED(in, (size_t)(len / 3), (uint64_t)len);
        EQ(in[len / 3], 0);
        return;
    }
    if (how == WAIT)
        OK(take_with_wait(in, len, from, &status));
    else if (how == LOOKS)
        OK(take_with_looks(in, len, from, &status));
    else
        OK(MPI_Recv(in, len, MPI_BYTE, from, TAG, MPI_COMM_WORLD, &status));
    STATUS(&status, from, TAG, MPI_BYTE, len);
    FILLED(in, (size_t)len, (uint64_t)len);
}

static int sent_length(int len, enum how how)
{
    return how == GAPS ? len / 1000 * 1000 : len;
}

static void one_way(char *out, char *in, enum how how)
{
    for (int i = 0; i < LENGTHS; i++) {
        int len = lengths[i];
        memset(in, 0, MOST);
        fill(out, (size_t)len, (uint64_t)len);
        OK(MPI_Barrier(MPI_COMM_WORLD));
        if (me == 0)
            OK(MPI_Send(out, sent_length(len, how), MPI_BYTE, np - 1, TAG, MPI_COMM_WORLD));
        else if (me == np - 1)
            take(in, len, 0, how);
    }
}

// Every rank sends to the next one while it receives.
static void around(char *out, char *in)
{
    int to = (me + 1) % np, from = (me + np - 1) % np;
    for (int i = 0; i < LENGTHS; i++) {
        MPI_Status status;
        fill(out, (size_t)lengths[i], (uint64_t)me);
        OK(MPI_Sendrecv(out, lengths[i], MPI_BYTE, to, TAG, in, MOST, MPI_BYTE, from, TAG,
                        MPI_COMM_WORLD, &status));
        STATUS(&status, from, TAG, MPI_BYTE, lengths[i]);
        FILLED(in, (size_t)lengths[i], (uint64_t)from);
    }
}

// A receive that is not what this rank waits for takes its message all the same, before and after
// short ones of the same sender.
static void beside_others(char *out, char *in)
{
    MPI_Request request;
    int len = lengths[1], word = 0;
    if (me == 0) {
        fill(out, (size_t)len, 7);
        OK(MPI_Send(out, len, MPI_BYTE, np - 1, TAG, MPI_COMM_WORLD));
        word = 5;
        OK(MPI_Send(&word, 1, MPI_INT, np - 1, GO, MPI_COMM_WORLD));
        OK(MPI_Send(out, len, MPI_BYTE, np - 1, TAG, MPI_COMM_WORLD));
    } else if (me == np - 1) {
        OK(MPI_Irecv(in, len, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &request));
        OK(MPI_Recv(&word, 1, MPI_INT, 0, GO, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        EQ(word, 5);
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        FILLED(in, (size_t)len, 7);
        memset(in, 0, (size_t)len);
        take_with_wait(in, len, 0, MPI_STATUS_IGNORE);
        FILLED(in, (size_t)len, 7);
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    char *out = need(MOST), *in = need(MOST);
    for (int how = AT_ONCE; how < HOWS && np > 1; how++)
        one_way(out, in, (enum how)how);
    around(out, in);
    if (np > 1)
        beside_others(out, in);
    free(out);
    free(in);
    return check_end();
}
