/* Memory, words, sentences. */
#include "util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void no_memory(void)
{
    static const char text[] = "ipcrun: out of memory\n";
    if (write(2, text, sizeof text - 1) < 0)
        _exit(IPCR_EXIT_LOST);
    _exit(IPCR_EXIT_LOST);
}

void *ipcr_alloc(size_t n)
{
    void *p = calloc(1, n ? n : 1);
    if (!p)
        no_memory();
    return p;
}

void *ipcr_resize(void *p, size_t n)
{
    p = realloc(p, n ? n : 1);
    if (!p)
        no_memory();
    return p;
}

char *ipcr_copy(const char *s)
{
    char *p = strdup(s);
    if (!p)
        no_memory();
    return p;
}

char *ipcr_format(const char *fmt, ...)
{
    char *p;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&p, fmt, ap);
    va_end(ap);
    if (n < 0)
        no_memory();
    return p;
}

void ipcr_words_add(struct ipcr_words *w, char *owned)
{
    /* room is doubled whenever n is a power of two: no capacity to carry along */
    if ((w->n & (w->n - 1)) == 0 || !w->at)
        w->at = ipcr_resize(w->at, sizeof *w->at * (size_t)(w->n ? 2 * w->n + 1 : 2));
    w->at[w->n++] = owned;
    w->at[w->n] = NULL;
}

void ipcr_words_free(struct ipcr_words *w)
{
    for (int i = 0; i < w->n; i++)
        free(w->at[i]);
    free(w->at);
    *w = (struct ipcr_words){0};
}

/* Copies one shell word from *from to `to`; false at an unclosed quote. */
static bool split_one(const char **from, char *to)
{
    const char *p = *from;
    char quote = 0;
    for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
        if (quote ? *p == quote : (*p == '\'' || *p == '"'))
            quote = quote ? 0 : *p;
        else if (*p == '\\' && quote != '\'' && p[1])
            *to++ = *++p;
        else
            *to++ = *p;
    }
    *to = 0;
    *from = p;
    return !quote;
}

bool ipcr_words_split(struct ipcr_words *w, const char *text)
{
    for (;;) {
        text += strspn(text, " \t\n");
        if (!*text)
            return true;
        char *word = ipcr_alloc(strlen(text) + 1);
        bool closed = split_one(&text, word);
        ipcr_words_add(w, word);
        if (!closed)
            return false;
    }
}

void ipcr_say(const char *fmt, ...)
{
    char *text;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        no_memory();
    dprintf(2, "ipcrun: %s\n", text);
    free(text);
}

void ipcr_print_folded(const char *text)
{
    while (*text) {
        size_t n = strlen(text);
        if (n > 60) {
            for (n = 60; n > 0 && text[n] != ' '; n--)
                ;
            n = n ? n : strcspn(text, " ");
        }
        printf("      %.*s\n", (int)n, text);
        text += n + (text[n] == ' ');
    }
}

const char *ipcr_signal_name(int sig)
{
    static char name[24];
    const char *abbrev = sigabbrev_np(sig);
    if (abbrev)
        snprintf(name, sizeof name, "SIG%s", abbrev);
    else
        snprintf(name, sizeof name, "signal %d", sig);
    return name;
}

const char *ipcr_signal_text(int sig)
{
    const char *text = sigdescr_np(sig);
    return text ? text : "real-time signal";
}

bool ipcr_number(const char *text, long lo, long hi, long *value)
{
    if (!*text || text[strspn(text, "0123456789")])
        return false;
    errno = 0;
    long v = strtol(text, NULL, 10);
    if (errno || v < lo || v > hi)
        return false;
    *value = v;
    return true;
}

bool ipcr_is_in_path(const char *program)
{
    const char *path = getenv("PATH");
    for (const char *at = path; at && *at; at += *at == ':') {
        size_t n = strcspn(at, ":");
        char *file = ipcr_format("%.*s/%s", (int)n, at, program);
        bool found = access(file, X_OK) == 0;
        free(file);
        if (found)
            return true;
        at += n;
    }
    return false;
}

bool ipcr_proc_stat(const char *path, char *state, pid_t *parent)
{
    char text[512];
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    /* The name in parentheses may contain anything. */
    const char *behind = strrchr(text, ')');
    return behind && sscanf(behind, ") %c %d", state, parent) == 2;
}
