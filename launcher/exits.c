/* How each rank ended, in one line. */
#include "exits.h"

#include <stdio.h>
#include <sys/wait.h>

#include "util.h"

static void put_ranks(struct ipcr_buf *b, int first, int last)
{
    char text[64];
    int n = first == last ? snprintf(text, sizeof text, "rank %d: ", first)
                          : snprintf(text, sizeof text, "ranks %d-%d: ", first, last);
    ipcr_put_raw(b, text, (size_t)n);
}

static void put_end(struct ipcr_buf *b, const struct ipcr_exit *e)
{
    char text[32] = "not started";
    if (e->pid && WIFSIGNALED(e->status))
        snprintf(text, sizeof text, "%s", ipcr_signal_name(WTERMSIG(e->status)));
    else if (e->pid)
        snprintf(text, sizeof text, "%d", WEXITSTATUS(e->status));
    ipcr_put_raw(b, text, strlen(text));
}

static bool same(const struct ipcr_exit *a, const struct ipcr_exit *b)
{
    return !a->pid == !b->pid && a->status == b->status;
}

void ipcr_exits_say(const struct ipcr_exit *exits, int size)
{
    struct ipcr_buf b = {0};
    for (int first = 0, next; first < size; first = next) {
        for (next = first + 1; next < size && same(&exits[first], &exits[next]);)
            next++;
        if (first)
            ipcr_put_raw(&b, "; ", 2);
        put_ranks(&b, first, next - 1);
        put_end(&b, &exits[first]);
    }
    ipcr_put_u8(&b, 0);
    ipcr_say("exit codes: %s", (char *)b.data);
    free(b.data);
}
