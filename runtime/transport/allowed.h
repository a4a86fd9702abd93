/* What the user allows of a host's network: interfaces (--iface, IPCRUN_IFACE) and ports (--ports,
 * IPCRUN_PORTS). Without a word of theirs everything is allowed. */
#ifndef IPCR_ALLOWED_H
#define IPCR_ALLOWED_H

#include <stdbool.h>
#include <stdint.h>

#include "job.h"

/* True while interfaces are restricted to some. */
bool ipcr_allowed_some(void);
/* Is this one among them? */
bool ipcr_allowed_iface(const char *name);

/* Tries `use` with one allowed port after the other until it returns no -EADDRINUSE, and returns
 * that; 0 stands for any free port, where all are allowed. Ranks of one host begin at different
 * ports. Says itself (ipcr_err_note) if the range is no range (-EINVAL), or has no free port. */
typedef int ipcr_allowed_use(void *ctx, uint16_t port);
int ipcr_allowed_port(const struct ipcr_job *job, ipcr_allowed_use *use, void *ctx);

#endif
