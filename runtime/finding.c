/* Findings: told once each. */
#include "finding.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "boot.h"
#include "lock.h"

enum { MOST = 50 }; /* who has so many mends some first */

static struct {
    const char *fmt;
    const void *caller;
} told[MOST];
static int tolds;

struct ipcr_place ipcr_place_here(void)
{
    return (struct ipcr_place){ipcr_door.call ? ipcr_door.call : "the MPI library",
                               ipcr_door.caller};
}

static bool is_news(const char *fmt, const void *caller)
{
    for (int i = 0; i < tolds; i++)
        if (told[i].fmt == fmt && told[i].caller == caller)
            return false;
    if (tolds == MOST)
        return false;
    told[tolds].fmt = fmt;
    told[tolds++].caller = caller;
    return true;
}

void ipcr_finding(struct ipcr_place where, const char *fmt, ...)
{
    char text[700];
    va_list args;
    if (!is_news(fmt, where.caller))
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    ipcr_boot_finding(where.call, where.caller, text);
}
