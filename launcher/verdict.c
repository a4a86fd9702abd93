/* The rules of exit statuses and the sentences that go with them. */
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "board.h"
#include "util.h"

static bool fail(struct ipcr_verdict *v, int status, char *owned_line)
{
    if (v->failed) {
        free(owned_line);
        return false;
    }
    v->failed = true;
    v->status = status;
    v->line = owned_line;
    return true;
}

static const char *when(int phase)
{
    return phase == IPCR_PHASE_RUNNING      ? " before MPI_Finalize"
           : phase == IPCR_PHASE_FINALIZING ? " in MPI_Finalize"
           : phase == IPCR_PHASE_FINALIZED  ? " after MPI_Finalize"
           : phase == IPCR_PHASE_SESSION    ? " before MPI_Session_finalize"
           : phase == IPCR_PHASE_PAUSED     ? " after MPI_Session_finalize"
                                            : "";
}

static bool exit_zero(struct ipcr_verdict *v, const struct ipcr_exit *e, const char *host)
{
    if (e->phase == IPCR_PHASE_RUNNING || e->phase == IPCR_PHASE_SESSION)
        return fail(
            v, IPCR_EXIT_LOST,
            ipcr_format("rank %u on %s (pid %d) exited with code 0 without calling %s", e->rank,
                        host, e->pid,
                        e->phase == IPCR_PHASE_SESSION ? "MPI_Session_finalize" : "MPI_Finalize"));
    if (e->phase == IPCR_PHASE_FINALIZING)
        return fail(v, IPCR_EXIT_LOST,
                    ipcr_format("rank %u on %s (pid %d) exited with code 0 in MPI_Finalize",
                                e->rank, host, e->pid));
    return false;
}

bool ipcr_verdict_exit(struct ipcr_verdict *v, const struct ipcr_exit *e, const char *host)
{
    bool first;
    if (e->ended || v->failed)
        return false;
    if (WIFSIGNALED(e->status)) {
        int sig = WTERMSIG(e->status);
        first = fail(v, 128 + sig,
                     ipcr_format("rank %u on %s (pid %d) was killed by signal %d (%s, %s)%s",
                                 e->rank, host, e->pid, sig, ipcr_signal_name(sig),
                                 ipcr_signal_text(sig), when(e->phase)));
    } else if (WEXITSTATUS(e->status) == 0) {
        return exit_zero(v, e, host);
    } else {
        int code = WEXITSTATUS(e->status);
        first = fail(v, code,
                     ipcr_format("rank %u on %s (pid %d) exited with code %d%s", e->rank, host,
                                 e->pid, code, when(e->phase)));
    }
    v->spare = e->phase == IPCR_PHASE_FINALIZED || e->phase == IPCR_PHASE_PAUSED;
    return first;
}

bool ipcr_verdict_missed(struct ipcr_verdict *v, const struct ipcr_exit *e, const char *host)
{
    return fail(v, IPCR_EXIT_LOST,
                ipcr_format("rank %u on %s (pid %d) exited with code 0 and never called MPI_Init, "
                            "where other ranks wait for it",
                            e->rank, host, e->pid));
}

bool ipcr_verdict_abort(struct ipcr_verdict *v, const struct ipcr_abort *a, const char *host)
{
    int status = a->code & 0xff ? a->code & 0xff : 1; /* an abort never looks like a success */
    if (!fail(v, status,
              ipcr_format("rank %u on %s (pid %d) ended the job with code %d", a->rank, host,
                          a->pid, a->code)))
        return false;
    if (a->text[0])
        v->block = ipcr_copy(a->text);
    return true;
}

bool ipcr_verdict_fail(struct ipcr_verdict *v, int status, const char *line)
{
    return fail(v, status, line ? ipcr_copy(line) : NULL);
}

void ipcr_verdict_free(struct ipcr_verdict *v)
{
    free(v->block);
    free(v->line);
    *v = (struct ipcr_verdict){0};
}
