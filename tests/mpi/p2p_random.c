// Random traffic (arguments: seed, rounds): in each round every rank starts a random set of sends
// and receives, in random order, modes, sizes and forms of completion. Each rank derives the whole
// plan from the seed, so it knows what must arrive.
#include "check.h"

enum { TAGS = 3, MOST = 12, LARGEST = 150000 };

typedef int isend_call(const void *, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request *);

struct message {
    int from, to, tag, bytes, comm;
    uint64_t seed;
};

struct operation {
    struct message message;
    char *buffer;
    int receives;
};

static MPI_Comm comms[2];

static int random_size(uint64_t *state)
{
    static const int bounds[] = {1, 64, 2000, 20000, LARGEST};
    return (int)rnd(state, (uint64_t)bounds[rnd(state, 5)]);
}

// The messages of a round, the same on every rank.
static int plan(uint64_t *state, struct message *messages)
{
    int count = 0;

    for (int from = 0; from < np; from++)
        for (int n = (int)rnd(state, MOST); n > 0; n--) {
            struct message *m = &messages[count++];
            m->from = from;
            m->to = (int)rnd(state, (uint64_t)np);
            m->tag = (int)rnd(state, TAGS);
            m->comm = (int)rnd(state, 2);
            m->bytes = random_size(state);
            m->seed = rnd(state, UINT64_MAX);
        }
    return count;
}

// My operations in a random order that keeps the order of those that match alike: sends keep theirs
// per receiver, receives theirs per sender, so that the k-th meets the k-th.
static int choose_mine(const struct message *messages, int count, struct operation *mine,
                       uint64_t *state)
{
    int used = 0, sends[MOST * 64], receives[MOST * 64], ns = 0, nr = 0, s = 0, r = 0;

    for (int i = 0; i < count; i++) {
        if (messages[i].from == me)
            sends[ns++] = i;
        if (messages[i].to == me)
            receives[nr++] = i;
    }
    while (s < ns || r < nr) {
        int receive = s == ns || (r < nr && rnd(state, 2));
        mine[used].message = messages[receive ? receives[r++] : sends[s++]];
        mine[used++].receives = receive;
    }
    return used;
}

static MPI_Request start(struct operation *o, uint64_t *state)
{
    static isend_call *const modes[] = {MPI_Isend, MPI_Isend, MPI_Issend};
    const struct message *m = &o->message;
    MPI_Request request;

    o->buffer = need((size_t)m->bytes);
    if (o->receives) {
        OK(MPI_Irecv(o->buffer, m->bytes, MPI_BYTE, m->from, m->tag, comms[m->comm], &request));
        return request;
    }
    fill(o->buffer, (size_t)m->bytes, m->seed);
    OK(modes[rnd(state, 3)](o->buffer, m->bytes, MPI_BYTE, m->to, m->tag, comms[m->comm],
                            &request));
    return request;
}

static void finish(struct operation *o, const MPI_Status *status)
{
    const struct message *m = &o->message;

    if (o->receives) {
        STATUS(status, m->from, m->tag, MPI_BYTE, m->bytes);
        FILLED(o->buffer, (size_t)m->bytes, m->seed);
    }
    free(o->buffer);
    o->buffer = NULL;
}

static void complete_some(struct operation *mine, MPI_Request *requests, int count)
{
    int *indices = need(sizeof *indices * (size_t)count), got;
    MPI_Status *statuses = need(sizeof *statuses * (size_t)count);

    do {
        OK(MPI_Waitsome(count, requests, &got, indices, statuses));
        for (int i = 0; i < got; i++)
            finish(&mine[indices[i]], &statuses[i]);
    } while (got != MPI_UNDEFINED);
    free(statuses);
    free(indices);
}

static void complete_any(struct operation *mine, MPI_Request *requests, int count, int testing)
{
    int index = 0, flag = 1;
    MPI_Status status;

    while (index != MPI_UNDEFINED || !flag) {
        if (testing)
            OK(MPI_Testany(count, requests, &index, &flag, &status));
        else
            OK(MPI_Waitany(count, requests, &index, &status));
        if (flag && index != MPI_UNDEFINED)
            finish(&mine[index], &status);
    }
}

static void complete_all(struct operation *mine, MPI_Request *requests, int count)
{
    MPI_Status *statuses = need(sizeof *statuses * (size_t)count);

    OK(MPI_Waitall(count, requests, statuses));
    for (int i = 0; i < count; i++)
        finish(&mine[i], &statuses[i]);
    free(statuses);
}

static void one_round(uint64_t *common, uint64_t *own)
{
    struct message *messages = need(sizeof *messages * (size_t)(MOST * np));
    struct operation *mine = need(sizeof *mine * (size_t)(2 * MOST * np));
    MPI_Request *requests = need(sizeof *requests * (size_t)(2 * MOST * np));
    int count = choose_mine(messages, plan(common, messages), mine, own);

    for (int i = 0; i < count; i++)
        requests[i] = start(&mine[i], own);
    switch (rnd(own, 4)) {
    case 0:
        complete_all(mine, requests, count);
        break;
    case 1:
        complete_some(mine, requests, count);
        break;
    default:
        complete_any(mine, requests, count, (int)rnd(own, 2));
    }
    free(requests);
    free(mine);
    free(messages);
}

int main(int argc, char **argv)
{
    uint64_t common, own;
    long rounds;

    check_begin(&argc, &argv);
    common = (uint64_t)argument(argc, argv, 1, 1);
    rounds = argument(argc, argv, 2, 100);
    own = mix3(common, (uint64_t)me, 77);
    comms[0] = MPI_COMM_WORLD;
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comms[1]));
    for (long i = 0; i < rounds && check_failures == 0; i++)
        one_round(&common, &own);
    OK(MPI_Comm_free(&comms[1]));
    return check_end();
}
