/* Which hosts of the list are used, and in which order. */
#include "hostpick.h"

#include <stdlib.h>

bool ipcr_hostpick_no_local(struct ipcr_hosts *h)
{
    int n = 0;
    for (int i = 0; i < h->n; i++)
        if (h->at[i].local)
            free(h->at[i].name);
        else
            h->at[n++] = h->at[i];
    h->n = n;
    return n > 0;
}

void ipcr_hostpick_order(struct ipcr_hosts *h, int direction)
{
    for (int i = 1; i < h->n; i++) {
        struct ipcr_host host = h->at[i];
        int k = i;
        for (; k > 0 && direction * (h->at[k - 1].slots - host.slots) > 0; k--)
            h->at[k] = h->at[k - 1];
        h->at[k] = host;
    }
}
