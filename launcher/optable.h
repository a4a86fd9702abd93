/* The table of options: names, values, group, text. Reader (options.c), help and completion come
 * from it.
 *   optable.c  our options, and what is done with the table
 *   optother.c those that only users of other launchers type */
#ifndef IPCR_OPTABLE_H
#define IPCR_OPTABLE_H

#include <stdbool.h>

enum ipcr_option {
    OPT_N,
    OPT_CONFIG,
    OPT_WDIR,
    OPT_HOSTS,
    OPT_HOSTFILE,
    OPT_PPN,
    OPT_PER_NODE,
    OPT_MAP_BY,
    OPT_RANK_BY,
    OPT_BY_NODE,
    OPT_BIND,
    OPT_CPU_LIST,
    OPT_CPUS_PER_RANK,
    OPT_RANKFILE,
    OPT_RANKMAP,
    OPT_PPR,
    OPT_PER_SOCKET,
    OPT_NO_LOCAL,
    OPT_NO_OVERSUBSCRIBE,
    OPT_ORDER_NODES,
    OPT_REPORT_BINDINGS,
    OPT_USIZE,
    OPT_MAP,
    OPT_DISPLAY_MAP,
    OPT_DISPLAY, /* --display map,bindings */
    OPT_RUNTIME, /* --runtime-options donotlaunch,recoverable */
    OPT_ENV,
    OPT_ENV_LIST,
    OPT_ENV_NONE,
    OPT_ENV_ALL,
    OPT_GENV,
    OPT_GENV_LIST,
    OPT_GENV_NONE,
    OPT_GENV_ALL,
    OPT_PATH,
    OPT_GPUS,
    OPT_PREFIX,
    OPT_PATTERN,
    OPT_OUTPUT_FROM,
    OPT_TIMESTAMP,
    OPT_MERGE,
    OPT_STDIN,
    OPT_OUTPUT,
    OPT_OUT_DIR,
    OPT_OUT_PATTERN,
    OPT_ERR_PATTERN,
    OPT_TIMEOUT,
    OPT_GRACE,
    OPT_KEEP_GOING,
    OPT_EXIT_CODES,
    OPT_REPORT_PID,
    OPT_HANG_REPORT,
    OPT_TRANSPORT,
    OPT_WAIT_HOSTS,
    OPT_IFACE,
    OPT_PORTS,
    OPT_STATS,
    OPT_TRACE,
    OPT_RECORD,
    OPT_REPLAY,
    OPT_CHAOS,
    OPT_CHECK,
    OPT_COMPARE,
    OPT_QUICK,
    OPT_JSON,
    OPT_HTML,
    OPT_SSH,
    OPT_LAUNCHER,
    OPT_SCHEDULER,
    OPT_VERBOSE,
    OPT_STATUS,
    OPT_FOLLOW,
    OPT_TOP,
    OPT_GDB,
    OPT_VALGRIND,
    OPT_SETTINGS,
    OPT_INFO,
    OPT_COMPLETION, /* the script for bash, for make */
    OPT_HELP,
    OPT_VERSION,
    OPT_NOTHING, /* asks for what ipcrun does anyway */
    OPT_FOREIGN, /* tunes another implementation */
    OPT_REFUSED  /* asks for what there is not: `text` is the sentence */
};

enum { IPCR_OPTION_NAMES = 6 };

/* The group of options that are not ours. */
#define IPCR_OTHERS "others"

struct ipcr_option_row {
    enum ipcr_option option;
    const char *group; /* of the help */
    /* The first dashes are those of the help; any name is understood with one dash or two. */
    const char *names[IPCR_OPTION_NAMES];
    int words;       /* that follow; 1 may also stand behind an equals sign */
    const char *arg; /* what they are; "[=...]" with words 0: only behind an equals sign, or none */
    const char *text; /* NULL: understood, but not worth a line in the help */
};

/* The row of a word like -np, --np or --np=4; *value: what follows '=', or NULL. NULL: no option.
 */
const struct ipcr_option_row *ipcr_optable_find(const char *word, char **value);

/* Row i of the table; NULL behind the last. Rows of optother.c are the last ones. */
const struct ipcr_option_row *ipcr_optable_row(int i);
const struct ipcr_option_row *ipcr_optother_row(int i);
/* What becomes of the options of other launchers. */
void ipcr_optother_help(void);

/* The options of a group, or of all (NULL) but those of other launchers (IPCR_OTHERS), a paragraph
 * each. False: there is no such group. */
bool ipcr_optable_help(const char *group);

#endif
