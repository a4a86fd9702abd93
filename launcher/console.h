/* The user's terminal, when ranks run under a debugger (--gdb): what is typed goes to one of them
 * at a time. Ctrl-] hands the terminal to the next one, and so does the end of its rank. */
#ifndef IPCR_CONSOLE_H
#define IPCR_CONSOLE_H

#include <stdbool.h>

/* Size of the terminal, for those of the ranks; zeros without one. */
void ipcr_console_size(int *rows, int *columns);
/* debugged[r]: rank r has a debugger. Takes the terminal until the job ends. */
void ipcr_console_start(bool *debugged);
/* The rank has ended. */
void ipcr_console_gone(int rank);
/* Gives the terminal back as it was. */
void ipcr_console_stop(void);

#endif
