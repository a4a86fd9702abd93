// The four send modes in their blocking, nonblocking and persistent forms, with the receive posted
// before and after the send, on messages of all sizes.
#include "check.h"
#include "proc.h"

typedef int send_call(const void *, int, MPI_Datatype, int, int, MPI_Comm);
typedef int isend_call(const void *, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request *);

struct mode {
    const char *name;
    send_call *blocking;
    isend_call *nonblocking, *persistent;
    int ready; // the receive has to be there first
};

static const struct mode modes[] = {
    {"standard", MPI_Send, MPI_Isend, MPI_Send_init, 0},
    {"buffered", MPI_Bsend, MPI_Ibsend, MPI_Bsend_init, 0},
    {"synchronous", MPI_Ssend, MPI_Issend, MPI_Ssend_init, 0},
    {"ready", MPI_Rsend, MPI_Irsend, MPI_Rsend_init, 1},
};

enum form { BLOCKING, NONBLOCKING, PERSISTENT, FORMS };
enum { DATA = 3, GO = 4, LARGEST = (1 << 20) + 3 };

static const int sizes[] = {0, 1, 24, 1000, 8191, 65536, LARGEST};

struct exchange {
    const struct mode *mode;
    enum form form;
    int bytes, from, to;
    int posted_first;
    char *out, *in;
};

static void send_one(const struct exchange *x)
{
    MPI_Request request;

    fill(x->out, (size_t)x->bytes, (uint64_t)x->bytes);
    if (x->form == BLOCKING) {
        OK(x->mode->blocking(x->out, x->bytes, MPI_BYTE, x->to, DATA, MPI_COMM_WORLD));
        return;
    }
    if (x->form == NONBLOCKING) {
        OK(x->mode->nonblocking(x->out, x->bytes, MPI_BYTE, x->to, DATA, MPI_COMM_WORLD, &request));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        CHECK(request == MPI_REQUEST_NULL);
        return;
    }
    OK(x->mode->persistent(x->out, x->bytes, MPI_BYTE, x->to, DATA, MPI_COMM_WORLD, &request));
    OK(MPI_Start(&request));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    CHECK(request != MPI_REQUEST_NULL);
    OK(MPI_Request_free(&request));
    CHECK(request == MPI_REQUEST_NULL);
}

static void check_received(const struct exchange *x, const MPI_Status *status)
{
    STATUS(status, x->from, DATA, MPI_BYTE, x->bytes);
    FILLED(x->in, (size_t)x->bytes, (uint64_t)x->bytes);
    if (check_failures)
        fprintf(stderr, "  in mode %s, form %d, %d bytes, posted first: %d\n", x->mode->name,
                x->form, x->bytes, x->posted_first);
}

static void exchange(const struct exchange *x)
{
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Status status;

    memset(x->in, 0, (size_t)x->bytes);
    if (me == x->to && x->posted_first)
        OK(MPI_Irecv(x->in, x->bytes, MPI_BYTE, x->from, DATA, MPI_COMM_WORLD, &request));
    if (x->posted_first && x->from != x->to) {
        if (me == x->to)
            OK(MPI_Send(NULL, 0, MPI_BYTE, x->from, GO, MPI_COMM_WORLD));
        if (me == x->from)
            OK(MPI_Recv(NULL, 0, MPI_BYTE, x->to, GO, MPI_COMM_WORLD, &status));
    }
    if (me == x->from)
        send_one(x);
    if (me != x->to)
        return;
    if (x->posted_first)
        OK(MPI_Wait(&request, &status));
    else
        OK(MPI_Recv(x->in, x->bytes, MPI_BYTE, x->from, DATA, MPI_COMM_WORLD, &status));
    check_received(x, &status);
}

static void each_size(struct exchange *x)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        x->bytes = sizes[i];
        for (x->posted_first = 0; x->posted_first < 2; x->posted_first++) {
            int must_be_posted = x->mode->ready || x->from == x->to;
            if (x->posted_first || !must_be_posted)
                exchange(x);
        }
    }
}

static void each_pair(struct exchange *x)
{
    for (x->from = 0; x->from < np; x->from++) {
        x->to = (x->from + 1) % np;
        each_size(x);
        x->to = x->from;
        each_size(x);
    }
}

// A synchronous send is not complete before its receive has started, however small it is.
static void check_issend(int bytes)
{
    char *data = need((size_t)bytes);
    MPI_Request request;
    int flag = 0;

    fill(data, (size_t)bytes, 5);
    if (me == 0) {
        OK(MPI_Issend(data, bytes, MPI_BYTE, 1, DATA, MPI_COMM_WORLD, &request));
        for (int i = 0; i < 200 && !flag; i++)
            OK(MPI_Test(&request, &flag, MPI_STATUS_IGNORE));
        CHECK_SAYING(!flag, "synchronous send of %d bytes completed before its receive", bytes);
        OK(MPI_Send(NULL, 0, MPI_BYTE, 1, GO, MPI_COMM_WORLD));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    } else if (me == 1) {
        OK(MPI_Recv(NULL, 0, MPI_BYTE, 0, GO, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        memset(data, 0, (size_t)bytes);
        OK(MPI_Recv(data, bytes, MPI_BYTE, 0, DATA, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        FILLED(data, (size_t)bytes, 5);
    }
    free(data);
}

// The blocking form returns no earlier than the receiver's clock says that it began to receive.
static void check_ssend(MPI_Comm node)
{
    double before = 0, after;
    int rank, size, ping = 42;

    OK(MPI_Comm_rank(node, &rank));
    OK(MPI_Comm_size(node, &size));
    OK(MPI_Barrier(node));
    if (rank == 0 && size > 1) {
        OK(MPI_Ssend(&ping, 1, MPI_INT, 1, DATA, node));
        after = now();
        OK(MPI_Recv(&before, 1, MPI_DOUBLE, 1, GO, node, MPI_STATUS_IGNORE));
        CHECK_SAYING(after >= before, "Ssend returned %g s before the receive", before - after);
    } else if (rank == 1) {
        nap(0.05);
        before = now();
        OK(MPI_Recv(&ping, 1, MPI_INT, 0, DATA, node, MPI_STATUS_IGNORE));
        OK(MPI_Send(&before, 1, MPI_DOUBLE, 0, GO, node));
    }
}

static void check_synchronous(void)
{
    MPI_Comm node;

    check_issend(0);
    check_issend(1);
    check_issend(1000);
    check_issend(LARGEST);
    OK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, me, MPI_INFO_NULL, &node));
    check_ssend(node);
    OK(MPI_Comm_free(&node));
}

int main(int argc, char **argv)
{
    struct exchange x = {0};
    int room = 4 * (LARGEST + MPI_BSEND_OVERHEAD);
    void *buffered = need((size_t)room), *detached;

    check_begin(&argc, &argv);
    x.out = need(LARGEST);
    x.in = need(LARGEST);
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        for (int form = 0; form < FORMS; form++) {
            // A buffer of its own for each kind of send: detaching waits for what is in it.
            OK(MPI_Buffer_attach(buffered, room));
            x.mode = &modes[i];
            x.form = (enum form)form;
            each_pair(&x);
            OK(MPI_Buffer_detach(&detached, &room));
            CHECK(detached == buffered);
        }
    if (np > 1)
        check_synchronous();
    free(x.out);
    free(x.in);
    free(buffered);
    return check_end();
}
