/* Text with signs in it that stand for a rank. */
#include "pattern.h"

#include <stdio.h>
#include <time.h>

static void put_sign(struct ipcr_buf *to, char sign, const struct ipcr_plan *plan, int rank)
{
    char text[32] = "";
    const char *host = plan->hosts.at[plan->node_of[rank]];
    switch (sign) {
    case 'r':
        snprintf(text, sizeof text, "%d", rank);
        break;
    case 'p':
        snprintf(text, sizeof text, "%d", plan->node_of[rank]);
        break;
    case 'g': /* of the job and those it might spawn, this is the first */
        strcpy(text, "0");
        break;
    case 't':
        snprintf(text, sizeof text, "%lld", (long long)time(NULL));
        break;
    case 'h':
        ipcr_put_raw(to, host, strlen(host));
        break;
    case '%':
        strcpy(text, "%");
        break;
    }
    ipcr_put_raw(to, text, strlen(text));
}

void ipcr_pattern_put(struct ipcr_buf *to, const char *pattern, const struct ipcr_plan *plan,
                      int rank)
{
    for (const char *at = pattern; *at; at++) {
        if (at[0] == '%' && at[1] && strchr("rpgth%", at[1]))
            put_sign(to, *++at, plan, rank);
        else
            ipcr_put_u8(to, (uint8_t)*at);
    }
}
