/* The command line: every option, in every spelling, and the words that are not options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
    assert_true(o.prefix && o.verbose && o.stats && o.map && !o.tell);
    assert_int_equal(o.bind.how, IPCR_BIND_OBJECT);
    assert_int_equal(o.bind.object, IPCR_OBJECT_CORE);
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
    assert_int_equal(o.tell, IPCR_TELL_HELP);
    ipcr_options_free(&o);
    o = good("--version");
    assert_int_equal(o.tell, IPCR_TELL_VERSION);
    ipcr_options_free(&o);
}

/* As for MPICH's launcher. */
static void mpich(void **state)
{
    (void)state;
    struct ipcr_options o = good(
        "-genv A 1 -genv A 2 -genvlist HOME,USER -hosts x,y -perhost 2 -prepend-rank -usize 12 "
        "-launcher ssh -rmk user -n 2 -env B 3 -envnone prog");
    assert_int_equal(o.genv.n, 1);
    assert_string_equal(o.genv.at[0], "A=2");
    assert_true(o.pass.given && !o.pass.all);
    assert_int_equal(o.pass.names.n, 2);
    assert_string_equal(o.pass.names.at[1], "USER");
    assert_true(o.apps[0].pass.given && o.apps[0].pass.names.n == 0);
    assert_string_equal(o.apps[0].env.at[0], "B=3");
    assert_int_equal(o.ppn, 2);
    assert_int_equal(o.universe, 12);
    assert_true(o.prefix);
    assert_string_equal(o.scheduler, "user");
    assert_string_equal(o.launcher, "ssh");
    ipcr_options_free(&o);
    o = good("-env B=3 prog"); /* ours, with one dash */
    assert_string_equal(o.apps[0].env.at[0], "B=3");
    assert_string_equal(o.apps[0].argv.at[0], "prog");
    ipcr_options_free(&o);
}

/* As for Open MPI's. */
static void open_mpi(void **state)
{
    (void)state;
    struct ipcr_options o = good(
        "-c 4 --map-by node --rank-by slot --bind-to none --mca btl self,vader -mca pml ob1 --mca x y -x A "
        "-x B=1 -x B=2 --timestamp-output --merge-stderr-to-stdout --stdin none "
        "-display-map -q prog");
    assert_int_equal(o.apps[0].count, 4);
    assert_true(o.map_by_node && o.rank_by == IPCR_RANK_BY_SLOT && o.timestamps && o.merge &&
                o.no_stdin && o.display_map);
    assert_int_equal(o.foreign.n, 2); /* --mca and -mca: each spelling once */
    assert_int_equal(o.apps[0].env.n, 2);
    assert_string_equal(o.apps[0].env.at[1], "B=2");
    ipcr_options_free(&o);
    o = good("--map-by socket:PE=4 --bind-to core --report-bindings prog");
    assert_true(o.bind.disjoint && o.bind.report);
    assert_int_equal(o.bind.width, 4);
    assert_int_equal(o.bind.map_by, IPCR_OBJECT_PACKAGE);
    ipcr_options_free(&o);
    o = good("-bind-to l3cache:2 prog");
    assert_int_equal(o.bind.object, IPCR_OBJECT_L3);
    assert_int_equal(o.bind.width, 2);
    ipcr_options_free(&o);
    o = good("--map-by ppr:3:node prog");
    assert_int_equal(o.ppn, 3);
    ipcr_options_free(&o);
    o = good("--map-by ppr:2:l3:PE=3,NOLOCAL prog");
    assert_true(o.ppn == 2 && o.per == 1 + IPCR_OBJECT_L3 && o.bind.map_by == IPCR_OBJECT_L3);
    assert_true(o.bind.block == 2 && o.bind.width == 3 && o.bind.disjoint && o.no_local);
    ipcr_options_free(&o);
    o = good("--map-by :NOOVERSUBSCRIBE --bind-to core:2,overload-allowed --display map,topo prog");
    assert_true(o.no_oversubscribe && o.display_map && o.bind.report && !o.bind.map_by);
    assert_int_equal(o.bind.width, 2);
    ipcr_options_free(&o);
    o = good("--output-filename D:nocopy --report-pid - --path /a:/b --rtos recoverable prog");
    assert_true(o.out_dir_alone && o.keep_going);
    assert_string_equal(o.out_dir, "D");
    assert_string_equal(o.apps[0].path, "/a:/b");
    ipcr_options_free(&o);
    o = good("-pernode prog");
    assert_int_equal(o.ppn, 1);
    ipcr_options_free(&o);
}

static void timeout_of_the_environment(void **state)
{
    (void)state;
    struct ipcr_options o;
    char why[256], *with[] = {"MPIEXEC_TIMEOUT=2.5", NULL}, *wrong[] = {"MPIEXEC_TIMEOUT=x", NULL};
    char *line[] = {"ipcrun", "a", NULL}, *given[] = {"ipcrun", "--timeout", "1", "a", NULL};
    assert_true(ipcr_options_parse(&o, line, with, why, sizeof why));
    assert_int_equal(o.timeout_ms, 2500);
    ipcr_options_free(&o);
    assert_true(ipcr_options_parse(&o, given, with, why, sizeof why));
    assert_int_equal(o.timeout_ms, 1000);
    ipcr_options_free(&o);
    assert_false(ipcr_options_parse(&o, line, wrong, why, sizeof why));
    ipcr_options_free(&o);
}

static void programs_from_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/ipcrun-options-XXXXXX", line[80];
    static const char text[] = "# two programs\n\n-n 1 'my prog' x\n  -n 2 -env A 1 b\n";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    snprintf(line, sizeof line, "-l --configfile %s", path);
    struct ipcr_options o = good(line);
    unlink(path);
    assert_true(o.prefix);
    assert_int_equal(o.napps, 2);
    assert_string_equal(o.apps[0].argv.at[0], "my prog");
    assert_int_equal(o.apps[1].count, 2);
    assert_string_equal(o.apps[1].env.at[0], "A=1");
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
    bad("--follow a", "--follow belongs to --status");
    bad("--status 12 ./a", "one job, and no program");
    bad("--status= ", "which job?");
    bad("--status --follow=x", "expected a number of seconds");
    bad("--timeout 1. a", "expected a number of seconds");
    bad("--timeout 0.000 a", "expected a number of seconds");
    bad("--timeout 999999999999 a", "expected a number of seconds");
    bad("--bind-to moon a", "known are none, core");
    bad("--bind-to core:0 a", "known are none, core");
    bad("--bind-to user:0, a", "expected CPUs for each rank in turn");
    bad("--cpu-list x a", "--cpu-list x: expected CPUs");
    bad("--cpus-per-rank 0 a", "expected a whole number from 1");
    bad("--ssh '' a", "expected a command");
    bad("--ssh \"ssh 'x\" a", "expected a command");
    bad("-H '' a", "empty name");
    bad("--map-by rack a", "known are slot, node");
    bad("--map-by socket:PE=x a", "known are slot, node");
    bad("--rank-by socket a", "numbered as they are mapped");
    bad("--map-by ppr:0:node a", "known are slot, node");
    bad("-genv A", "-genv needs a value (NAME VALUE)");
    bad("-genv =1 2 a", "a variable needs a name");
    bad("--map-by ppr:0:socket a", "known are slot");
    bad("--map-by ppr:2:moon a", "known are slot");
    bad("--bind-to core:maybe a", "known are none");
    bad("-order-nodes SIDEWAYS a", "UP or DOWN");
    bad("--display weather a", "known are map");
    bad("--xterm 0 a", "--gdb RANKS gives ranks a terminal");
    bad("-npersocket x a", "expected a whole number");
    bad("-env A", "needs a value");
    bad("-genvlist A,,B a", "no list of names");
    bad("-usize many a", "expected a whole number");
    bad("-stdin some a", "expected a rank, all, or none");
    bad("-launcher fork a", "reached by ssh, rsh, slurm");
    bad("--scheduler cobalt a", "known are auto, none, slurm");
    bad("--mca btl", "--mca needs a value");
    bad("--configfile /no/such/file", "No such file");
    bad("--configfile /dev/null", "no program in it");
    bad("--configfile x a", "nothing may follow 'a'");
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

static void looking(void **state)
{
    (void)state;
    static const char *const lines[] = {"--status 12 --follow=0.5", "--status=12 --follow=0.5",
                                        "--follow=0.5 --status -- 12"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct ipcr_options o = good(lines[i]);
        assert_int_equal(o.look.what, IPCR_LOOK_STATUS);
        assert_string_equal(o.look.job, "12");
        assert_int_equal(o.look.every_ms, 500);
        ipcr_options_free(&o);
    }
    struct ipcr_options o = good("--status");
    assert_null(o.look.job);
    assert_int_equal(o.look.every_ms, 0);
    ipcr_options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_n),
        cmocka_unit_test(all_together),
        cmocka_unit_test(several_programs),
        cmocka_unit_test(help_and_version_stop_reading),
        cmocka_unit_test(mpich),
        cmocka_unit_test(open_mpi),
        cmocka_unit_test(timeout_of_the_environment),
        cmocka_unit_test(programs_from_a_file),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(words_are_split_like_a_shell),
        cmocka_unit_test(looking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
