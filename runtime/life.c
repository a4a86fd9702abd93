/* Start, rest and end of the library. */
#include "life.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "abi.h"
#include "attr.h"
#include "board.h"
#include "boot.h"
#include "bsend.h"
#include "comm.h"
#include "datatype.h"
#include "decide.h"
#include "env.h"
#include "err.h"
#include "errcode.h"
#include "group.h"
#include "handle.h"
#include "info.h"
#include "job.h"
#include "lock.h"
#include "log.h"
#include "mem.h"
#include "observe.h"
#include "op.h"
#include "p2p.h"
#include "peer.h"
#include "progress.h"
#include "request.h"
#include "seg.h"
#include "session.h"

/* Taken before the library lock, never inside it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static struct {
    pid_t up_in;     /* the process in which the machinery runs; 0: nowhere */
    bool world;      /* between MPI_Init and MPI_Finalize */
    bool world_over; /* past MPI_Finalize */
    bool told;       /* the agent knows that exits are ordinary, if the board says nothing else */
    int sessions;
} life;

static int users(void)
{
    return life.world + life.sessions;
}

static void enter_phase(enum ipcr_phase phase)
{
    struct ipcr_board *row = ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
    atomic_store(&row->pid, (uint32_t)getpid());
    atomic_store(&row->phase, (uint32_t)phase);
}

static enum ipcr_phase phase_now(void)
{
    return life.world        ? IPCR_PHASE_RUNNING
           : life.sessions   ? IPCR_PHASE_SESSION
           : life.world_over ? IPCR_PHASE_FINALIZED
                             : IPCR_PHASE_PAUSED;
}

void ipcr_life_leave_world(void)
{
    enter_phase(IPCR_PHASE_FINALIZING);
}

/* Each part answers 0, a negative errno or an error class; whoever knew the facts noted them. */
static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    const char *facts = ipcr_err_facts(MPI_ERR_OTHER);
    ipcr_err_fatal("%s: %s", what, facts ? facts : rc < 0 ? strerror(-rc) : ipcr_err_string(rc));
}

static void bring_up(enum ipcr_phase phase)
{
    char why[400];
    must(ipcr_boot_open(&ipcr_job), "this rank cannot join its job");
    if (ipcr_env_load(why, sizeof why) < 0)
        ipcr_err_fatal("%s", why);
    ipcr_log_open();
    must(ipcr_seg_open(ipcr_job.seg_fd, ipcr_job.local_size), "the node's memory cannot be mapped");
    enter_phase(phase);
    must(ipcr_peer_init(), "this rank cannot reach the others");
    must(ipcr_progress_init(), "this rank cannot be woken");
    must(ipcr_p2p_init(), "messages cannot be set up");
    life.up_in = getpid();
}

/* A session of several threads may be open beside a world of one; and sessions of different threads
 * know nothing of each other. So the lock is needed as soon as there may be threads at all. */
static void open_gate(enum ipcr_model model, int level)
{
    bool threads =
        level == MPI_THREAD_MULTIPLE || (model == IPCR_MODEL_SESSION && level != MPI_THREAD_SINGLE);
    unsigned gate = ipcr_gate & IPCR_GATE_THREADS;
    if (threads)
        gate = IPCR_GATE_THREADS;
    if (ipcr_observed)
        gate |= IPCR_GATE_OBSERVED;
    ipcr_gate = gate;
}

void ipcr_life_begin(enum ipcr_model model, int level)
{
    pthread_mutex_lock(&mutex);
    bool first = users() == 0;
    life.world |= model == IPCR_MODEL_WORLD;
    life.sessions += model == IPCR_MODEL_SESSION;
    if (!life.up_in)
        bring_up(phase_now());
    ipcr_lock_enter_any(ipcr_door.call);
    if (first) {
        ipcr_observe_open();
        ipcr_peer_lanes &= !ipcr_observed && !ipcr_decided && !ipcr_log_on;
        must(ipcr_comm_init(), "communicators cannot be set up");
    }
    if (model == IPCR_MODEL_WORLD)
        ipcr_comm_open_world();
    enter_phase(phase_now());
    open_gate(model, level);
    ipcr_lock_leave();
    pthread_mutex_unlock(&mutex);
}

/* The last user has gone: everything that was sent goes out, and programs see nothing any more. */
static void rest(void)
{
    ipcr_bsend_drain();
    ipcr_bsend_finish();
    ipcr_p2p_drain();
    ipcr_observe_close();
    ipcr_comm_finish();
    if (!life.told)
        ipcr_boot_finalize();
    life.told = true;
    ipcr_gate = IPCR_GATE_CLOSED;
}

void ipcr_life_end(enum ipcr_model model)
{
    pthread_mutex_lock(&mutex);
    ipcr_lock_enter_any(ipcr_door.call);
    if (model == IPCR_MODEL_WORLD) {
        ipcr_comm_close_world();
        life.world = false;
        life.world_over = true;
    } else {
        life.sessions--;
    }
    if (users() == 0)
        rest();
    enter_phase(phase_now());
    ipcr_lock_leave();
    pthread_mutex_unlock(&mutex);
}

static void take_down(void)
{
    ipcr_p2p_finish();
    ipcr_peer_finish();
    ipcr_progress_finish();
    ipcr_mem_finish();
    ipcr_seg_close();
    ipcr_boot_close();
}

/* At the end of the process, or when the library is unloaded: says farewell to the other ranks and
 * frees everything. Not while MPI is running, since other threads may be inside (such an exit is an
 * error, and the launcher ends the job); and not in a child that was forked, which shares the
 * connections of its parent. */
__attribute__((destructor)) static void quit(void)
{
    if (users() > 0) {
        ipcr_boot_leaving();
        return;
    }
    if (life.up_in && life.up_in == getpid())
        take_down();
    ipcr_abi_finish();
    ipcr_session_finish();
    ipcr_type_finish_all();
    ipcr_op_finish();
    ipcr_attr_finish();
    ipcr_errcode_finish();
    ipcr_info_finish();
    ipcr_err_finish();
    ipcr_group_finish();
    ipcr_handle_finish();
}
