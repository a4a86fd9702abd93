/* Where in a program an address lies. */
#ifndef IPCR_WHERE_H
#define IPCR_WHERE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { IPCR_WHERE = 96 }; /* bytes of a place in words */

/* Writes where the call was made that returns to `address` in the process: "jacobi.c:88" if the
 * program has debug information, else "solve+0x51 in jacobi" or "jacobi+0x1251", and "" if nothing
 * is known, or without libdw. Files are read once and kept. */
void ipcr_where(pid_t pid, uint64_t address, char *text, size_t room);

#endif
