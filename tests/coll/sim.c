/* Ranks without processes. */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "err.h"
#include "levels.h"
#include "lines.h"
#include "observe.h"
#include "p2p.h"
#include "progress.h"
#include "request.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

enum { STACK = 256 * 1024 };

struct message { /* sent and not yet matched */
    struct message *next;
    int from, to, tag;
    uint32_t ctx;
    size_t size;
    struct ipcr_req *sender; /* rendezvous: its buffer has the bytes; else they follow */
    uint64_t sum;            /* of the bytes when they were sent */
    char bytes[];
};

struct posted {
    struct posted *next;
    struct ipcr_req *req;
    int at; /* rank */
};

struct rank {
    struct ipcr_comm comm;
    ucontext_t context;
    char *stack;
    bool done;
    const struct ipcr_req *waits; /* for this one to be complete */
};

static struct {
    const struct sim *sim;
    struct rank ranks[SIM_RANKS];
    ucontext_t scheduler;
    const void *scheduler_stack; /* for the address sanitizer */
    size_t scheduler_size;
    int running;
    uint64_t random;
    struct message *messages, **last_message;
    struct posted *receives, **last_receive;
    struct ipcr_deferred *deferred; /* run after the message that made it ready */
    bool matching;                  /* and not inside itself */
    bool failed;
    int crossings;
} world;

/* ---- coroutines ------------------------------------------------------------------------------ */

static void before_switch(void **save, const void *stack, size_t size)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(save, stack, size);
#else
    (void)save, (void)stack, (void)size;
#endif
}

static void after_switch(void *saved, const void **stack, size_t *size)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(saved, stack, size);
#else
    (void)saved, (void)stack, (void)size;
#endif
}

void sim_yield(void)
{
    void *fake = NULL;
    struct rank *me = &world.ranks[world.running];
    before_switch(&fake, world.scheduler_stack, world.scheduler_size);
    swapcontext(&me->context, &world.scheduler);
    after_switch(fake, &world.scheduler_stack, &world.scheduler_size);
}

static void run_body(void)
{
    after_switch(NULL, &world.scheduler_stack, &world.scheduler_size);
    struct rank *me = &world.ranks[world.running];
    world.sim->body(&me->comm, world.sim->arg);
    me->done = true;
    before_switch(NULL, world.scheduler_stack, world.scheduler_size);
    setcontext(&world.scheduler);
}

static void resume(int r)
{
    void *fake = NULL;
    world.running = r;
    before_switch(&fake, world.ranks[r].stack, STACK);
    swapcontext(&world.scheduler, &world.ranks[r].context);
    after_switch(fake, NULL, NULL);
}

static uint64_t next_random(void)
{
    world.random = world.random * 6364136223846793005u + 1442695040888963407u;
    return world.random >> 33;
}

/* Has a node come before, but not just before? */
static bool is_mixed(const int *nodes, int n)
{
    for (int r = 1; r < n; r++)
        for (int before = 0; nodes[r] != nodes[r - 1] && before < r; before++)
            if (nodes[before] == nodes[r])
                return true;
    return false;
}

static void start_rank(int r)
{
    static const int one[SIM_RANKS];
    const int *nodes = world.sim->nodes;
    struct rank *rank = &world.ranks[r];
    char *stack = rank->stack ? rank->stack : malloc(STACK);
    *rank = (struct rank){.stack = stack};
    rank->comm = (struct ipcr_comm){.magic = IPCR_COMM_MAGIC,
                                    .refs = 1,
                                    .ctx = 2,
                                    .rank = r,
                                    .size = world.sim->n,
                                    .remote_size = world.sim->n,
                                    .local_peers = (int16_t)world.sim->n,
                                    .one_node = !nodes,
                                    .spread = nodes,
                                    .mixed = nodes && is_mixed(nodes, world.sim->n),
                                    .crowded = world.sim->crowded && (!nodes || nodes[r] % 2)};
    rank->comm.levels = ipcr_levels_make(world.sim->n, nodes ? nodes : one);
    getcontext(&rank->context);
    rank->context.uc_stack.ss_sp = stack;
    rank->context.uc_stack.ss_size = STACK;
    makecontext(&rank->context, run_body, 0);
}

/* One turn for every rank that can go on, in an order of chance: how many there were. */
static int one_turn(void)
{
    int n = world.sim->n, able = 0, order[SIM_RANKS];
    for (int r = 0; r < n; r++) {
        const struct rank *rank = &world.ranks[r];
        if (!rank->done && (!rank->waits || rank->waits->complete))
            order[able++] = r;
    }
    for (int left = able; left > 0; left--) {
        int pick = (int)(next_random() % (unsigned)left);
        resume(order[pick]);
        order[pick] = order[left - 1];
    }
    return able;
}

static bool all_done(void)
{
    int r = 0;
    while (r < world.sim->n && world.ranks[r].done)
        r++;
    return r == world.sim->n;
}

static void explain(const char *what)
{
    world.failed = true;
    fprintf(stderr, "# %s (n = %d, eager = %zu, seed = %u)\n", what, world.sim->n, world.sim->eager,
            world.sim->seed);
    for (struct posted *p = world.receives; p; p = p->next)
        fprintf(stderr, "#   rank %d waits for rank %d\n", p->at, p->req->msg.rank);
    for (struct message *m = world.messages; m; m = m->next)
        fprintf(stderr, "#   %zu bytes from rank %d to rank %d are not received\n", m->size,
                m->from, m->to);
}

static void forget(void)
{
    for (struct message *m = world.messages, *next; m; m = next) {
        next = m->next;
        free(m);
    }
    for (struct posted *p = world.receives, *next; p; p = next) {
        next = p->next;
        free(p);
    }
    world.messages = NULL;
    world.receives = NULL;
    world.last_message = &world.messages;
    world.last_receive = &world.receives;
}

bool sim_run(const struct sim *sim)
{
    forget();
    world.sim = sim;
    world.random = sim->seed;
    world.failed = false;
    world.crossings = 0;
    for (int r = 0; r < sim->n; r++)
        start_rank(r);
    while (one_turn() > 0)
        continue;
    if (!all_done())
        explain("nobody can go on");
    else if (world.messages || world.receives)
        explain("messages are left over");
    for (int r = 0; r < sim->n; r++)
        free(world.ranks[r].comm.levels);
    return !world.failed;
}

int sim_crossings(void)
{
    return world.crossings;
}

/* ---- p2p.h, request.h -------------------------------------------------------------------------
 */

static uint64_t sum_of(const struct ipcr_msg *m)
{
    size_t size = m->count * m->type->size;
    unsigned char *image = malloc(size + 1);
    uint64_t sum = size;
    ipcr_type_pack(m->type, m->count, m->buf, 0, image, size);
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ image[i]) * 1099511628211u;
    free(image);
    return sum;
}

void ipcr_req_complete(struct ipcr_req *req)
{
    req->complete = true;
    if (req->on_complete)
        req->on_complete(req);
}

static void complete(struct ipcr_req *req, int error)
{
    req->status.MPI_ERROR = error;
    ipcr_req_complete(req);
}

static void deliver(struct message *m, struct ipcr_req *receiver)
{
    struct ipcr_msg *in = &receiver->msg;
    size_t room = in->count * in->type->size, size = m->size < room ? m->size : room;
    if (m->sender && m->sum != sum_of(&m->sender->msg))
        explain("a send buffer was changed while the message was on its way");
    if (m->sender) {
        ipcr_type_pack(m->sender->msg.type, m->sender->msg.count, m->sender->msg.buf, 0, m->bytes,
                       m->size);
        complete(m->sender, MPI_SUCCESS);
    }
    ipcr_type_unpack(in->type, in->count, in->buf, 0, m->bytes, size);
    complete(receiver, size < m->size ? MPI_ERR_TRUNCATE : MPI_SUCCESS);
}

static struct message **find_message(const struct posted *p)
{
    struct message **m = &world.messages;
    while (*m && ((*m)->to != p->at || (*m)->from != p->req->msg.rank ||
                  (*m)->tag != p->req->msg.tag || (*m)->ctx != p->req->msg.ctx))
        m = &(*m)->next;
    return m;
}

/* Matches all that can be matched, receives in the order in which they were posted. */
static void match_all(void)
{
    struct posted **at = &world.receives;
    while (*at) {
        struct posted *p = *at;
        struct message **found = find_message(p), *m = *found;
        if (!m) {
            at = &p->next;
            continue;
        }
        *found = m->next;
        if (world.last_message == &m->next)
            world.last_message = found;
        *at = p->next;
        if (world.last_receive == &p->next)
            world.last_receive = at;
        deliver(m, p->req);
        free(m);
        free(p);
    }
}

void ipcr_progress_defer(struct ipcr_deferred *work)
{
    work->next = world.deferred;
    world.deferred = work;
}

/* Whoever runs plays the schedules of all ranks: they know where they belong. */
static void match(void)
{
    if (world.matching)
        return;
    world.matching = true;
    match_all();
    for (struct ipcr_deferred *work; (work = world.deferred); match_all()) {
        world.deferred = work->next;
        work->run(work);
    }
    world.matching = false;
}

static struct ipcr_req *new_request(const struct ipcr_msg *m)
{
    struct ipcr_req *req = calloc(1, sizeof *req);
    req->msg = *m;
    return req;
}

struct ipcr_req *ipcr_req_new_other(const struct ipcr_req_class *class, void *state,
                                    struct ipcr_comm *comm)
{
    struct ipcr_req *req = new_request(&(struct ipcr_msg){.comm = comm});
    req->class = class;
    req->state = state;
    return req;
}

void ipcr_req_free(struct ipcr_req *req)
{
    if (req->class)
        req->class->release(req);
    free(req);
}

int ipcr_req_result(const struct ipcr_req *req)
{
    return req->status.MPI_ERROR;
}

void ipcr_p2p_start_send(struct ipcr_req *req)
{
    const struct ipcr_msg *m = &req->msg;
    size_t size = m->count * m->type->size;
    struct message *message = malloc(sizeof *message + size);
    *message = (struct message){
        .from = m->comm->rank, .to = m->rank, .tag = m->tag, .ctx = m->ctx, .size = size};
    if (world.sim->nodes && world.sim->nodes[m->comm->rank] != world.sim->nodes[m->rank])
        world.crossings++;
    *world.last_message = message;
    world.last_message = &message->next;
    if (size > world.sim->eager) {
        message->sender = req;
        message->sum = sum_of(m);
    } else {
        ipcr_type_pack(m->type, m->count, m->buf, 0, message->bytes, size);
        complete(req, MPI_SUCCESS);
    }
    match();
}

void ipcr_p2p_start_recv(struct ipcr_req *req)
{
    struct posted *p = malloc(sizeof *p);
    *p = (struct posted){.req = req, .at = req->msg.comm->rank};
    *world.last_receive = p;
    world.last_receive = &p->next;
    match();
}

int ipcr_p2p_isend(const struct ipcr_msg *m, struct ipcr_req **req)
{
    *req = new_request(m);
    ipcr_p2p_start_send(*req);
    return MPI_SUCCESS;
}

int ipcr_p2p_irecv(const struct ipcr_msg *m, struct ipcr_req **req)
{
    *req = new_request(m);
    ipcr_p2p_start_recv(*req);
    return MPI_SUCCESS;
}

void sim_wait(const struct ipcr_req *req)
{
    struct rank *me = &world.ranks[world.running];
    me->waits = req;
    if (!req->complete)
        sim_yield();
    me->waits = NULL;
}

int ipcr_req_finish_all(struct ipcr_req **reqs, int n)
{
    int error = MPI_SUCCESS;
    for (int i = 0; i < n; i++) {
        sim_wait(reqs[i]);
        if (!error)
            error = reqs[i]->status.MPI_ERROR;
        free(reqs[i]);
    }
    return error;
}

int ipcr_p2p_send(const struct ipcr_msg *m)
{
    struct ipcr_req *req;
    ipcr_p2p_isend(m, &req);
    return ipcr_req_finish_all(&req, 1);
}

int ipcr_p2p_recv(const struct ipcr_msg *m, MPI_Status *status)
{
    (void)status;
    struct ipcr_req *req;
    ipcr_p2p_irecv(m, &req);
    return ipcr_req_finish_all(&req, 1);
}

int ipcr_p2p_sendrecv(const struct ipcr_msg *out, const struct ipcr_msg *in, MPI_Status *status)
{
    (void)status;
    struct ipcr_req *reqs[2];
    ipcr_p2p_irecv(in, &reqs[0]);
    ipcr_p2p_isend(out, &reqs[1]);
    return ipcr_req_finish_all(reqs, 2);
}

/* ---- err.h ------------------------------------------------------------------------------------
 */

/* Nobody looks on: the tools would bring the real messages with them. */
bool ipcr_observed;

void ipcr_observe_enter(const char *call, const void *caller)
{
    (void)call, (void)caller;
}

void ipcr_observe_leave(void)
{
}

void ipcr_observe_object(enum ipcr_object kind, const void *object, bool made)
{
    (void)kind, (void)object, (void)made;
}

/* No job here: the communicators know their nodes already. */
struct ipcr_job ipcr_job;

/* No shared memory here: what needs lines is tested by jobs (oracle.c). */
struct ipcr_lines ipcr_lines_none;

struct ipcr_lines *ipcr_lines_agree(struct ipcr_comm *comm)
{
    (void)comm;
    return &ipcr_lines_none;
}

void ipcr_lines_report(struct ipcr_lines *l)
{
    (void)l;
    abort();
}

void ipcr_lines_wait_for_room(struct ipcr_lines *l, int32_t depth)
{
    (void)l, (void)depth;
    abort();
}

void ipcr_lines_wait(struct ipcr_lines *l, int i)
{
    (void)l, (void)i;
    abort();
}

void ipcr_lines_wait_for_all(struct ipcr_lines *l)
{
    (void)l;
    abort();
}

int ipcr_err_note(int class, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "# ");
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    return class;
}

const char *ipcr_err_facts(int class)
{
    (void)class;
    return NULL;
}

void ipcr_err_forget(void)
{
}

_Noreturn void ipcr_err_fatal(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(1);
}
