// MPI_ANY_SOURCE and MPI_ANY_TAG: every message of every sender arrives once, in its sender's
// order, and a posted wildcard receive competes with specific ones in the order of posting.
#include "check.h"

enum { EACH = 500, TAGS = 7 };

struct note {
    int from, seq;
};

// All are started before one is waited for: rank 0 takes them in any order.
static void send_notes(void)
{
    struct note notes[EACH];
    MPI_Request requests[EACH];

    for (int seq = 0; seq < EACH; seq++) {
        notes[seq] = (struct note){me, seq};
        OK(MPI_Isend(&notes[seq], 2, MPI_INT, 0, seq % TAGS, MPI_COMM_WORLD, &requests[seq]));
    }
    OK(MPI_Waitall(EACH, requests, MPI_STATUSES_IGNORE));
}

// Every sender is served to the end, whoever shouts loudest.
static void any_source_any_tag(void)
{
    int *next = calloc((size_t)np, sizeof *next);
    struct note note;
    MPI_Status status;

    if (me != 0)
        send_notes();
    for (int i = 0; me == 0 && i < (np - 1) * EACH; i++) {
        OK(MPI_Recv(&note, 2, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status));
        STATUS(&status, note.from, note.seq % TAGS, MPI_INT, 2);
        EQ(note.seq, next[note.from]);
        next[note.from] = note.seq + 1;
    }
    for (int from = 1; me == 0 && from < np; from++)
        EQ(next[from], EACH);
    free(next);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// A tag from anyone: order holds within the tag.
static void any_source_one_tag(void)
{
    int *next = need((size_t)np * sizeof *next);
    struct note note;
    MPI_Status status;

    if (me != 0)
        send_notes();
    for (int tag = TAGS - 1; me == 0 && tag >= 0; tag--) {
        int each = EACH / TAGS + (tag < EACH % TAGS);
        for (int from = 0; from < np; from++)
            next[from] = tag;
        for (int i = 0; i < (np - 1) * each; i++) {
            OK(MPI_Recv(&note, 2, MPI_INT, MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &status));
            STATUS(&status, note.from, tag, MPI_INT, 2);
            EQ(note.seq, next[note.from]);
            next[note.from] += TAGS;
        }
    }
    free(next);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

static void one_source_any_tag(void)
{
    struct note note;
    MPI_Status status;

    if (me != 0)
        send_notes();
    for (int from = np - 1; me == 0 && from > 0; from--)
        for (int seq = 0; seq < EACH; seq++) {
            OK(MPI_Recv(&note, 2, MPI_INT, from, MPI_ANY_TAG, MPI_COMM_WORLD, &status));
            STATUS(&status, from, seq % TAGS, MPI_INT, 2);
            EQ(note.seq, seq);
        }
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Posted receives of every kind, all of which fit the messages of the next rank: each message goes
// to the first posted one that fits.
static void first_posted_wins(void)
{
    enum { POSTED = 6 };
    int from = (me + 1) % np, to = (me + np - 1) % np, values[POSTED], order[POSTED];
    const int sources[POSTED] = {MPI_ANY_SOURCE, from, MPI_ANY_SOURCE, from, MPI_ANY_SOURCE, from};
    const int tags[POSTED] = {1, MPI_ANY_TAG, MPI_ANY_TAG, 1, 2, 2};
    // With these tags message k is the k-th receive's.
    const int sent[POSTED] = {1, 2, 1, 1, 2, 2};
    MPI_Request requests[POSTED];
    MPI_Status statuses[POSTED];

    for (int i = 0; i < POSTED; i++)
        OK(MPI_Irecv(&values[i], 1, MPI_INT, sources[i], tags[i], MPI_COMM_WORLD, &requests[i]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < POSTED; i++) {
        order[i] = i;
        OK(MPI_Send(&order[i], 1, MPI_INT, to, sent[i], MPI_COMM_WORLD));
    }
    OK(MPI_Waitall(POSTED, requests, statuses));
    for (int i = 0; i < POSTED; i++) {
        EQ(values[i], i);
        STATUS(&statuses[i], from, sent[i], MPI_INT, 1);
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Out of posting order where the first posted receive does not fit.
static void unfit_is_passed_over(void)
{
    int from = (me + 1) % np, to = (me + np - 1) % np, values[3], out[3] = {10, 11, 12};
    MPI_Request requests[3];
    MPI_Status statuses[3];

    OK(MPI_Irecv(&values[0], 1, MPI_INT, from, 3, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Irecv(&values[1], 1, MPI_INT, MPI_ANY_SOURCE, 2, MPI_COMM_WORLD, &requests[1]));
    OK(MPI_Irecv(&values[2], 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
                 &requests[2]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int tag = 1; tag <= 3; tag++)
        OK(MPI_Send(&out[tag - 1], 1, MPI_INT, to, tag, MPI_COMM_WORLD));
    OK(MPI_Waitall(3, requests, statuses));
    EQ(values[0], 12);
    EQ(values[1], 11);
    EQ(values[2], 10);
    STATUS(&statuses[2], from, 1, MPI_INT, 1);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Wildcard receives posted by the hundred, in advance, matched by messages of many sizes.
static void posted_any_source(void)
{
    enum { ROUNDS = 100, LARGE = 40000 };
    int total = ROUNDS * (np - 1);
    MPI_Request *requests = need((size_t)(total + 1) * sizeof *requests);
    char *buffers = need((size_t)(total + 1) * LARGE), *out = need(LARGE);
    int *seen = calloc((size_t)np, sizeof *seen);
    MPI_Status status;

    for (int i = 0; me == 0 && i < total; i++)
        OK(MPI_Irecv(buffers + (size_t)i * LARGE, LARGE, MPI_BYTE, MPI_ANY_SOURCE, 9,
                     MPI_COMM_WORLD, &requests[i]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; me != 0 && i < ROUNDS; i++) {
        int bytes = i % 5 == 0 ? LARGE : 64 + i;
        fill(out, (size_t)bytes, (uint64_t)(me * 1000 + i));
        OK(MPI_Send(out, bytes, MPI_BYTE, 0, 9, MPI_COMM_WORLD));
    }
    for (int i = 0; me == 0 && i < total; i++) {
        OK(MPI_Wait(&requests[i], &status));
        int seq = seen[status.MPI_SOURCE]++, bytes = seq % 5 == 0 ? LARGE : 64 + seq;
        STATUS(&status, status.MPI_SOURCE, 9, MPI_BYTE, bytes);
        FILLED(buffers + (size_t)i * LARGE, (size_t)bytes,
               (uint64_t)(status.MPI_SOURCE * 1000 + seq));
    }
    free(seen);
    free(out);
    free(buffers);
    free(requests);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    any_source_any_tag();
    any_source_one_tag();
    one_source_any_tag();
    first_posted_wins();
    unfit_is_passed_over();
    posted_any_source();
    return check_end();
}
