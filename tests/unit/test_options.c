/* The command line: every option, in every spelling, and the words that are not options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

static char *environment[] = {"HOME=/home/me", "A=one=two", NULL};

/* Splits a command line without "ipcrun" and parses it. */
static bool parse(struct ipcr_options *o, const char *line, char *why)
{
    struct ipcr_words w = {0};
    ipcr_words_add(&w, ipcr_copy("ipcrun"));
    assert_true(ipcr_words_split(&w, line));
    bool ok = ipcr_options_parse(o, w.at, environment, why, 256);
    ipcr_words_free(&w);
    return ok;
}

static struct ipcr_options good(const char *line)
{
    struct ipcr_options o;
    char why[256] = "";
    if (!parse(&o, line, why))
        fail_msg("'%s' is refused: %s", line, why);
    return o;
}

static void bad(const char *line, const char *reason)
{
    struct ipcr_options o;
    char why[256] = "";
    assert_false(parse(&o, line, why));
    if (!strstr(why, reason))
        fail_msg("'%s' is refused with '%s', not '%s'", line, why, reason);
    ipcr_options_free(&o);
}

static void spellings_of_n(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "-n 3 a", "-np 3 a",  "--n 3 a",     "--np 3 a",
        "-n=3 a", "--np=3 a", "-n 2 -n 3 a", "--oversubscribe -n 3 -- a"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct ipcr_options o = good(lines[i]);
        assert_int_equal(o.napps, 1);
        assert_int_equal(o.apps[0].count, 3);
        assert_string_equal(o.apps[0].argv.at[0], "a");
        ipcr_options_free(&o);
    }
}

static void all_together(void **state)
{
    (void)state;
    struct ipcr_options o =
        good("-H x:2,y -ppn 3 --env N=v -x A --env GONE --wdir /tmp --timeout 1.25 -l -v "
             "--bind-to core --stats --map --ssh 'ssh -p 22' --allow-run-as-root prog -n 7 --help");
    assert_int_equal(o.hosts.n, 2);
    assert_int_equal(o.ppn, 3);
    assert_int_equal(o.timeout_ms, 1250);
    assert_true(o.prefix && o.verbose && o.stats && o.map && !o.help);
    assert_int_equal(o.bind, IPCR_BIND_CORE);
    assert_string_equal(o.ssh, "ssh -p 22");
    assert_string_equal(o.apps[0].wdir, "/tmp");
    assert_int_equal(o.apps[0].count, -1);
    assert_int_equal(o.apps[0].env.n, 2);
    assert_string_equal(o.apps[0].env.at[0], "N=v");
    assert_string_equal(o.apps[0].env.at[1], "A=one=two");
    assert_int_equal(o.apps[0].argv.n, 4); /* options of the program are its own */
    ipcr_options_free(&o);
}

static void several_programs(void **state)
{
    (void)state;
    struct ipcr_options o = good("-n 1 --wdir /a one x : -n 2 --env E=2 -l two : -n 3 -- -three");
    assert_int_equal(o.napps, 3);
    assert_int_equal(o.apps[1].count, 2);
    assert_string_equal(o.apps[0].argv.at[1], "x");
    assert_null(o.apps[1].wdir);
    assert_int_equal(o.apps[0].env.n, 0);
    assert_string_equal(o.apps[1].env.at[0], "E=2");
    assert_string_equal(o.apps[2].argv.at[0], "-three");
    assert_true(o.prefix);
    ipcr_options_free(&o);
}

static void help_and_version_stop_reading(void **state)
{
    (void)state;
    struct ipcr_options o = good("-n 2 --help --nonsense");
    assert_true(o.help);
    ipcr_options_free(&o);
    o = good("--version");
    assert_true(o.version);
    ipcr_options_free(&o);
}

static void mistakes(void **state)
{
    (void)state;
    bad("", "no program");
    bad("-n 2", "no program");
    bad("-n 2 a :", "no program");
    bad(": a", "no program");
    bad("-n 1 a : : -n 1 b", "no program");
    bad("-n 1 a : b", "each needs its -n ('b' has none)");
    bad("--nope a", "unknown option '--nope'");
    bad("---n 2 a", "unknown option '---n'");
    bad("-n", "-n needs a value (N)");
    bad("-n '' a", "-n : expected a whole number");
    bad("-n +2 a", "expected a whole number");
    bad("-n 65537 a", "from 1 to 65536");
    bad("-n 65536 a : -n 1 b", "65537 ranks are too many");
    bad("-l=1 a", "-l takes no value");
    bad("--timeout . a", "expected a number of seconds");
    bad("--hang-report x a", "expected a number of seconds");
    bad("--timeout 1. a", "expected a number of seconds");
    bad("--timeout 0.000 a", "expected a number of seconds");
    bad("--timeout 999999999999 a", "expected a number of seconds");
    bad("--bind-to socket a", "only 'core' and 'none'");
    bad("--ssh '' a", "expected a command");
    bad("--ssh \"ssh 'x\" a", "expected a command");
    bad("-H '' a", "empty name");
    bad("''", "name is empty");
}

static void words_are_split_like_a_shell(void **state)
{
    (void)state;
    struct ipcr_words w = {0};
    assert_true(ipcr_words_split(&w, " a  'b c'\t\"d\\\"e\" f\\ g ''h '\\' "));
    static const char *const wanted[] = {"a", "b c", "d\"e", "f g", "h", "\\"};
    assert_int_equal(w.n, 6);
    for (int i = 0; i < 6; i++)
        assert_string_equal(w.at[i], wanted[i]);
    assert_null(w.at[6]);
    ipcr_words_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_n),   cmocka_unit_test(all_together),
        cmocka_unit_test(several_programs), cmocka_unit_test(help_and_version_stop_reading),
        cmocka_unit_test(mistakes),         cmocka_unit_test(words_are_split_like_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
