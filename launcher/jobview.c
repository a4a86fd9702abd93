/* What a head tells other ipcruns about its job. */
#include "jobview.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

socklen_t ipcr_jobview_address(struct sockaddr_un *to, uid_t uid, pid_t head)
{
    *to = (struct sockaddr_un){.sun_family = AF_UNIX};
    int n = snprintf(to->sun_path + 1, sizeof to->sun_path - 1, "%s%u/%d", &IPCR_JOBVIEW_NAME[1],
                     (unsigned)uid, (int)head);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static bool get_ranks(struct ipcr_reader *r, struct ipcr_jobview *v)
{
    uint32_t n = ipcr_get_count(r, 4 + IPCR_SLEEPER_MIN);
    if (n == 0 || n > IPCR_RANKS_MAX)
        return false;
    v->size = (int)n;
    v->node_of = ipcr_alloc(n * sizeof *v->node_of);
    v->all = ipcr_alloc(n * sizeof *v->all);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t node = ipcr_get_u32(r);
        if (!ipcr_get_sleeper(r, &v->all[i]) || node >= (uint32_t)v->nodes)
            return false;
        v->node_of[i] = (int)node;
    }
    return true;
}

static bool get_all(struct ipcr_reader *r, struct ipcr_jobview *v)
{
    snprintf(v->id, sizeof v->id, "%s", ipcr_get_text(r));
    v->command = ipcr_copy(ipcr_get_text(r));
    v->ms = ipcr_get_u64(r);
    v->nodes = (int)ipcr_get_count(r, 5);
    for (int i = 0; i < v->nodes; i++)
        ipcr_words_add(&v->hosts, ipcr_copy(ipcr_get_text(r)));
    return !r->bad && get_ranks(r, v);
}

bool ipcr_jobview_get(struct ipcr_reader *r, struct ipcr_jobview *v)
{
    struct ipcr_jobview fresh = {0};
    if (!get_all(r, &fresh)) {
        ipcr_jobview_free(&fresh);
        return false;
    }
    ipcr_jobview_free(v);
    *v = fresh;
    return true;
}

void ipcr_jobview_ranks(char *text, size_t room, const int *ranks, int n)
{
    char part[32];
    size_t used = 0;
    text[0] = 0;
    for (int i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && ranks[end] == ranks[end - 1] + 1;)
            end++;
        int len = end - i > 1 ? snprintf(part, sizeof part, "%d-%d", ranks[i], ranks[end - 1])
                              : snprintf(part, sizeof part, "%d", ranks[i]);
        if (used + (size_t)len + sizeof ", ..." + 2 > room) {
            snprintf(text + used, room - used, "%s...", i ? ", " : "");
            return;
        }
        used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "", part);
    }
}

void ipcr_jobview_free(struct ipcr_jobview *v)
{
    free(v->command);
    ipcr_words_free(&v->hosts);
    free(v->node_of);
    free(v->all);
    *v = (struct ipcr_jobview){0};
}
