/* MPI calls on info objects. MPI 5.0 chapter 10. All are legal before MPI_Init and after
 * MPI_Finalize, too. */
#include <string.h>

#include "err.h"
#include "info.h"
#include "infoenv.h"
#include "lock.h"
#include "observe.h"

static int bad_info(MPI_Info info)
{
    return IPCR_RAISE(NULL, MPI_ERR_INFO, "%p is not an info object", (void *)info);
}

static bool good_key(const char *key)
{
    return key && *key && strnlen(key, MPI_MAX_INFO_KEY) < MPI_MAX_INFO_KEY;
}

static int bad_key(const char *key)
{
    if (!key || !*key)
        return IPCR_RAISE(NULL, MPI_ERR_INFO_KEY, "the key is %s", key ? "empty" : "NULL");
    return IPCR_RAISE(NULL, MPI_ERR_INFO_KEY, "the key '%.40s...' is longer than %d characters",
                      key, MPI_MAX_INFO_KEY - 1);
}

static int hand_out(struct ipcr_info *i, MPI_Info *info)
{
    if (!i)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for an info object");
    *info = ipcr_info_hand_out(i);
    return IPCR_LEAVE();
}

int PMPI_Info_create(MPI_Info *info)
{
    IPCR_ENTER_ANY("MPI_Info_create");
    if (!info)
        return IPCR_NO_PLACE("info object");
    return hand_out(ipcr_info_new(), info);
}
IPCR_ALIAS(Info_create);

/* What MPI_INFO_ENV has, for programs that start no world. */
int PMPI_Info_create_env(int argc, char *argv[], MPI_Info *info)
{
    IPCR_ENTER_ANY("MPI_Info_create_env");
    if (!info || argc < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "argc is %d, the place for the info object is %p",
                          argc, (void *)info);
    struct ipcr_info *i = ipcr_info_new();
    if (i)
        ipcr_infoenv_describe(i, argc, argv);
    return hand_out(i, info);
}
IPCR_ALIAS(Info_create_env);

int PMPI_Info_dup(MPI_Info info, MPI_Info *newinfo)
{
    IPCR_ENTER_ANY("MPI_Info_dup");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (!newinfo)
        return IPCR_NO_PLACE("info object");
    return hand_out(ipcr_info_copy(i), newinfo);
}
IPCR_ALIAS(Info_dup);

int PMPI_Info_free(MPI_Info *info)
{
    IPCR_ENTER_ANY("MPI_Info_free");
    struct ipcr_info *i = info ? ipcr_info_of(*info) : NULL;
    if (!i || i == &ipcr_info_env)
        return bad_info(info ? *info : MPI_INFO_NULL);
    IPCR_OBSERVE(object, IPCR_OBJECT_INFO, i, false);
    ipcr_info_free(i);
    *info = MPI_INFO_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Info_free);

int PMPI_Info_set(MPI_Info info, const char *key, const char *value)
{
    IPCR_ENTER_ANY("MPI_Info_set");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (i == &ipcr_info_env)
        return IPCR_RAISE(NULL, MPI_ERR_INFO, "MPI_INFO_ENV can only be read");
    if (!good_key(key))
        return bad_key(key);
    if (!value || strnlen(value, MPI_MAX_INFO_VAL) == MPI_MAX_INFO_VAL)
        return IPCR_RAISE(NULL, MPI_ERR_INFO_VALUE, "the value for '%s' is %s", key,
                          value ? "longer than MPI_MAX_INFO_VAL - 1" : "NULL");
    return IPCR_FINISH(NULL, ipcr_info_set(i, key, value));
}
IPCR_ALIAS(Info_set);

int PMPI_Info_delete(MPI_Info info, const char *key)
{
    IPCR_ENTER_ANY("MPI_Info_delete");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (i == &ipcr_info_env)
        return IPCR_RAISE(NULL, MPI_ERR_INFO, "MPI_INFO_ENV can only be read");
    if (!good_key(key))
        return bad_key(key);
    return IPCR_FINISH(NULL, ipcr_info_delete(i, key));
}
IPCR_ALIAS(Info_delete);

/* Copies what fits into `room` bytes, zero included. */
static void copy_value(char *to, size_t room, const char *value)
{
    size_t len = strnlen(value, room - 1);
    memcpy(to, value, len);
    to[len] = 0;
}

int PMPI_Info_get_string(MPI_Info info, const char *key, int *buflen, char *value, int *flag)
{
    IPCR_ENTER_ANY("MPI_Info_get_string");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (!good_key(key))
        return bad_key(key);
    if (!buflen || !flag)
        return IPCR_NO_PLACE(buflen ? "flag" : "length");
    if (*buflen < 0 || (*buflen > 0 && !value))
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "the room for the value is %d bytes at %p", *buflen,
                          (void *)value);
    const char *found = ipcr_info_get(i, key);
    *flag = found != NULL;
    if (found) {
        if (*buflen > 0)
            copy_value(value, (size_t)*buflen, found);
        *buflen = (int)strlen(found) + 1;
    }
    return IPCR_LEAVE();
}
IPCR_ALIAS(Info_get_string);

int PMPI_Info_get_nkeys(MPI_Info info, int *nkeys)
{
    IPCR_ENTER_ANY("MPI_Info_get_nkeys");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (!nkeys)
        return IPCR_NO_PLACE("number of keys");
    *nkeys = i->count;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Info_get_nkeys);

int PMPI_Info_get_nthkey(MPI_Info info, int n, char *key)
{
    IPCR_ENTER_ANY("MPI_Info_get_nthkey");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (n < 0 || n >= i->count)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "n is %d; the info object has %d keys", n, i->count);
    if (!key)
        return IPCR_NO_PLACE("key");
    strcpy(key, i->pairs[n].key); /* MPI_MAX_INFO_KEY bytes are the caller's duty */
    return IPCR_LEAVE();
}
IPCR_ALIAS(Info_get_nthkey);

int PMPI_Info_get(MPI_Info info, const char *key, int valuelen, char *value, int *flag)
{
    IPCR_ENTER_ANY("MPI_Info_get");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (!good_key(key))
        return bad_key(key);
    if (valuelen < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "valuelen is %d", valuelen);
    if (!value || !flag)
        return IPCR_NO_PLACE(value ? "flag" : "value");
    const char *found = ipcr_info_get(i, key);
    *flag = found != NULL;
    if (found)
        copy_value(value, (size_t)valuelen + 1, found); /* valuelen does not count the zero */
    return IPCR_LEAVE();
}
IPCR_ALIAS(Info_get);

int PMPI_Info_get_valuelen(MPI_Info info, const char *key, int *valuelen, int *flag)
{
    IPCR_ENTER_ANY("MPI_Info_get_valuelen");
    struct ipcr_info *i = ipcr_info_of(info);
    if (!i)
        return bad_info(info);
    if (!good_key(key))
        return bad_key(key);
    if (!valuelen || !flag)
        return IPCR_NO_PLACE(valuelen ? "flag" : "length");
    const char *found = ipcr_info_get(i, key);
    *flag = found != NULL;
    if (found)
        *valuelen = (int)strlen(found);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Info_get_valuelen);
