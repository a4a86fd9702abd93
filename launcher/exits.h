/* How each rank ended, in one line. */
#ifndef IPCR_EXITS_H
#define IPCR_EXITS_H

#include "proto.h"

/* Says "exit codes: ranks 0-2: 0; rank 3: 5; rank 4: SIGKILL". pid 0: not started. */
void ipcr_exits_say(const struct ipcr_exit *exits, int size);

#endif
