/* The job as this process sees it: who am I, how many are we, who shares my node.
 *
 * Filled once by ipcr_boot_open() (boot.c) and constant afterwards; every array belongs to boot.c
 * and lives until ipcr_boot_close(). "World rank" is the rank in MPI_COMM_WORLD. */
#ifndef IPCR_JOB_H
#define IPCR_JOB_H

#include <stdbool.h>
#include <stdint.h>

#define IPCR_SECRET_BYTES 32
#define IPCR_JOBID_BYTES  16 /* text, NUL-terminated: unique per job, free of the secret */

/* Descriptors that lead to another rank of the node, made by the agent and inherited: what is
 * written to `out` there arrives at `in`. One and the same for a socket. */
struct ipcr_channel {
    int in, out; /* -1: none (to oneself) */
};

struct ipcr_job {
    int rank, size;
    int node, nodes;            /* index of my node, number of nodes */
    int local_rank, local_size; /* my place among the ranks of my node */
    const int *node_of;         /* [size] node of each world rank */
    const int *local_of;        /* [size] local rank of each world rank on its node */
    int appnum;                 /* which ':' part of the command line, from 0 */
    int universe;               /* MPI_UNIVERSE_SIZE: slots given to the job */
    int cores;       /* CPUs the ranks of this node may use: affinity mask and cgroup quota */
    int seg_fd;      /* memfd of the node segment (seg.h), or -1: make a private one */
    const char *dir; /* the job's directory, where a transport in use needs one; else "" */
    const struct ipcr_channel
        *channels; /* [local_size] if a transport in use needs them, or NULL */
    bool launched; /* false: no launcher started it, a world of one */
    char id[IPCR_JOBID_BYTES];
    char host[256];
    uint8_t secret[IPCR_SECRET_BYTES]; /* proves membership to other nodes; never printed */
};

extern struct ipcr_job ipcr_job;

#endif
