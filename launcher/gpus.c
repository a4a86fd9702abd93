/* Devices for each rank of a host. */
#include "gpus.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto.h"

/* NVIDIA's, AMD's, Intel's. */
static const char *const variables[] = {"CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
                                        "ZE_AFFINITY_MASK"};

const char *ipcr_gpus_variable(int i)
{
    return (size_t)i < sizeof variables / sizeof *variables ? variables[i] : NULL;
}

static int items_of(const char *list)
{
    int n = 1;
    for (const char *at = list; *at; at++)
        n += *at == ',';
    return n;
}

static void put_item(struct ipcr_buf *to, const char *list, int item)
{
    for (; item > 0; item--)
        list = strchr(list, ',') + 1;
    ipcr_put_raw(to, list, strcspn(list, ","));
}

char *ipcr_gpus_of(const char *named, int each, int local_rank)
{
    struct ipcr_buf text = {0};
    char number[16];
    int items = named && *named ? items_of(named) : 0;
    for (int i = 0; i < each; i++) {
        int device = local_rank * each + i;
        if (i)
            ipcr_put_u8(&text, ',');
        if (items)
            put_item(&text, named, device % items);
        else
            ipcr_put_raw(&text, number, (size_t)snprintf(number, sizeof number, "%d", device));
    }
    ipcr_put_u8(&text, 0);
    return (char *)text.data;
}
