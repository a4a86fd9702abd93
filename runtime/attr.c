/* Attributes on communicators. */
#include "attr.h"

#include <stdlib.h>

#include "err.h"
#include "lock.h"

struct ipcr_keyval {
    int number;
    int refs; /* the program's, until it frees the key; and one per attribute */
    bool freed;
    MPI_Comm_copy_attr_function *copy;
    MPI_Comm_delete_attr_function *drop;
    void *extra_state;
};

struct ipcr_attr { /* a communicator's list, latest first */
    struct ipcr_attr *next;
    struct ipcr_keyval *key;
    void *value;
};

/* Numbers are FIRST_NUMBER + slot, away from the predefined keys. Slots are reused. */
enum { FIRST_NUMBER = 0x10000 };
static struct ipcr_keyval **keys;
static int key_slots;

struct ipcr_keyval *ipcr_keyval_of(int number)
{
    if (number < FIRST_NUMBER || number >= FIRST_NUMBER + key_slots)
        return NULL;
    return keys[number - FIRST_NUMBER];
}

static int free_slot(void)
{
    for (int i = 0; i < key_slots; i++)
        if (!keys[i])
            return i;
    struct ipcr_keyval **more = realloc(keys, (size_t)(key_slots + 1) * sizeof *keys);
    if (!more)
        return -1;
    keys = more;
    keys[key_slots] = NULL;
    return key_slots++;
}

int ipcr_keyval_new(MPI_Comm_copy_attr_function *copy, MPI_Comm_delete_attr_function *drop,
                    void *extra_state)
{
    int slot = free_slot();
    struct ipcr_keyval *key = slot < 0 ? NULL : malloc(sizeof *key);
    if (!key)
        return -1;
    *key = (struct ipcr_keyval){.number = FIRST_NUMBER + slot,
                                .refs = 1,
                                .copy = copy,
                                .drop = drop,
                                .extra_state = extra_state};
    keys[slot] = key;
    return key->number;
}

static void release_key(struct ipcr_keyval *key)
{
    if (--key->refs)
        return;
    keys[key->number - FIRST_NUMBER] = NULL;
    free(key);
}

bool ipcr_keyval_free(struct ipcr_keyval *key)
{
    if (key->freed)
        return false;
    key->freed = true;
    release_key(key);
    return true;
}

/* The link that points to key's attribute, or the NULL at the end of the list. */
static struct ipcr_attr **find(struct ipcr_attr **list, const struct ipcr_keyval *key)
{
    while (*list && (*list)->key != key)
        list = &(*list)->next;
    return list;
}

bool ipcr_attr_get(const struct ipcr_comm *c, const struct ipcr_keyval *key, void **value)
{
    for (const struct ipcr_attr *a = c->attrs; a; a = a->next) {
        if (a->key == key) {
            *value = a->value;
            return true;
        }
    }
    return false;
}

/* The program's functions may call MPI; errors found after them still belong to the outer call. */
static int call_drop(const struct ipcr_comm *c, const struct ipcr_attr *a)
{
    const char *call = ipcr_call;
    if (a->key->drop == MPI_COMM_NULL_DELETE_FN)
        return MPI_SUCCESS;
    int rc = a->key->drop(c->handle, a->key->number, a->value, a->key->extra_state);
    ipcr_call = call;
    return rc == MPI_SUCCESS ? MPI_SUCCESS
                             : ipcr_err_note(rc, "the delete function of attribute key %d said so",
                                             a->key->number);
}

static int call_copy(const struct ipcr_comm *from, const struct ipcr_attr *a, void **value,
                     int *flag)
{
    const char *call = ipcr_call;
    *flag = a->key->copy == MPI_COMM_DUP_FN;
    *value = a->value;
    if (a->key->copy == MPI_COMM_NULL_COPY_FN || a->key->copy == MPI_COMM_DUP_FN)
        return MPI_SUCCESS;
    int rc = a->key->copy(from->handle, a->key->number, a->key->extra_state, a->value, value, flag);
    ipcr_call = call;
    return rc == MPI_SUCCESS
               ? MPI_SUCCESS
               : ipcr_err_note(rc, "the copy function of attribute key %d said so", a->key->number);
}

/* Puts an attribute in front of *at. */
static int insert(struct ipcr_attr **at, struct ipcr_keyval *key, void *value)
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

int ipcr_attr_set(struct ipcr_comm *c, struct ipcr_keyval *key, void *value)
{
    struct ipcr_attr **at = find(&c->attrs, key);
    if (!*at)
        return insert(&c->attrs, key, value);
    int rc = call_drop(c, *at);
    if (rc != MPI_SUCCESS)
        return rc;
    /* The delete function may have changed the list. */
    at = find(&c->attrs, key);
    if (!*at)
        return insert(&c->attrs, key, value);
    (*at)->value = value;
    return MPI_SUCCESS;
}

int ipcr_attr_delete(struct ipcr_comm *c, const struct ipcr_keyval *key)
{
    struct ipcr_attr **at = find(&c->attrs, key);
    if (!*at)
        return ipcr_err_note(MPI_ERR_KEYVAL, "the communicator has no attribute with key %d",
                             key->number);
    int rc = call_drop(c, *at);
    at = find(&c->attrs, key);
    if (rc == MPI_SUCCESS && *at)
        take_out(at);
    return rc;
}

int ipcr_attr_copy_all(const struct ipcr_comm *from, struct ipcr_comm *to)
{
    struct ipcr_attr **end = &to->attrs;
    for (const struct ipcr_attr *a = from->attrs; a; a = a->next) {
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

int ipcr_attr_delete_all(struct ipcr_comm *c)
{
    while (c->attrs) {
        const struct ipcr_keyval *key = c->attrs->key;
        int rc = call_drop(c, c->attrs);
        if (rc != MPI_SUCCESS)
            return rc;
        struct ipcr_attr **at = find(&c->attrs, key); /* the function may have changed the list */
        if (*at)
            take_out(at);
    }
    return MPI_SUCCESS;
}

void ipcr_attr_drop_all(struct ipcr_comm *c)
{
    while (c->attrs)
        take_out(&c->attrs);
}

void ipcr_attr_finish(void)
{
    for (int i = 0; i < key_slots; i++)
        free(keys[i]);
    free(keys);
    keys = NULL;
    key_slots = 0;
}
