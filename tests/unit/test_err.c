/* Errors: codes and their texts, notes, and what each kind of handler does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "comm.h"
#include "err.h"
#include "errcode.h"
#include "errhandler.h"
#include "job.h"
#include "lock.h"

static struct ipcr_comm comm, self;

static int open_gate(void **state)
{
    (void)state;
    comm = (struct ipcr_comm){.magic = IPCR_COMM_MAGIC, .size = 4, .name = "rows"};
    self = (struct ipcr_comm){.magic = IPCR_COMM_MAGIC, .size = 1, .name = "MPI_COMM_SELF"};
    comm.handle = (MPI_Comm)&comm;
    self.handle = MPI_COMM_SELF;
    comm.errhandler = self.errhandler = ipcr_errhandler_of(MPI_ERRORS_RETURN);
    ipcr_comm_self = &self;
    ipcr_gate = IPCR_GATE_THREADS;
    ipcr_job.rank = 3;
    ipcr_job.size = 8;
    strcpy(ipcr_job.host, "node7");
    return 0;
}

static int close_gate(void **state)
{
    (void)state;
    ipcr_gate = IPCR_GATE_CLOSED;
    ipcr_comm_self = NULL;
    ipcr_errcode_finish();
    return 0;
}

/* ---- codes ---- */

static void every_class_has_a_text(void **state)
{
    (void)state;
    const char *last = "";
    for (int c = MPI_SUCCESS; c <= MPI_ERR_ABI; c++) {
        assert_int_equal(ipcr_errcode_class(c), c);
        const char *text = ipcr_err_string(c);
        assert_true(strncmp(text, c ? "MPI_ERR_" : "MPI_SUCCESS", 8) == 0);
        assert_true(strlen(text) < MPI_MAX_ERROR_STRING);
        assert_string_not_equal(text, last);
        last = text;
    }
    for (int c = MPI_T_ERR_CANNOT_INIT; c <= MPI_T_ERR_PVAR_NO_ATOMIC; c++)
        assert_true(strncmp(ipcr_err_string(c), "MPI_T_ERR_", 10) == 0);
    assert_non_null(strstr(ipcr_err_string(MPI_ERR_TRUNCATE), "MPI_ERR_TRUNCATE"));
    assert_non_null(strstr(ipcr_err_string(MPI_T_ERR_PVAR_NO_ATOMIC), "PVAR_NO_ATOMIC"));
}

static void unknown_codes(void **state)
{
    (void)state;
    const int codes[] = {
        -1,        MPI_ERR_ABI + 1, 1000, 1019, MPI_ERR_LASTCODE - 1, MPI_ERR_LASTCODE + 1,
        INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        assert_int_equal(ipcr_errcode_class(codes[i]), -1);
        assert_non_null(ipcr_err_string(codes[i]));
    }
}

static void codes_of_the_program(void **state)
{
    (void)state;
    assert_int_equal(ipcr_errcode_last(), MPI_ERR_LASTCODE);
    int class = ipcr_errcode_add(-1), code = ipcr_errcode_add(class),
        other = ipcr_errcode_add(MPI_ERR_RANK);
    assert_true(class > MPI_ERR_LASTCODE && code > class && other > code);
    assert_int_equal(ipcr_errcode_last(), other);
    assert_int_equal(ipcr_errcode_class(class), class);
    assert_int_equal(ipcr_errcode_class(code), class);
    assert_int_equal(ipcr_errcode_class(other), MPI_ERR_RANK);
    assert_string_equal(ipcr_err_string(code), "");
    assert_int_equal(ipcr_errcode_text(code, "the solver diverged"), MPI_SUCCESS);
    assert_string_equal(ipcr_err_string(code), "the solver diverged");
    assert_int_equal(ipcr_errcode_text(code, NULL), MPI_SUCCESS);
    assert_string_equal(ipcr_err_string(code), "");
    assert_int_equal(ipcr_errcode_text(MPI_ERR_RANK, "mine now"), MPI_ERR_ARG);
    assert_int_equal(ipcr_errcode_text(other + 1, "not there"), MPI_ERR_ARG);
}

static void long_texts_are_cut(void **state)
{
    (void)state;
    char text[2 * MPI_MAX_ERROR_STRING];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    int code = ipcr_errcode_add(-1);
    assert_int_equal(ipcr_errcode_text(code, text), MPI_SUCCESS);
    assert_int_equal(strlen(ipcr_err_string(code)), MPI_MAX_ERROR_STRING - 1);
}

static void removal(void **state)
{
    (void)state;
    int class = ipcr_errcode_add(-1), code = ipcr_errcode_add(class);
    assert_int_equal(ipcr_errcode_remove(class, 1), MPI_ERR_ARG); /* still has a code */
    assert_int_equal(ipcr_errcode_remove(class, 0), MPI_ERR_ARG); /* not a code */
    assert_int_equal(ipcr_errcode_remove(MPI_ERR_RANK, 1), MPI_ERR_ARG);
    assert_int_equal(ipcr_errcode_remove(code, 0), MPI_SUCCESS);
    assert_int_equal(ipcr_errcode_class(code), -1);
    assert_int_equal(ipcr_errcode_remove(class, 1), MPI_SUCCESS);
    assert_int_equal(ipcr_errcode_last(), MPI_ERR_LASTCODE);

    int first = ipcr_errcode_add(-1), second = ipcr_errcode_add(-1);
    assert_int_equal(ipcr_errcode_remove(first, 1), MPI_SUCCESS);
    assert_int_equal(ipcr_errcode_last(), second);
    assert_int_equal(ipcr_errcode_add(MPI_ERR_OTHER), first); /* given out again */
    assert_int_equal(ipcr_errcode_class(first), MPI_ERR_OTHER);
}

/* ---- notes and handlers ---- */

static void notes(void **state)
{
    (void)state;
    assert_int_equal(ipcr_err_note(MPI_ERR_TAG, "tag %d", 77), MPI_ERR_TAG);
    assert_string_equal(ipcr_err_facts(MPI_ERR_TAG), "tag 77");
    assert_null(ipcr_err_facts(MPI_ERR_RANK));
    /* A note is used up by the error it belongs to; a later one without facts has none. */
    IPCR_ENTER("MPI_Test_call");
    assert_int_equal(ipcr_err_raise(&comm, MPI_ERR_TAG, NULL), MPI_ERR_TAG);
    assert_string_equal(ipcr_err_facts(MPI_ERR_TAG), "tag 77");
    IPCR_ENTER("MPI_Test_call");
    assert_int_equal(ipcr_err_raise(&comm, MPI_ERR_TAG, NULL), MPI_ERR_TAG);
    assert_null(ipcr_err_facts(MPI_ERR_TAG));

    char text[2000];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = 0;
    ipcr_err_note(MPI_ERR_ARG, "%s", text);
    assert_int_equal(strlen(ipcr_err_facts(MPI_ERR_ARG)), 511);
}

static void returning(void **state)
{
    (void)state;
    IPCR_ENTER("MPI_Test_call");
    assert_int_equal(IPCR_RAISE(&comm, MPI_ERR_RANK, "dest is %d", 9), MPI_ERR_RANK);
    assert_int_equal(ipcr_lock_pause(), 0); /* the lock was given back */
    assert_string_equal(ipcr_err_facts(MPI_ERR_RANK), "dest is 9");
    int calls = 0;
    IPCR_ENTER("MPI_Test_call");
    assert_int_equal(IPCR_FINISH(&comm, (calls++, MPI_ERR_OTHER)), MPI_ERR_OTHER);
    assert_int_equal(calls, 1);
    IPCR_ENTER("MPI_Test_call");
    assert_int_equal(IPCR_FINISH(&comm, MPI_SUCCESS), MPI_SUCCESS);
    assert_int_equal(ipcr_lock_pause(), 0);
}

static struct {
    int calls, code;
    MPI_Comm comm;
    unsigned locked;
} seen;

static void remember(MPI_Comm *c, int *code, ...)
{
    seen.calls++;
    seen.code = *code;
    seen.comm = *c;
    seen.locked = ipcr_lock_pause();
    /* What a program may do here: look at the error, and free the handler that is running. */
    comm.errhandler = ipcr_errhandler_of(MPI_ERRORS_RETURN);
}

static void users_handler(void **state)
{
    (void)state;
    struct ipcr_errhandler *e = ipcr_errhandler_new(IPCR_FOR_COMM);
    e->function.comm = remember;
    MPI_Errhandler handle = ipcr_errhandler_handle(e);
    assert_ptr_equal(ipcr_errhandler_of(handle), e);
    comm.errhandler = e;
    IPCR_ENTER("MPI_Test_call");
    assert_int_equal(IPCR_RAISE(&comm, MPI_ERR_COUNT, "count is -1"), MPI_ERR_COUNT);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.code, MPI_ERR_COUNT);
    assert_ptr_equal(seen.comm, &comm);
    assert_int_equal(seen.locked, 0);
    assert_int_equal(ipcr_lock_pause(), 0);
    ipcr_errhandler_release(e);
}

static void without_a_communicator(void **state)
{
    (void)state;
    struct ipcr_errhandler *e = ipcr_errhandler_new(IPCR_FOR_COMM);
    e->function.comm = remember;
    self.errhandler = e;
    seen.calls = 0;
    IPCR_ENTER("MPI_Test_call");
    assert_int_equal(IPCR_RAISE(NULL, MPI_ERR_GROUP, "no group"), MPI_ERR_GROUP);
    assert_int_equal(seen.calls, 1);
    assert_ptr_equal(seen.comm, MPI_COMM_SELF);
    ipcr_errhandler_release(e);
}

static void predefined_handles(void **state)
{
    (void)state;
    const MPI_Errhandler all[] = {MPI_ERRORS_ARE_FATAL, MPI_ERRORS_ABORT, MPI_ERRORS_RETURN};
    for (int i = 0; i < 3; i++) {
        struct ipcr_errhandler *e = ipcr_errhandler_of(all[i]);
        assert_non_null(e);
        assert_ptr_equal(ipcr_errhandler_handle(e), all[i]);
        ipcr_errhandler_release(e); /* has no effect */
        assert_ptr_equal(ipcr_errhandler_of(all[i]), e);
    }
    assert_null(ipcr_errhandler_of(MPI_ERRHANDLER_NULL));
    assert_null(ipcr_errhandler_of((MPI_Errhandler)MPI_COMM_WORLD));
}

/* Runs fn in a child, which must not return from it; its exit code, and what it printed. */
static int fate_of(void (*fn)(void), char *text, size_t room)
{
    int fds[2], status;
    size_t n = 0;
    ssize_t got;
    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 2);
        fn();
        _exit(111);
    }
    close(fds[1]);
    while (n < room - 1 && (got = read(fds[0], text + n, room - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = 0;
    close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void raise_fatal(void)
{
    IPCR_ENTER("MPI_Send");
    IPCR_RAISE(&comm, MPI_ERR_RANK, "dest is %d; the communicator has %d ranks", 9, 4);
}

static void raise_early(void)
{
    ipcr_gate = IPCR_GATE_CLOSED;
    ipcr_comm_self = NULL;
    ipcr_job.size = 0;
    IPCR_ENTER("MPI_Comm_size");
}

static void library_gives_up(void)
{
    IPCR_ENTER("MPI_Bcast");
    ipcr_err_fatal("no memory for %d requests", 64);
}

static void assert_all(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (!strstr(text, *words))
            fail_msg("'%s' is not in: %s", *words, text);
}

static void fatal_ones(void **state)
{
    (void)state;
    char text[4096];
    const MPI_Errhandler deadly[] = {MPI_ERRORS_ARE_FATAL, MPI_ERRORS_ABORT};
    for (int i = 0; i < 2; i++) {
        comm.errhandler = ipcr_errhandler_of(deadly[i]);
        assert_int_equal(fate_of(raise_fatal, text, sizeof text), MPI_ERR_RANK);
        assert_all(text, (const char *const[]){"MPI_Send", "rank 3 of 8", "node7", "rows",
                                               "MPI_ERR_RANK", "dest is 9", NULL});
    }
    assert_int_equal(fate_of(library_gives_up, text, sizeof text), MPI_ERR_INTERN);
    assert_all(text, (const char *const[]){"MPI_Bcast", "rank 3 of 8", "64 requests", NULL});
    assert_int_not_equal(fate_of(raise_early, text, sizeof text), 0);
    assert_all(text, (const char *const[]){"MPI_Comm_size", "before MPI_Init", NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_has_a_text),
        cmocka_unit_test(unknown_codes),
        cmocka_unit_test_teardown(codes_of_the_program, close_gate),
        cmocka_unit_test_teardown(long_texts_are_cut, close_gate),
        cmocka_unit_test_teardown(removal, close_gate),
        cmocka_unit_test_setup_teardown(notes, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(returning, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(users_handler, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(without_a_communicator, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(predefined_handles, open_gate, close_gate),
        cmocka_unit_test_setup_teardown(fatal_ones, open_gate, close_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
