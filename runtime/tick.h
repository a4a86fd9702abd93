/* CLOCK_MONOTONIC for who asks often (--stats, --trace): by the processor's own counter where the
 * kernel keeps its time by that, too. Measured on a busy virtual machine: 24 ns instead of 69.
 *
 * Never goes back. Under the library lock. */
#ifndef IPCR_TICK_H
#define IPCR_TICK_H

#include <stdint.h>

/* Once, before the first look. */
void ipcr_tick_open(void);
uint64_t ipcr_tick_ns(void);

#endif
