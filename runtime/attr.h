/* Attributes: values that programs and libraries hang on objects, and the keys they are found by.
 * MPI 5.0 section 7.7.
 *
 * A key is for one kind of object, and lives until it is freed and no object carries it any more.
 * The program's copy and delete functions are called here, under the library lock; what they return
 * other than MPI_SUCCESS is passed on as the error. Another kind of object (windows) needs a row in
 * the enum, a member in the unions, and a case where they are called. */
#ifndef IPCR_ATTR_H
#define IPCR_ATTR_H

#include <stdbool.h>
#include <stddef.h>

#include "mpi.h"

struct ipcr_attr; /* an object's list: a pointer to the latest, NULL if there is none */

enum ipcr_attr_kind { IPCR_ATTR_COMM, IPCR_ATTR_TYPE };

/* An object as its attributes see it. */
struct ipcr_attr_holder {
    enum ipcr_attr_kind kind;
    void *handle;
    struct ipcr_attr **list;
};

/* The program's functions; the ready-made ones have the same values whatever the kind. */
struct ipcr_attr_functions {
    enum ipcr_attr_kind kind;
    union {
        MPI_Comm_copy_attr_function *comm;
        MPI_Type_copy_attr_function *type;
    } copy;
    union {
        MPI_Comm_delete_attr_function *comm;
        MPI_Type_delete_attr_function *type;
    } drop;
};

/* All of these return MPI_SUCCESS or a class with the facts noted: MPI_ERR_KEYVAL for a key that is
 * not there, is for another kind, or (free) has been freed; MPI_ERR_ARG, MPI_ERR_NO_MEM; or what a
 * function of the program's said. A key that was freed goes on being found by its number until its
 * last value is gone (section 7.7.2). */
int ipcr_keyval_new(const struct ipcr_attr_functions *functions, void *extra_state, int *number);
int ipcr_keyval_free(enum ipcr_attr_kind kind, int *number);

/* Replaces what is there, after its delete function. */
int ipcr_attr_set(struct ipcr_attr_holder on, int number, void *value);
/* *value is only written if there is one. */
int ipcr_attr_get(struct ipcr_attr_holder on, int number, void **value, bool *found);
int ipcr_attr_delete(struct ipcr_attr_holder on, int number);

/* For a duplicate: what the copy functions let through, in the same order. On an error `to` keeps
 * what was copied before. */
int ipcr_attr_copy_all(struct ipcr_attr_holder from, struct ipcr_attr_holder to);
/* Latest first. Stops at the first error; that attribute and those set before it stay. */
int ipcr_attr_delete_all(struct ipcr_attr_holder on);
/* Forgets them without calling anybody: for objects that the program never freed. */
void ipcr_attr_drop_all(struct ipcr_attr_holder on);

void ipcr_attr_finish(void);

#endif
