/* Attributes: values that programs and libraries hang on communicators, and the keys they are found
 * by. MPI 5.0 section 7.7.
 *
 * A key lives until it is freed and no communicator carries it any more. The user's copy and delete
 * functions are called here, under the library lock; what they return other than MPI_SUCCESS is
 * passed on as the error. */
#ifndef IPCR_ATTR_H
#define IPCR_ATTR_H

#include <stdbool.h>

#include "comm.h"

struct ipcr_keyval;

/* The key with this number, NULL if there is none. A freed one lives until its last value is gone
 * (section 7.7.2), and its number still finds it. */
struct ipcr_keyval *ipcr_keyval_of(int number);
/* Its number, or -1: no memory. */
int ipcr_keyval_new(MPI_Comm_copy_attr_function *copy, MPI_Comm_delete_attr_function *drop,
                    void *extra_state);
/* The program's hold on it ends; false: it had ended before. */
bool ipcr_keyval_free(struct ipcr_keyval *key);

bool ipcr_attr_get(const struct ipcr_comm *c, const struct ipcr_keyval *key, void **value);
/* Replaces what is there, after its delete function. */
int ipcr_attr_set(struct ipcr_comm *c, struct ipcr_keyval *key, void *value);
int ipcr_attr_delete(struct ipcr_comm *c, const struct ipcr_keyval *key);

/* For MPI_Comm_dup: what the copy functions let through, in the same order. On an error `to` keeps
 * what was copied before. */
int ipcr_attr_copy_all(const struct ipcr_comm *from, struct ipcr_comm *to);
/* Latest first. Stops at the first error; that attribute and those set before it stay. */
int ipcr_attr_delete_all(struct ipcr_comm *c);
/* Forgets them without calling anybody: for communicators that the program never freed. */
void ipcr_attr_drop_all(struct ipcr_comm *c);

void ipcr_attr_finish(void);

#endif
