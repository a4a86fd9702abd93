/* Info objects. */
#include "info.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "graveyard.h"
#include "observe.h"

struct ipcr_info ipcr_info_env = {.magic = IPCR_INFO_MAGIC};

static struct ipcr_graveyard graves;

struct ipcr_info *ipcr_info_new(void)
{
    struct ipcr_info *info = ipcr_grave_take(&graves, sizeof *info);
    if (info)
        info->magic = IPCR_INFO_MAGIC;
    return info;
}

struct ipcr_info *ipcr_info_copy(const struct ipcr_info *from)
{
    struct ipcr_info *info = ipcr_info_new();
    for (int i = 0; info && i < from->count; i++) {
        if (ipcr_info_set(info, from->pairs[i].key, from->pairs[i].value) != MPI_SUCCESS) {
            ipcr_info_free(info);
            return NULL;
        }
    }
    return info;
}

void ipcr_info_clear(struct ipcr_info *info)
{
    for (int i = 0; i < info->count; i++) {
        free(info->pairs[i].key);
        free(info->pairs[i].value);
    }
    free(info->pairs);
    info->pairs = NULL;
    info->count = info->room = 0;
}

MPI_Info ipcr_info_hand_out(struct ipcr_info *info)
{
    IPCR_OBSERVE(object, IPCR_OBJECT_INFO, info, true);
    return (MPI_Info)info;
}

void ipcr_info_free(struct ipcr_info *info)
{
    if (!info)
        return;
    ipcr_info_clear(info);
    ipcr_grave_put(&graves, info);
}

void ipcr_info_finish(void)
{
    ipcr_info_clear(&ipcr_info_env);
    ipcr_grave_empty(&graves);
}

static struct ipcr_info_pair *find(const struct ipcr_info *info, const char *key)
{
    for (int i = 0; i < info->count; i++)
        if (strcmp(info->pairs[i].key, key) == 0)
            return &info->pairs[i];
    return NULL;
}

/* A pair with this key and no value yet; NULL: no memory. */
static struct ipcr_info_pair *append(struct ipcr_info *info, const char *key)
{
    if (info->count == info->room) {
        int room = info->room ? 2 * info->room : 8;
        struct ipcr_info_pair *more = realloc(info->pairs, (size_t)room * sizeof *more);
        if (!more)
            return NULL;
        info->pairs = more;
        info->room = room;
    }
    struct ipcr_info_pair *pair = &info->pairs[info->count];
    *pair = (struct ipcr_info_pair){.key = strdup(key)};
    if (!pair->key)
        return NULL;
    info->count++;
    return pair;
}

int ipcr_info_set(struct ipcr_info *info, const char *key, const char *value)
{
    char *copy = strdup(value);
    struct ipcr_info_pair *pair = copy ? find(info, key) : NULL;
    if (copy && !pair)
        pair = append(info, key);
    if (!pair) {
        free(copy);
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for info key '%s'", key);
    }
    free(pair->value);
    pair->value = copy;
    return MPI_SUCCESS;
}

const char *ipcr_info_get(const struct ipcr_info *info, const char *key)
{
    const struct ipcr_info_pair *pair = find(info, key);
    return pair ? pair->value : NULL;
}

int ipcr_info_delete(struct ipcr_info *info, const char *key)
{
    struct ipcr_info_pair *pair = find(info, key);
    if (!pair)
        return ipcr_err_note(MPI_ERR_INFO_NOKEY, "the info object has no key '%s'", key);
    free(pair->key);
    free(pair->value);
    info->count--;
    memmove(pair, pair + 1, (size_t)(&info->pairs[info->count] - pair) * sizeof *pair);
    return MPI_SUCCESS;
}
