/* Trace output. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "env.h"
#include "job.h"

bool ipcr_log_on;

void ipcr_log_open(void)
{
    ipcr_log_on = strcmp(ipcr_env.log, "trace") == 0;
}

void ipcr_log_line(const char *fmt, ...)
{
    char line[512];
    struct timespec t;
    va_list ap;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int n = snprintf(line, sizeof line, "ipcrun: %ld.%06ld rank %d: ", (long)t.tv_sec,
                     t.tv_nsec / 1000, ipcr_job.rank);
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    size_t len = (size_t)n + (m < 0 ? 0 : (size_t)m);
    if (len > sizeof line - 1)
        len = sizeof line - 1;
    line[len++] = '\n';
    /* One write per line, so lines of different ranks stay whole. */
    if (write(STDERR_FILENO, line, len) < 0)
        return;
}
