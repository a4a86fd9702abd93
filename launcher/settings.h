/* Settings: the variables IPCRUN_..., from the environment or, where that is silent, from a file of
 * the user or of the system. One table: the library's rows (env.def) and the launcher's own.
 *
 * A file has lines NAME = VALUE, with or without IPCRUN_ in front and in either case; # begins a
 * comment. The user's file is $XDG_CONFIG_HOME/ipcrun/settings (~/.config without that variable),
 * the system's ipcrun.conf in the configured sysconfdir. */
#ifndef IPCR_SETTINGS_H
#define IPCR_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#define IPCR_GDB      "gdb --args"
#define IPCR_VALGRIND "valgrind -q"

/* Gives the environment of this process what the files say and it does not, so that the ranks get
 * it like any other variable. False with a sentence that names file and line. */
bool ipcr_settings_load(char *why, size_t room);

/* Prints every setting with its value, where that comes from, and what it is for. After load. An
 * exit status. */
int ipcr_settings_show(void);

#endif
