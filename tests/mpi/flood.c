// Everybody sends rank 0 many small messages (arguments: how many, bytes of each) as fast as it
// can, while rank 0 is late or looks the other way. All arrive in order, and nobody's memory grows
// with the number of messages.
#include "check.h"
#include "proc.h"

enum { TAG = 1, LARGEST = 4096, GROWTH_KIB = 64 * 1024 };

static long messages;
static int bytes;

struct note {
    long seq;
    int from;
};

static void flood(void)
{
    char data[LARGEST] = {0};
    struct note note = {0, me};

    for (note.seq = 0; note.seq < messages; note.seq++) {
        memcpy(data, &note, sizeof note);
        OK(MPI_Send(data, bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD));
    }
}

static void receive(int source, long *next)
{
    char data[LARGEST];
    struct note note;
    MPI_Status status;

    OK(MPI_Recv(data, bytes, MPI_BYTE, source, TAG, MPI_COMM_WORLD, &status));
    memcpy(&note, data, sizeof note);
    EQ(note.from, status.MPI_SOURCE);
    EQ(note.seq, next[status.MPI_SOURCE]);
    next[status.MPI_SOURCE] = note.seq + 1;
}

static void finish(long *next)
{
    for (int from = 1; me == 0 && from < np; from++)
        EQ(next[from], messages);
    free(next);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Rank 0 sleeps while they start, then takes what comes.
static void from_anyone(void)
{
    long *next = calloc((size_t)np, sizeof *next);

    if (me != 0)
        flood();
    else
        nap(0.3);
    for (long i = 0; me == 0 && i < messages * (np - 1); i++)
        receive(MPI_ANY_SOURCE, next);
    finish(next);
}

// Rank 0 listens to one sender after the other, last one first, so that all the others' messages
// are unexpected meanwhile.
static void from_each_in_turn(void)
{
    long *next = calloc((size_t)np, sizeof *next);

    if (me != 0)
        flood();
    for (int from = np - 1; me == 0 && from > 0; from--)
        for (long i = 0; i < messages; i++)
            receive(from, next);
    finish(next);
}

int main(int argc, char **argv)
{
    long before, growth;

    check_begin(&argc, &argv);
    messages = argument(argc, argv, 1, 100000);
    bytes = (int)argument(argc, argv, 2, 16);
    if (bytes < (int)sizeof(struct note) || bytes > LARGEST)
        bytes = LARGEST;
    OK(MPI_Barrier(MPI_COMM_WORLD));
    before = peak_kib();
    from_anyone();
    if (argc > 3 && strcmp(argv[3], "turn") == 0)
        from_each_in_turn();
    growth = peak_kib() - before;
    CHECK_SAYING(growth < GROWTH_KIB || memory_is_padded(), "memory grew by %ld KiB", growth);
    return check_end();
}
