/* Exit status and sentence for everything that can happen to a rank. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "verdict.h"

static const struct row {
    int status; /* as of waitpid() */
    uint8_t phase, ended;
    bool failed;
    int exit_status;
    const char *line;
} rows[] = {
    {0, IPCR_PHASE_NONE, 0, false, 0, NULL},
    {0, IPCR_PHASE_FINALIZED, 0, false, 0, NULL},
    {0, IPCR_PHASE_RUNNING, 0, true, 1,
     "rank 4 on h (pid 77) exited with code 0 without calling MPI_Finalize"},
    {0, IPCR_PHASE_FINALIZING, 0, true, 1,
     "rank 4 on h (pid 77) exited with code 0 in MPI_Finalize"},
    {0, IPCR_PHASE_PAUSED, 0, false, 0, NULL},
    {0, IPCR_PHASE_SESSION, 0, true, 1,
     "rank 4 on h (pid 77) exited with code 0 without calling MPI_Session_finalize"},
    {3 << 8, IPCR_PHASE_NONE, 0, true, 3, "rank 4 on h (pid 77) exited with code 3"},
    {255 << 8, IPCR_PHASE_RUNNING, 0, true, 255,
     "rank 4 on h (pid 77) exited with code 255 before MPI_Finalize"},
    {7 << 8, IPCR_PHASE_FINALIZED, 0, true, 7,
     "rank 4 on h (pid 77) exited with code 7 after MPI_Finalize"},
    {9, IPCR_PHASE_NONE, 0, true, 137,
     "rank 4 on h (pid 77) was killed by signal 9 (SIGKILL, Killed)"},
    {11 | 0x80, IPCR_PHASE_RUNNING, 0, true, 139,
     "rank 4 on h (pid 77) was killed by signal 11 (SIGSEGV, Segmentation fault) before "
     "MPI_Finalize"},
    {15, IPCR_PHASE_RUNNING, 1, false, 0, NULL}, /* we did that */
    {3 << 8, IPCR_PHASE_RUNNING, 1, false, 0, NULL},
};

static void every_way_to_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ipcr_verdict v = {0};
        const struct ipcr_exit e = {.rank = 4,
                                    .pid = 77,
                                    .status = rows[i].status,
                                    .phase = rows[i].phase,
                                    .ended = rows[i].ended};
        assert_int_equal(ipcr_verdict_exit(&v, &e, "h"), rows[i].failed);
        assert_int_equal(v.failed, rows[i].failed);
        assert_int_equal(v.status, rows[i].exit_status);
        if (rows[i].line)
            assert_string_equal(v.line, rows[i].line);
        else
            assert_null(v.line);
        assert_int_equal(v.spare, rows[i].failed && rows[i].phase == IPCR_PHASE_FINALIZED);
        ipcr_verdict_free(&v);
    }
}

static void abort_codes(void **state)
{
    (void)state;
    static const int codes[][2] = {{42, 42}, {0, 1}, {256, 1}, {300, 44}, {-1, 255}, {255, 255}};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct ipcr_verdict v = {0};
        const struct ipcr_abort a = {.rank = 1, .pid = 5, .code = codes[i][0], .text = "facts\n"};
        assert_true(ipcr_verdict_abort(&v, &a, "h"));
        assert_int_equal(v.status, codes[i][1]);
        assert_string_equal(v.block, "facts\n");
        assert_non_null(strstr(v.line, "rank 1 on h (pid 5) ended the job with code"));
        ipcr_verdict_free(&v);
    }
}

static void the_first_failure_counts(void **state)
{
    (void)state;
    struct ipcr_verdict v = {0};
    const struct ipcr_exit first = {.rank = 2, .pid = 9, .status = 5 << 8};
    const struct ipcr_exit second = {.rank = 0, .pid = 8, .status = 11};
    const struct ipcr_abort third = {.rank = 3, .pid = 7, .code = 1, .text = "x"};
    assert_true(ipcr_verdict_exit(&v, &first, "h"));
    assert_false(ipcr_verdict_exit(&v, &second, "h"));
    assert_false(ipcr_verdict_abort(&v, &third, "h"));
    assert_false(ipcr_verdict_fail(&v, 124, "late"));
    assert_false(ipcr_verdict_missed(&v, &second, "h"));
    assert_int_equal(v.status, 5);
    assert_null(v.block);
    assert_non_null(strstr(v.line, "rank 2"));
    ipcr_verdict_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_end),
        cmocka_unit_test(abort_codes),
        cmocka_unit_test(the_first_failure_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
