/* `ipcrun --info`: what this build is, and what this machine lets it do.
 *   info.c      the report
 *   info_try.c  what has to be tried to be known */
#ifndef IPCR_INFO_H
#define IPCR_INFO_H

#include <stdbool.h>
#include <stddef.h>

/* Prints the report; an exit status. exe: this program, which runs itself as a job of two ranks for
 * each transport. */
int ipcr_info_show(const char *exe);

/* The hidden word by which ipcrun starts itself as such a rank. */
bool ipcr_info_is_child(int argc, char **argv);
int ipcr_info_child(int argc, char **argv);

/* info_try.c. Each is 0 or an errno. */
int ipcr_try_memfd(void);
/* May a process of this user read the memory of its brother? That is how large messages travel. */
int ipcr_try_read(void);
/* Two ranks exchange a message over this transport. NULL: it works; else why not, to be freed. */
char *ipcr_try_transport(const char *exe, const char *name);

#endif
