/* Text with signs in it that stand for a rank: %r is the rank, %h its host, %p the number of that,
 * %g the job's number, 0, %t the time in seconds, %% a per cent sign. Other signs stay as they are.
 */
#ifndef IPCR_PATTERN_H
#define IPCR_PATTERN_H

#include "plan.h"

/* Adds what the pattern says of this rank now. */
void ipcr_pattern_put(struct ipcr_buf *to, const char *pattern, const struct ipcr_plan *plan,
                      int rank);

#endif
