/* Small things that head and agent share: memory that is there or the program ends, lists of
 * words, sentences to people. */
#ifndef IPCR_UTIL_H
#define IPCR_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Exit statuses of ipcrun itself (a program's own come from the program). */
enum {
    IPCR_EXIT_LOST = 1,      /* the job broke down for a reason of ours: agent or host lost */
    IPCR_EXIT_USAGE = 2,     /* nothing was started: bad option, host, file, count */
    IPCR_EXIT_FOUND = 3,     /* the program ended well, but --check has found mistakes */
    IPCR_EXIT_TIMEOUT = 124, /* as timeout(1) */
    IPCR_EXIT_NOEXEC = 126,  /* as a shell */
    IPCR_EXIT_NOTFOUND = 127
};

void *ipcr_alloc(size_t n); /* zeroed; ends the program without memory */
void *ipcr_resize(void *p, size_t n);
char *ipcr_copy(const char *s);
char *ipcr_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A growing, NULL-terminated list of owned strings. Zero-initialise. */
struct ipcr_words {
    char **at;
    int n;
};
void ipcr_words_add(struct ipcr_words *w, char *owned);
void ipcr_words_free(struct ipcr_words *w);

/* Splits text as a shell does (blanks, '...', "...", backslash) without expanding anything. False
 * if a quote is not closed. */
bool ipcr_words_split(struct ipcr_words *w, const char *text);

/* "ipcrun: ..." and a newline, to stderr, in one write. */
void ipcr_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* To stdout, folded at 60 columns, behind a margin. A longer word gets a line of its own. */
void ipcr_print_folded(const char *text);

/* Name of a signal ("SIGSEGV"), and a word for people ("segmentation fault"). */
const char *ipcr_signal_name(int sig);
const char *ipcr_signal_text(int sig);

/* Strict decimal: digits only, lo..hi. */
bool ipcr_number(const char *text, long lo, long hi, long *value);

/* Is there such a program in PATH? */
bool ipcr_is_in_path(const char *program);

/* State (R, S, D, ...) and parent of a process or thread, from its stat file; false: it is gone. */
bool ipcr_proc_stat(const char *path, char *state, pid_t *parent);

#endif
