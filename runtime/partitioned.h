/* Partitioned communication: one message whose parts become ready one after the other. MPI 5.0
 * chapter 4.
 *
 * Each of the sender's partitions is a message of its own, sent when it is ready, in a context
 * of their own beside each of the program's (ctxid.h). The sender's MPI_Psend_init announces with
 * one short message what is going to come: how many parts, of how many bytes, under which tags.
 * MPI_Precv_init posts a receive for this announcement with the program's rank and tag; so the two
 * sides match in the order of their init calls, as section 4.2 wants it. From then on each start of
 * the receive posts one receive for each part. Nothing goes from the receiver to the sender, and
 * neither waits for the other to start: parts that come early wait among the unexpected messages.
 *
 * Tags of parts are numbers that the sender's process takes in turn from 2^30, so two requests
 * share them only if that many partitions were set up between them. Announcements have the
 * program's tags, which are not negative; parts have negative ones.
 *
 * All functions are called with the library lock held; none blocks. */
#ifndef IPCR_PARTITIONED_H
#define IPCR_PARTITIONED_H

#include "p2p.h"

struct ipcr_req;

/* Persistent requests for `partitions` partitions of m->count elements each. They keep m's type and
 * communicator. MPI_SUCCESS or an error class (noted). */
int ipcr_part_send_init(const struct ipcr_msg *m, int partitions, struct ipcr_req **req);
int ipcr_part_recv_init(const struct ipcr_msg *m, int partitions, struct ipcr_req **req);

/* The partitions low to high (included) of an active send are ready. MPI_SUCCESS, or an error class
 * (noted) for a request or a partition that cannot be; then none of them has gone out. */
int ipcr_part_ready(struct ipcr_req *req, int low, int high);

/* Whether a partition of a receive is there, of an inactive one always. */
int ipcr_part_arrived(struct ipcr_req *req, int partition, bool *flag);

#endif
