/* The world model, MPI_Init to MPI_Finalize. MPI 5.0 sections 11.2 and 11.4. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "attr.h"
#include "boot.h"
#include "bsend.h"
#include "coll.h"
#include "comm.h"
#include "err.h"
#include "infoenv.h"
#include "job.h"
#include "life.h"
#include "lock.h"
#include "p2p.h"

/* Read by MPI_Initialized and MPI_Finalized in any thread, at any time. */
static _Atomic enum { FRESH, STARTING, RUNNING, FINISHED } life;
static int thread_level;
static pthread_t main_thread;

static int start(const char *call, int required)
{
    ipcr_door.call = call;
    if (atomic_load(&life) != FRESH)
        ipcr_err_fatal("%s", atomic_load(&life) == FINISHED
                                 ? "called after MPI_Finalize; MPI cannot be started twice"
                                 : "called a second time");
    atomic_store(&life, STARTING);
    main_thread = pthread_self();
    thread_level = ipcr_infoenv_level(required);
    ipcr_life_begin(IPCR_MODEL_WORLD, thread_level);
    ipcr_infoenv_describe(&ipcr_info_env, 0, NULL);
    ipcr_info_set(&ipcr_info_env, "thread_level", ipcr_infoenv_level_name(thread_level));
    atomic_store(&life, RUNNING);
    return MPI_SUCCESS;
}

int PMPI_Init(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return start("MPI_Init", MPI_THREAD_SINGLE);
}
IPCR_ALIAS(Init);

int PMPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
    (void)argc, (void)argv;
    int rc = start("MPI_Init_thread", required);
    *provided = thread_level;
    return rc;
}
IPCR_ALIAS(Init_thread);

/* Nobody may leave while another one still needs something from here: an answer, or memory to copy
 * a message out of. So everything sent goes out, then all meet; what the meeting itself sent goes
 * out last. They meet in a context of their own (the fourth of the world's), or a rank that leaves
 * too early would take part in the others' next collective. */
static int leave_together(void)
{
    ipcr_life_leave_world();
    ipcr_bsend_drain();
    ipcr_p2p_drain();
    struct ipcr_comm leaving = *ipcr_comm_world;
    leaving.ctx += 2;
    leaving.coll_cache = NULL; /* what collectives keep is the world's, too */
    leaving.coll_seq = 0;
    int class = ipcr_coll_barrier(&leaving);
    ipcr_comm_world->levels = leaving.levels; /* the same, or made just now: the world frees it */
    ipcr_p2p_drain();
    return class;
}

int PMPI_Finalize(void)
{
    IPCR_ENTER("MPI_Finalize");
    if (atomic_load(&life) != RUNNING)
        return IPCR_RAISE(NULL, MPI_ERR_OTHER, "called before MPI_Init or a second time");
    /* Libraries clean up in delete functions here, while MPI still works: section 11.2.4. */
    int class = ipcr_attr_delete_all(ipcr_comm_attrs(ipcr_comm_self));
    if (class == MPI_SUCCESS)
        class = leave_together();
    if (class != MPI_SUCCESS)
        return IPCR_FINISH(NULL, class);
    atomic_store(&life, FINISHED);
    IPCR_LEAVE();
    ipcr_life_end(IPCR_MODEL_WORLD);
    return MPI_SUCCESS;
}
IPCR_ALIAS(Finalize);

int PMPI_Initialized(int *flag)
{
    IPCR_ENTER_ANY("MPI_Initialized");
    if (!flag)
        return IPCR_NO_PLACE("flag");
    *flag = atomic_load(&life) >= RUNNING;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Initialized);

int PMPI_Finalized(int *flag)
{
    IPCR_ENTER_ANY("MPI_Finalized");
    if (!flag)
        return IPCR_NO_PLACE("flag");
    *flag = atomic_load(&life) == FINISHED;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Finalized);

int PMPI_Query_thread(int *provided)
{
    IPCR_ENTER("MPI_Query_thread");
    if (atomic_load(&life) != RUNNING)
        return IPCR_RAISE(NULL, MPI_ERR_OTHER, "called before MPI_Init or after MPI_Finalize");
    if (!provided)
        return IPCR_NO_PLACE("level");
    *provided = thread_level;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Query_thread);

int PMPI_Is_thread_main(int *flag)
{
    IPCR_ENTER("MPI_Is_thread_main");
    if (atomic_load(&life) != RUNNING)
        return IPCR_RAISE(NULL, MPI_ERR_OTHER, "called before MPI_Init or after MPI_Finalize");
    if (!flag)
        return IPCR_NO_PLACE("flag");
    *flag = pthread_equal(main_thread, pthread_self()) != 0;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Is_thread_main);

/* Does not take the lock: a thread must be able to end a job whose other threads hang. */
int PMPI_Abort(MPI_Comm comm, int errorcode)
{
    char text[MPI_MAX_OBJECT_NAME + 100];
    if (ipcr_lock_gate() & IPCR_GATE_CLOSED)
        IPCR_ENTER("MPI_Abort");
    const struct ipcr_comm *c = ipcr_comm_of(comm);
    const char *name = !c ? "not a communicator" : c->name[0] ? c->name : "a communicator";
    snprintf(text, sizeof text, "MPI_Abort(%s, %d) was called by rank %d of %d\n", name, errorcode,
             ipcr_job.rank, ipcr_job.size);
    ipcr_boot_abort(errorcode, text);
}
IPCR_ALIAS(Abort);
