/* MPI_Init to MPI_Finalize: brings the parts of the library up and down in order. MPI 5.0 sections
 * 11.2 and 11.4. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "attr.h"
#include "board.h"
#include "boot.h"
#include "bsend.h"
#include "coll.h"
#include "comm.h"
#include "env.h"
#include "err.h"
#include "errcode.h"
#include "handle.h"
#include "info.h"
#include "job.h"
#include "lock.h"
#include "log.h"
#include "p2p.h"
#include "peer.h"
#include "progress.h"
#include "request.h"
#include "seg.h"

/* Read by MPI_Initialized and MPI_Finalized in any thread, at any time. */
static _Atomic enum { FRESH, STARTING, RUNNING, FINISHED } life;
static int thread_level;
static pthread_t main_thread;

static void enter_phase(enum ipcr_phase phase)
{
    struct ipcr_board *row = ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
    atomic_store(&row->pid, (uint32_t)getpid());
    atomic_store(&row->phase, (uint32_t)phase);
}

/* Each part answers 0, a negative errno or an error class; whoever knew the facts noted them. */
static void must(int rc, const char *what)
{
    if (rc == 0)
        return;
    const char *facts = ipcr_err_facts(MPI_ERR_OTHER);
    ipcr_err_fatal("%s: %s", what, facts ? facts : rc < 0 ? strerror(-rc) : ipcr_err_string(rc));
}

static void bring_up(void)
{
    char why[400];
    must(ipcr_boot_open(&ipcr_job), "this rank cannot join its job");
    if (ipcr_env_load(why, sizeof why) < 0)
        ipcr_err_fatal("%s", why);
    ipcr_log_open();
    must(ipcr_seg_open(ipcr_job.seg_fd, ipcr_job.local_size), "the node's memory cannot be mapped");
    enter_phase(IPCR_PHASE_RUNNING);
    must(ipcr_peer_init(), "this rank cannot reach the others");
    must(ipcr_progress_init(), "this rank cannot be woken");
    must(ipcr_p2p_init(), "messages cannot be set up");
    must(ipcr_comm_init(), "MPI_COMM_WORLD cannot be set up");
}

/* MPI_COMM_SELF is gone after this, so nothing here may fail. */
static void take_down(void)
{
    ipcr_comm_finish();
    ipcr_attr_finish();
    ipcr_errcode_finish();
    ipcr_info_clear(&ipcr_info_env);
    ipcr_handle_finish();
    ipcr_p2p_finish();
    ipcr_req_finish_pool();
    ipcr_peer_finish();
    ipcr_progress_finish();
    ipcr_seg_close();
    ipcr_boot_close();
}

static const char *level_name(int level)
{
    switch (level) {
    case MPI_THREAD_SINGLE:
        return "MPI_THREAD_SINGLE";
    case MPI_THREAD_FUNNELED:
        return "MPI_THREAD_FUNNELED";
    case MPI_THREAD_SERIALIZED:
        return "MPI_THREAD_SERIALIZED";
    default:
        return "MPI_THREAD_MULTIPLE";
    }
}

/* The smallest level that is at least what was asked for. */
static int level_for(int required)
{
    static const int levels[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (required <= levels[i])
            return levels[i];
    return MPI_THREAD_MULTIPLE;
}

/* An info value is cut where it is too long; without memory the key is missing. */
static void describe(const char *key, const char *value)
{
    char cut[MPI_MAX_INFO_VAL];
    snprintf(cut, sizeof cut, "%s", value);
    if (*cut)
        ipcr_info_set(&ipcr_info_env, key, cut);
}

/* The command line as the kernel keeps it: words with a zero behind each. */
static void describe_command(void)
{
    char words[MPI_MAX_INFO_VAL] = "";
    FILE *f = fopen("/proc/self/cmdline", "re");
    if (!f)
        return;
    size_t n = fread(words, 1, sizeof words - 1, f), command = strlen(words);
    fclose(f);
    describe("command", words);
    if (command + 1 >= n)
        return;
    for (size_t i = command + 1; i + 1 < n; i++)
        if (!words[i])
            words[i] = ' ';
    describe("argv", words + command + 1);
}

/* MPI_INFO_ENV: section 11.2.1. */
static void describe_environment(void)
{
    char number[16], *directory = getcwd(NULL, 0);
    struct utsname machine;
    snprintf(number, sizeof number, "%d", ipcr_job.size);
    describe_command();
    describe("maxprocs", number);
    describe("soft", number);
    describe("host", ipcr_job.host);
    if (uname(&machine) == 0)
        describe("arch", machine.machine);
    describe("wdir", directory ? directory : "");
    describe("thread_level", level_name(thread_level));
    free(directory);
}

static int start(const char *call, int required)
{
    ipcr_call = call;
    if (atomic_load(&life) != FRESH)
        ipcr_err_fatal("%s", atomic_load(&life) == FINISHED
                                 ? "called after MPI_Finalize; MPI cannot be started twice"
                                 : "called a second time");
    atomic_store(&life, STARTING);
    main_thread = pthread_self();
    thread_level = level_for(required);
    bring_up();
    describe_environment();
    ipcr_gate = thread_level == MPI_THREAD_MULTIPLE ? IPCR_GATE_THREADS : 0;
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
    enter_phase(IPCR_PHASE_FINALIZING);
    ipcr_bsend_flush();
    ipcr_p2p_drain();
    struct ipcr_comm leaving = *ipcr_comm_world;
    leaving.ctx += 2;
    int class = ipcr_coll_barrier(&leaving);
    ipcr_p2p_drain();
    return class;
}

int PMPI_Finalize(void)
{
    IPCR_ENTER("MPI_Finalize");
    /* Libraries clean up in delete functions here, while MPI still works: section 11.2.4. */
    int class = ipcr_attr_delete_all(ipcr_comm_self);
    if (class == MPI_SUCCESS)
        class = leave_together();
    if (class != MPI_SUCCESS)
        return IPCR_FINISH(NULL, class);
    enter_phase(IPCR_PHASE_FINALIZED);
    ipcr_boot_finalize();
    take_down();
    atomic_store(&life, FINISHED);
    ipcr_gate = IPCR_GATE_CLOSED;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Finalize);

int PMPI_Initialized(int *flag)
{
    *flag = atomic_load(&life) >= RUNNING;
    return MPI_SUCCESS;
}
IPCR_ALIAS(Initialized);

int PMPI_Finalized(int *flag)
{
    *flag = atomic_load(&life) == FINISHED;
    return MPI_SUCCESS;
}
IPCR_ALIAS(Finalized);

int PMPI_Query_thread(int *provided)
{
    IPCR_ENTER("MPI_Query_thread");
    *provided = thread_level;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Query_thread);

int PMPI_Is_thread_main(int *flag)
{
    IPCR_ENTER("MPI_Is_thread_main");
    *flag = pthread_equal(main_thread, pthread_self()) != 0;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Is_thread_main);

/* Does not take the lock: a thread must be able to end a job whose other threads hang. */
int PMPI_Abort(MPI_Comm comm, int errorcode)
{
    char text[MPI_MAX_OBJECT_NAME + 100];
    if (ipcr_gate & IPCR_GATE_CLOSED)
        IPCR_ENTER("MPI_Abort");
    const struct ipcr_comm *c = ipcr_comm_of(comm);
    const char *name = !c ? "not a communicator" : c->name[0] ? c->name : "a communicator";
    snprintf(text, sizeof text, "MPI_Abort(%s, %d) was called by rank %d of %d\n", name, errorcode,
             ipcr_job.rank, ipcr_job.size);
    ipcr_boot_abort(errorcode, text);
}
IPCR_ALIAS(Abort);
