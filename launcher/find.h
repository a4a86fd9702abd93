/* Finding programs. */
#ifndef IPCR_FIND_H
#define IPCR_FIND_H

#include "agent.h"

/* The program of app->argv.at[0]: to found[PATH_MAX], as it is called from the directory. False:
 * told the head why not; one that is linked with another MPI is not for several ranks. */
bool ipcr_find_program(struct ipcr_agent *a, const struct ipcr_app *app, int dir_fd, char *found);

#endif
