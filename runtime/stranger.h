/* Other launchers, which mean several ranks and give them no way to meet that this library knows.
 * Without this look each of their processes would be a world of one and compute the same result. */
#ifndef IPCR_STRANGER_H
#define IPCR_STRANGER_H

/* Whether the environment says that this process is one of several ranks of another launcher:
 * -ENOTSUP then, with the facts noted, else 0. Only for a process that ipcrun did not start. */
int ipcr_stranger_check(void);

#endif
