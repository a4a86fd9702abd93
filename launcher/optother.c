/* Options that only users of other launchers type, and what becomes of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "optable.h"
#include "proto.h"
#include "util.h"

#define NO_FILES \
    "ipcrun copies no files to other hosts: put them there, or into a directory that all hosts share"
#define NO_DAEMON "no daemon stays behind that jobs could be given to: each job starts by itself"
#define NO_NAMES  "there is no name server between jobs"
#define DEBUGGER  "--gdb RANKS runs ranks under a debugger, each with a terminal of its own"

/* A row without an argument's text takes none. Groups matter to nothing here. */
#define ROW(what, words, ...)                                                   \
    {                                                                           \
        what, IPCR_OTHERS, {__VA_ARGS__}, words, (words) ? "VALUE" : NULL, NULL \
    }
#define REFUSED(words, sentence, ...)                                                      \
    {                                                                                      \
        OPT_REFUSED, IPCR_OTHERS, {__VA_ARGS__}, words, (words) ? "VALUE" : NULL, sentence \
    }

/* clang-format off: a row is easier to read as one line */
static const struct ipcr_option_row rows[] = {
    /* other names of ours */
    ROW(OPT_HOSTS, 1, "--hostlist", "--machine", "--machines", "--machinelist"),
    ROW(OPT_HOSTFILE, 1, "--default-hostfile"),
    ROW(OPT_MAP, 0, "--do-not-launch"),
    ROW(OPT_DISPLAY_MAP, 0, "--display-allocation", "--display-devel-map", "--display-diffable-map",
        "--print-rank-map"),
    ROW(OPT_DISPLAY, 1, "--display"),
    ROW(OPT_RUNTIME, 1, "--runtime-options", "--rtos"),
    ROW(OPT_REPORT_BINDINGS, 0, "--display-topo"),
    ROW(OPT_PPR, 1, "--ppr"),
    ROW(OPT_PER_SOCKET, 1, "--npersocket"),
    ROW(OPT_TIMEOUT, 1, "--maxtime"),
    ROW(OPT_BY_NODE, 0, "-rr"),
    ROW(OPT_PPN, 1, "-grr"),

    /* it is so anyway */
    ROW(OPT_NOTHING, 0, "--oversubscribe", "--allow-run-as-root", "--byslot", "--bycore", "-q",
        "--quiet"),
    ROW(OPT_NOTHING, 0, "--use-hwthread-cpus", "--report-state-on-timeout", "--get-stack-traces",
        "--exitinfo"),
    ROW(OPT_NOTHING, 0, "--disable-hostname-propagation", "--enable-x", "--disable-x",
        "--noprefix"),
    ROW(OPT_NOTHING, 0, "--leave-session-attached", "--novm", "--do-not-resolve", "--show-progress",
        "--hybrid-hosts"),
    ROW(OPT_NOTHING, 0, "--enable-auto-cleanup", "--disable-recovery",
        "--report-child-jobs-separately"),
    ROW(OPT_NOTHING, 1, "--forward-signals", "--soft", "--personality"),

    /* it tunes another implementation */
    ROW(OPT_FOREIGN, 2, "--mca", "--gmca", "--omca", "--gomca", "--prtemca", "--pmixmca"),
    ROW(OPT_FOREIGN, 1, "--demux", "--topolib", "-am", "--tune", "--localhost"),
    ROW(OPT_FOREIGN, 1, "--prefix", "--app-prefix", "--pmix-prefix", "--app-pmix-prefix",
        "--launch-agent"),
    ROW(OPT_FOREIGN, 1, "--membind", "--memory-alloc-kinds", "--gpu-subdevs-per-proc",
        "--gpu-support"),
    ROW(OPT_FOREIGN, 1, "--with-ft", "--initial-errhandler", "--arch", "--pset",
        "--stream-buffering"),
    ROW(OPT_FOREIGN, 1, "--max-vm-size", "--spawn-timeout", "--keepalive", "--session-id",
        "--alloc-id"),
    ROW(OPT_FOREIGN, 0, "--pmi-port", "--profile", "--use-regexp", "--debug-daemons",
        "--debug-daemons-file", "--debug-devel"),

    /* there is no such thing */
    REFUSED(
        1,
        "no windows are opened: --gdb RANKS gives ranks a terminal each, --output-from RANKS shows what some of them write",
        "--xterm"),
    REFUSED(0, DEBUGGER, "--debug", "--tv", "--stop-on-exec", "--stop-in-init", "--stop-in-app"),
    REFUSED(1, DEBUGGER, "--debugger"),
    REFUSED(1, "--status=JOB shows the ranks of a running job", "--output-proctable"),
    REFUSED(0, NO_FILES, "--preload-binary", "-s"),
    REFUSED(1, NO_FILES, "--preload-files", "--preload-files-dest-dir"),
    REFUSED(0, "--output json writes an object for each line of output", "--xml"),
    REFUSED(1, "--output json writes an object for each line of output", "--xml-file"),
    REFUSED(0, "there is no session directory: --wdir DIR says where ranks run",
            "--set-cwd-to-session-dir", "--set-sd"),
    REFUSED(1, NO_DAEMON, "--hnp", "--dvm", "--dvm-uri", "--report-uri", "--report-events"),
    REFUSED(1, NO_DAEMON, "--add-host", "--add-hostfile", "--activate"),
    REFUSED(1, NO_NAMES, "--ompi-server", "--nameserver", "--server-wait-time"),
    REFUSED(0, NO_NAMES, "--wait-for-server"),
    REFUSED(1, "ranks are not started again: --keep-going lets the others go on", "--max-restarts"),
    REFUSED(1, "whole jobs are not saved and continued", "--ckpointlib", "--ckpoint-interval",
            "--ckpoint-prefix", "--ckpoint-num"),
    REFUSED(0, "a program finds its rank in IPCRUN_RANK", "--index-argv-by-rank"),
    REFUSED(1, "--configfile FILE reads programs and their options from a file", "--file"),
};
/* clang-format on */

const struct ipcr_option_row *ipcr_optother_row(int i)
{
    return (size_t)i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

static void add_names(struct ipcr_words *to, const struct ipcr_option_row *row)
{
    for (int k = 0; k < IPCR_OPTION_NAMES && row->names[k]; k++)
        ipcr_words_add(to, ipcr_copy(row->names[k]));
}

/* One paragraph: "a, b, c", and what is to be said of all. */
static void print_names(struct ipcr_words *names, const char *sentence)
{
    struct ipcr_buf text = {0};
    for (int i = 0; i < names->n; i++) {
        ipcr_put_raw(&text, names->at[i], strlen(names->at[i]));
        ipcr_put_raw(&text, ", ", i + 1 < names->n ? 2 : 0);
    }
    ipcr_put_raw(&text, sentence, strlen(sentence) + 1);
    ipcr_print_folded((char *)text.data);
    free(text.data);
    ipcr_words_free(names);
}

static void print_all(enum ipcr_option what, const char *heading)
{
    struct ipcr_words names = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].option == what)
            add_names(&names, &rows[i]);
    printf("  %s\n", heading);
    print_names(&names, "");
}

/* Rows with the same sentence are neighbours. */
void ipcr_optother_help(void)
{
    struct ipcr_words names = {0};
    printf("%s: options that only other launchers have\n", IPCR_OTHERS);
    print_all(OPT_NOTHING, "accepted, since it is so anyway:");
    print_all(OPT_FOREIGN, "ignored, with one line that says so:");
    printf("  refused, with what there is instead:\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].option != OPT_REFUSED)
            continue;
        add_names(&names, &rows[i]);
        const struct ipcr_option_row *next = ipcr_optother_row((int)i + 1);
        if (next && strcmp(next->text, rows[i].text) == 0)
            continue;
        char *sentence = ipcr_format(": %s", rows[i].text);
        print_names(&names, sentence);
        free(sentence);
    }
}
