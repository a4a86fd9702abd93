/* A job in plain text. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hang.h"
#include "look_job.h"

static void say_time(FILE *to, uint64_t ms)
{
    uint64_t s = ms / 1000;
    if (s < 60)
        fprintf(to, "%.1f s", (double)ms / 1000);
    else if (s < 3600)
        fprintf(to, "%d min %02d s", (int)(s / 60), (int)(s % 60));
    else
        fprintf(to, "%d h %02d min", (int)(s / 3600), (int)(s / 60 % 60));
}

void ipcr_look_say_job(FILE *to, const struct ipcr_job *j)
{
    const struct ipcr_jobview *v = &j->view;
    fprintf(to, "job %d (%s)", j->pid, v->id);
    if (j->uid != geteuid())
        fprintf(to, " of user %u", (unsigned)j->uid);
    fprintf(to, ": %d rank%s on ", v->size, v->size == 1 ? "" : "s");
    if (v->nodes == 1)
        fputs(v->hosts.at[0], to);
    else
        fprintf(to, "%d hosts", v->nodes);
    fputs(", for ", to);
    say_time(to, v->ms);
    fprintf(to, ": %s", v->command);
}

static void say_hosts(FILE *to, const struct ipcr_jobview *v)
{
    int *ranks = ipcr_alloc((size_t)v->size * sizeof *ranks);
    char text[256];
    for (int node = 0; v->nodes > 1 && node < v->nodes; node++) {
        int n = 0;
        for (int i = 0; i < v->size; i++)
            if (v->node_of[i] == node)
                ranks[n++] = i;
        ipcr_jobview_ranks(text, sizeof text, ranks, n);
        fprintf(to, "on %s: rank%s %s\n", v->hosts.at[node], n == 1 ? "" : "s", text);
    }
    free(ranks);
}

void ipcr_look_say_ranks(FILE *to, const struct ipcr_job *j)
{
    ipcr_look_say_job(to, j);
    fputc('\n', to);
    say_hosts(to, &j->view);
    char *words = ipcr_hang_words(j->view.all, j->view.size, false, "");
    if (words)
        fputs(words, to);
    free(words);
}
