// Windows of messages of all sizes between two ranks in both directions at once: what comes
// together may be fetched together, and still each message is whole, truncated or cancelled by
// itself.
#include "check.h"

enum { WINDOW = 40, ROUNDS = 12, MARGIN = 32, MOST = 400000 };

// What is agreed about a message: both sides derive it from the same numbers.
struct message {
    size_t bytes, room; // of the receive
    int tag, mode;
};

static char *in[WINDOW], *out[WINDOW];
static MPI_Request sends[WINDOW], receives[WINDOW];

static uint64_t seed_of(int from, int round, int i)
{
    return mix3((uint64_t)from, (uint64_t)round, (uint64_t)i);
}

// Round by round: all alike, all sizes, with some that do not fit.
static struct message describe(int from, int round, int i)
{
    uint64_t state = seed_of(from, round, i);
    struct message m = {.bytes = 20000, .tag = i % 3, .mode = (int)rnd(&state, 4)};
    if (round % 3)
        m.bytes = rnd(&state, rnd(&state, 2) ? MOST : 40000) + 1;
    m.room = m.bytes;
    if (round % 3 == 2 && rnd(&state, 5) == 0)
        m.room = rnd(&state, m.bytes);
    return m;
}

static void post(int from, int round, int i)
{
    struct message m = describe(from, round, i);
    in[i] = need(m.room + MARGIN);
    memset(in[i], 0x55, m.room + MARGIN);
    OK(MPI_Irecv(in[i], (int)m.room, MPI_BYTE, round % 4 == 3 ? MPI_ANY_SOURCE : from, m.tag,
                 MPI_COMM_WORLD, &receives[i]));
}

static void start(int to, int round, int i)
{
    struct message m = describe(me, round, i);
    out[i] = need(m.bytes);
    fill(out[i], m.bytes, seed_of(me, round, i));
    if (m.mode == 0)
        OK(MPI_Issend(out[i], (int)m.bytes, MPI_BYTE, to, m.tag, MPI_COMM_WORLD, &sends[i]));
    else
        OK(MPI_Isend(out[i], (int)m.bytes, MPI_BYTE, to, m.tag, MPI_COMM_WORLD, &sends[i]));
}

static void verify(int from, int round, int i, MPI_Status *status)
{
    struct message m = describe(from, round, i);
    size_t wrong = wrong_at(in[i], m.room, seed_of(from, round, i));
    CHECK_SAYING(wrong == m.room, "round %d, message %d of %zu bytes: byte %zu is wrong", round, i,
                 m.room, wrong);
    CHECK(all_bytes(in[i] + m.room, MARGIN, 0x55));
    EQ(check_class(status->MPI_ERROR), m.room < m.bytes ? MPI_ERR_TRUNCATE : MPI_SUCCESS);
    STATUS(status, from, m.tag, MPI_BYTE, (int)m.room);
    free(in[i]);
    free(out[i]);
}

// Posted before, between or after what the other side sends.
static void exchange(int other, int round)
{
    MPI_Status statuses[WINDOW];
    int late = round / 4 % 3 * (WINDOW / 2);
    for (int i = 0; i < WINDOW - late; i++)
        post(other, round, i);
    for (int i = 0; i < WINDOW; i++)
        start(other, round, i);
    for (int i = WINDOW - late; i < WINDOW; i++)
        post(other, round, i);
    for (int i = 0; i < WINDOW; i++)
        statuses[i].MPI_ERROR = MPI_SUCCESS;
    int rc = MPI_Waitall(WINDOW, receives, statuses);
    CHECK(rc == MPI_SUCCESS || check_class(rc) == MPI_ERR_IN_STATUS);
    for (int i = 0; rc == MPI_SUCCESS && i < WINDOW; i++)
        statuses[i].MPI_ERROR = MPI_SUCCESS;
    OK(MPI_Waitall(WINDOW, sends, MPI_STATUSES_IGNORE));
    for (int i = 0; i < WINDOW; i++)
        verify(other, round, i, &statuses[i]);
}

// A freed receive goes on, and one that is cancelled too late has arrived.
static void given_up(int other)
{
    static char here[3][100000], there[3][100000];
    int cancelled;
    MPI_Status status;
    for (int i = 0; i < 3; i++)
        OK(MPI_Irecv(here[i], sizeof here[i], MPI_BYTE, other, 7, MPI_COMM_WORLD, &receives[i]));
    OK(MPI_Request_free(&receives[0]));
    for (int i = 0; i < 3; i++) {
        fill(there[i], sizeof there[i], (uint64_t)(me * 3 + i));
        OK(MPI_Isend(there[i], sizeof there[i], MPI_BYTE, other, 7, MPI_COMM_WORLD, &sends[i]));
    }
    OK(MPI_Wait(&receives[2], &status));
    OK(MPI_Cancel(&receives[1]));
    OK(MPI_Wait(&receives[1], &status));
    OK(MPI_Test_cancelled(&status, &cancelled));
    EQ(cancelled, 0);
    OK(MPI_Waitall(3, sends, MPI_STATUSES_IGNORE));
    for (int i = 1; i < 3; i++)
        FILLED(here[i], sizeof here[i], (uint64_t)(other * 3 + i));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    int other = me ^ 1;
    for (int round = 0; other < np && round < ROUNDS; round++)
        exchange(other, round);
    if (other < np)
        given_up(other);
    return check_end();
}
