/* IPCRUN_LOG=trace: one line on stderr per hop of a message (link, send, arrive, match, complete),
 * so the log of one small message is a tour of the library. Off, it costs a predicted branch. */
#ifndef IPCR_LOG_H
#define IPCR_LOG_H

#include <stdbool.h>

#include "hidden.h"

extern IPCR_HIDDEN bool ipcr_log_on;

void ipcr_log_open(void);
void ipcr_log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define IPCR_TRACE(...)                       \
    do {                                      \
        if (__builtin_expect(ipcr_log_on, 0)) \
            ipcr_log_line(__VA_ARGS__);       \
    } while (0)

#endif
