/* What a shell completes for ipcrun, from the table of options. */
#ifndef IPCR_COMPLETION_H
#define IPCR_COMPLETION_H

/* Prints the script for bash, which make installs. */
void ipcr_completion_print(void);

#endif
