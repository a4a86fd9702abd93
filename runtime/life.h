/* The life of the library in a process, below the two models in which programs start MPI: the world
 * (MPI_Init .. MPI_Finalize, once) and any number of sessions, before, after and around it. MPI 5.0
 * chapter 11.
 *
 * The machinery (control channel, node segment, transports, matching) comes up with the first of
 * them and stays until the process ends. It cannot start anew on one side: rings and connections
 * have a state in common with other ranks, which may go on, and may be in their next session
 * already when this rank has yet to begin it. What belongs to programs (communicators) goes with
 * the last user. */
#ifndef IPCR_LIFE_H
#define IPCR_LIFE_H

enum ipcr_model { IPCR_MODEL_WORLD, IPCR_MODEL_SESSION };

/* One user more, at this thread level: afterwards calls are let in. Ends the job when the library
 * cannot start. One user less. Any thread may call both, without holding the library lock. */
void ipcr_life_begin(enum ipcr_model model, int level);
void ipcr_life_end(enum ipcr_model model);

/* From here on this rank starts no message in the world: the status board says so. */
void ipcr_life_leave_world(void);

#endif
