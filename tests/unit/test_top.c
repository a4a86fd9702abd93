/* The picture of --top: any number of ranks on a screen of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "top.h"

static struct ipcr_jobview make_view(int size)
{
    struct ipcr_jobview v = {.size = size, .nodes = 1, .ms = 1000};
    v.all = ipcr_alloc((size_t)size * sizeof *v.all);
    v.node_of = ipcr_alloc((size_t)size * sizeof *v.node_of);
    for (int i = 0; i < size; i++) {
        v.all[i] = (struct ipcr_sleeper){.rank = (uint32_t)i, .state = IPCR_STATE_RUNS};
        v.all[i].nways = 1;
        strcpy(v.all[i].ways[0].name, "shm");
    }
    return v;
}

static void wait_in(struct ipcr_sleeper *s, const char *call)
{
    s->state = IPCR_STATE_WAITS;
    snprintf(s->call, sizeof s->call, "%s", call);
    snprintf(s->comm, sizeof s->comm, "MPI_COMM_WORLD");
}

/* The picture, in a buffer that the next one overwrites. */
static const char *draw(const struct ipcr_top *t, const struct ipcr_jobview *v, int rows,
                        int columns)
{
    static char text[65536];
    FILE *to = fmemopen(text, sizeof text, "w");
    ipcr_top_draw(t, v, to, rows, columns);
    fclose(to);
    return text;
}

static int lines_of(const char *text, int columns)
{
    int n = 0;
    for (; *text; text += strcspn(text, "\n") + 1, n++)
        assert_true(strcspn(text, "\n") <= (size_t)columns);
    return n;
}

static void check_has(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("'%s' is not in:\n%s", what, text);
}

static void many_ranks_fit(void **state)
{
    (void)state;
    struct ipcr_jobview v = make_view(256);
    struct ipcr_top t = {0};
    for (int i = 1; i < 256; i++)
        wait_in(&v.all[i], i % 2 ? "MPI_Recv" : "MPI_Barrier");
    ipcr_top_take(&t, &v);
    for (int rows = 4; rows < 30; rows++)
        for (int columns = 20; columns < 140; columns += 30)
            assert_true(lines_of(draw(&t, &v, rows, columns), columns) <= rows);
    const char *text = draw(&t, &v, 22, 120);
    check_has(text, "\n0                     1 ");
    check_has(text, "  127 ");
    check_has(text, "  128 ");
    t.group = IPCR_TOP_SINGLE;
    text = draw(&t, &v, 22, 120);
    assert_int_equal(lines_of(text, 120), 22);
    check_has(text, "\n... and 237 more\n");
    t.group = IPCR_TOP_IF_NEEDED;
    assert_int_equal(lines_of(draw(&t, &v, 300, 120), 120), 258);
    ipcr_top_free(&t);
    ipcr_jobview_free(&v);
}

static void rates_are_since_the_last_view(void **state)
{
    (void)state;
    struct ipcr_jobview v = make_view(2);
    struct ipcr_top t = {0};
    v.all[0].ways[0].messages = 500;
    ipcr_top_take(&t, &v);
    check_has(draw(&t, &v, 10, 120), "shm 500 0B"); /* a second has gone by */
    v.ms += 2000;
    v.all[0].ways[0].messages += 30000;
    v.all[0].ways[0].bytes += 8000000;
    v.all[0].cpu_ms += 500;
    v.all[1].slept_ms += 1500;
    ipcr_top_take(&t, &v);
    const char *text = draw(&t, &v, 10, 120);
    check_has(
        text,
        "\n0                     1     0    25  runs                               shm 15k 4.0MB\n");
    check_has(text,
              "\n1                     1    75     0  runs                               -\n");
    check_has(text, "0 of 2 ranks wait now; 38 % of the time; CPU 25 %; shm 15k 4.0MB\n");
    ipcr_top_free(&t);
    ipcr_jobview_free(&v);
}

/* First of the picture's lines that begin with a rank. */
static char first_rank(const char *text)
{
    for (int i = 0; i < 2; i++)
        text = strchr(text, '\n') + 1;
    return text[0];
}

static void sorted(void **state)
{
    (void)state;
    struct ipcr_jobview v = make_view(4);
    struct ipcr_top t = {0};
    v.all[3].cpu_ms = 400;
    v.all[2].ways[0].messages = 1;
    v.all[2].ways[0].bytes = 7;
    v.all[0].slept_ms = v.all[2].slept_ms = v.all[3].slept_ms = 10;
    static const struct {
        int by;
        char first;
    } wanted[] = {
        {IPCR_TOP_RANK, '0'}, {IPCR_TOP_WAIT, '1'}, {IPCR_TOP_BYTES, '2'}, {IPCR_TOP_CPU, '3'}};
    ipcr_top_take(&t, &v);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        t.sort = wanted[i].by;
        assert_int_equal(first_rank(draw(&t, &v, 20, 100)), wanted[i].first);
    }
    ipcr_top_free(&t);
    ipcr_jobview_free(&v);
}

static void check_line(const char *given, int columns, const char *wanted)
{
    char text[64], seen[64] = "";
    snprintf(text, sizeof text, "%s", given);
    FILE *to = fmemopen(seen, sizeof seen, "w");
    ipcr_top_line(to, text, columns);
    fclose(to);
    assert_string_equal(seen, wanted);
}

static void lines_are_cut_and_harmless(void **state)
{
    (void)state;
    check_line("abc", 3, "abc\n");
    check_line("abcd", 3, "abc\n");
    check_line("a\033[2Jb\n", 20, "a?[2Jb?\n");
    check_line("a\303\244b", 2, "a\n"); /* not half an a with dots */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_ranks_fit),
        cmocka_unit_test(rates_are_since_the_last_view),
        cmocka_unit_test(sorted),
        cmocka_unit_test(lines_are_cut_and_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
