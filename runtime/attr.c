/* Attributes on objects of any kind. */
#include "attr.h"

#include <stdlib.h>

#include "err.h"
#include "lock.h"

struct keyval {
    int number;
    int refs; /* the program's, until it frees the key; and one per attribute */
    bool freed;
    struct ipcr_attr_functions call;
    void *extra_state;
};

struct ipcr_attr { /* an object's list, latest first */
    struct ipcr_attr *next;
    struct keyval *key;
    void *value;
};

/* What errors call an object. */
static const char *const kind_names[] = {"communicator", "datatype"};

/* ---- keys -------------------------------------------------------------------------------------
 */

/* Numbers are FIRST_NUMBER + slot, away from the predefined keys. Slots are reused. */
enum { FIRST_NUMBER = 0x10000 };
static struct keyval **keys;
static int key_slots;

/* The key with this number if it is for this kind; NULL: noted. */
static struct keyval *key_of(enum ipcr_attr_kind kind, int number)
{
    struct keyval *key = NULL;
    if (number >= FIRST_NUMBER && number < FIRST_NUMBER + key_slots)
        key = keys[number - FIRST_NUMBER];
    if (!key)
        ipcr_err_note(MPI_ERR_KEYVAL, "%d is not an attribute key, or was freed", number);
    else if (key->call.kind != kind)
        ipcr_err_note(MPI_ERR_KEYVAL, "attribute key %d is for a %s, not for a %s", number,
                      kind_names[key->call.kind], kind_names[kind]);
    return key && key->call.kind == kind ? key : NULL;
}

static int free_slot(void)
{
    for (int i = 0; i < key_slots; i++)
        if (!keys[i])
            return i;
    struct keyval **more = realloc(keys, (size_t)(key_slots + 1) * sizeof *keys);
    if (!more)
        return -1;
    keys = more;
    keys[key_slots] = NULL;
    return key_slots++;
}

int ipcr_keyval_new(const struct ipcr_attr_functions *functions, void *extra_state, int *number)
{
    if (!number)
        return ipcr_err_note(MPI_ERR_ARG, "there is no place for the key: a null pointer");
    int slot = free_slot();
    struct keyval *key = slot < 0 ? NULL : malloc(sizeof *key);
    if (!key)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for an attribute key");
    *key = (struct keyval){
        .number = FIRST_NUMBER + slot, .refs = 1, .call = *functions, .extra_state = extra_state};
    keys[slot] = key;
    *number = key->number;
    return MPI_SUCCESS;
}

static void release_key(struct keyval *key)
{
    if (--key->refs)
        return;
    keys[key->number - FIRST_NUMBER] = NULL;
    free(key);
}

int ipcr_keyval_free(enum ipcr_attr_kind kind, int *number)
{
    if (!number)
        return ipcr_err_note(MPI_ERR_ARG, "the pointer to the key is a null pointer");
    struct keyval *key = key_of(kind, *number);
    if (!key)
        return MPI_ERR_KEYVAL;
    if (key->freed)
        return ipcr_err_note(MPI_ERR_KEYVAL, "attribute key %d was freed before", *number);
    key->freed = true;
    release_key(key);
    *number = MPI_KEYVAL_INVALID;
    return MPI_SUCCESS;
}

/* ---- the program's functions ------------------------------------------------------------------
 */

/* They may call MPI; errors found after them still belong to the outer call. */
static int call_drop(struct ipcr_attr_holder on, const struct ipcr_attr *a)
{
    const struct keyval *key = a->key;
    const char *call = ipcr_door.call;
    int rc = MPI_SUCCESS;
    if (key->call.drop.comm == MPI_COMM_NULL_DELETE_FN)
        return MPI_SUCCESS;
    switch (on.kind) {
    case IPCR_ATTR_COMM:
        rc = key->call.drop.comm(on.handle, key->number, a->value, key->extra_state);
        break;
    case IPCR_ATTR_TYPE:
        rc = key->call.drop.type(on.handle, key->number, a->value, key->extra_state);
        break;
    }
    ipcr_door.call = call;
    return rc == MPI_SUCCESS
               ? MPI_SUCCESS
               : ipcr_err_note(rc, "the delete function of attribute key %d said so", key->number);
}

static int call_copy(struct ipcr_attr_holder from, const struct ipcr_attr *a, void **value,
                     int *flag)
{
    const struct keyval *key = a->key;
    const char *call = ipcr_door.call;
    int rc = MPI_SUCCESS;
    *flag = key->call.copy.comm == MPI_COMM_DUP_FN;
    *value = a->value;
    if (*flag || key->call.copy.comm == MPI_COMM_NULL_COPY_FN)
        return MPI_SUCCESS;
    switch (from.kind) {
    case IPCR_ATTR_COMM:
        rc = key->call.copy.comm(from.handle, key->number, key->extra_state, a->value, value, flag);
        break;
    case IPCR_ATTR_TYPE:
        rc = key->call.copy.type(from.handle, key->number, key->extra_state, a->value, value, flag);
        break;
    }
    ipcr_door.call = call;
    return rc == MPI_SUCCESS
               ? MPI_SUCCESS
               : ipcr_err_note(rc, "the copy function of attribute key %d said so", key->number);
}

/* ---- attributes -------------------------------------------------------------------------------
 */

/* The link that points to key's attribute, or the NULL at the end of the list. */
static struct ipcr_attr **find(struct ipcr_attr **list, const struct keyval *key)
{
    while (*list && (*list)->key != key)
        list = &(*list)->next;
    return list;
}

/* Puts an attribute in front of *at. */
static int insert(struct ipcr_attr **at, struct keyval *key, void *value)
{
    struct ipcr_attr *a = malloc(sizeof *a);
    if (!a)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for an attribute");
    *a = (struct ipcr_attr){.next = *at, .key = key, .value = value};
    key->refs++;
    *at = a;
    return MPI_SUCCESS;
}

static void take_out(struct ipcr_attr **at)
{
    struct ipcr_attr *a = *at;
    *at = a->next;
    release_key(a->key);
    free(a);
}

int ipcr_attr_set(struct ipcr_attr_holder on, int number, void *value)
{
    struct keyval *key = key_of(on.kind, number);
    if (!key)
        return MPI_ERR_KEYVAL;
    struct ipcr_attr **at = find(on.list, key);
    if (!*at)
        return insert(on.list, key, value);
    int rc = call_drop(on, *at);
    if (rc != MPI_SUCCESS)
        return rc;
    /* The delete function may have changed the list. */
    at = find(on.list, key);
    if (!*at)
        return insert(on.list, key, value);
    (*at)->value = value;
    return MPI_SUCCESS;
}

int ipcr_attr_get(struct ipcr_attr_holder on, int number, void **value, bool *found)
{
    const struct keyval *key = key_of(on.kind, number);
    if (!key)
        return MPI_ERR_KEYVAL;
    const struct ipcr_attr *a = *find(on.list, key);
    *found = a != NULL;
    if (a)
        *value = a->value;
    return MPI_SUCCESS;
}

int ipcr_attr_delete(struct ipcr_attr_holder on, int number)
{
    const struct keyval *key = key_of(on.kind, number);
    if (!key)
        return MPI_ERR_KEYVAL;
    struct ipcr_attr **at = find(on.list, key);
    if (!*at)
        return ipcr_err_note(MPI_ERR_KEYVAL, "the %s has no attribute with key %d",
                             kind_names[on.kind], number);
    int rc = call_drop(on, *at);
    at = find(on.list, key);
    if (rc == MPI_SUCCESS && *at)
        take_out(at);
    return rc;
}

int ipcr_attr_copy_all(struct ipcr_attr_holder from, struct ipcr_attr_holder to)
{
    struct ipcr_attr **end = to.list;
    for (const struct ipcr_attr *a = *from.list; a; a = a->next) {
        void *value;
        int flag, rc = call_copy(from, a, &value, &flag);
        if (rc == MPI_SUCCESS && flag)
            rc = insert(end, a->key, value);
        if (rc != MPI_SUCCESS)
            return rc;
        if (flag)
            end = &(*end)->next;
    }
    return MPI_SUCCESS;
}

int ipcr_attr_delete_all(struct ipcr_attr_holder on)
{
    while (*on.list) {
        const struct keyval *key = (*on.list)->key;
        int rc = call_drop(on, *on.list);
        if (rc != MPI_SUCCESS)
            return rc;
        struct ipcr_attr **at = find(on.list, key); /* the function may have changed the list */
        if (*at)
            take_out(at);
    }
    return MPI_SUCCESS;
}

void ipcr_attr_drop_all(struct ipcr_attr_holder on)
{
    while (*on.list)
        take_out(on.list);
}

void ipcr_attr_finish(void)
{
    for (int i = 0; i < key_slots; i++)
        free(keys[i]);
    free(keys);
    keys = NULL;
    key_slots = 0;
}
