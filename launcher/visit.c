/* Visitors of the head. */
#include "visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hang.h"
#include "head.h"
#include "jobview.h"

enum { VISITORS = 16 };

static struct visitor {
    struct ipcr_chan chan;
    bool asks;
} visitors[VISITORS];

static struct ipcr_watch door = {.fd = -1};
static int64_t opened_ms;

static void put_command(struct ipcr_buf *b, const struct ipcr_app *app)
{
    char text[256] = "";
    for (int i = 0; i < app->argv.n; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%s", i ? " " : "", app->argv.at[i]);
    }
    ipcr_put_text(b, text);
}

static void answer(struct visitor *v, const struct ipcr_sleeper *all)
{
    const struct ipcr_plan *plan = &ipcr_head.plan;
    struct ipcr_buf *b = ipcr_chan_begin(&v->chan, IPCR_MSG_JOB);
    ipcr_put_text(b, plan->id);
    put_command(b, &plan->apps[0]);
    ipcr_put_u64(b, (uint64_t)(ipcr_now_ms() - opened_ms));
    ipcr_put_u32(b, (uint32_t)plan->nodes);
    for (int i = 0; i < plan->nodes; i++)
        ipcr_put_text(b, plan->hosts.at[i]);
    ipcr_put_u32(b, (uint32_t)plan->size);
    for (int i = 0; i < plan->size; i++) {
        ipcr_put_u32(b, (uint32_t)plan->node_of[i]);
        ipcr_put_sleeper(b, &all[i]);
    }
    ipcr_chan_end(&v->chan);
}

void ipcr_visit_answer(const struct ipcr_sleeper *all)
{
    for (int i = 0; i < VISITORS; i++) {
        if (!visitors[i].asks || !visitors[i].chan.open)
            continue;
        visitors[i].asks = false;
        answer(&visitors[i], all);
    }
}

static void on_frame(struct ipcr_chan *c, uint16_t type, struct ipcr_reader *r)
{
    (void)r;
    struct visitor *v = c->owner;
    if (type != IPCR_MSG_VISIT)
        return;
    v->asks = true;
    ipcr_show_ask();
}

static struct visitor *free_place(void)
{
    for (int i = 0; i < VISITORS; i++)
        if (!visitors[i].chan.open)
            return &visitors[i];
    return NULL;
}

static bool may_enter(int fd)
{
    struct ucred who;
    socklen_t n = sizeof who;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 &&
           (who.uid == geteuid() || who.uid == 0);
}

static void knock(struct ipcr_watch *w, uint32_t ready)
{
    (void)ready;
    uint8_t hello[IPCR_HELLO_BYTES];
    int fd = accept4(w->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    struct visitor *v = free_place();
    if (!v || !may_enter(fd)) {
        close(fd);
        return;
    }
    free(v->chan.rx.data);
    *v = (struct visitor){.chan = {.on_frame = on_frame, .await_hello = true, .owner = v}};
    if (ipcr_chan_open(&v->chan, fd, fd) < 0) {
        ipcr_chan_close(&v->chan);
        return;
    }
    ipcr_hello_make(hello);
    ipcr_chan_send_raw(&v->chan, hello, sizeof hello);
}

void ipcr_visit_open(void)
{
    struct sockaddr_un name;
    socklen_t len = ipcr_jobview_address(&name, geteuid(), getpid());
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    opened_ms = ipcr_now_ms();
    door = (struct ipcr_watch){.fn = knock, .fd = fd};
    if (fd >= 0 && (bind(fd, (struct sockaddr *)&name, len) < 0 || listen(fd, VISITORS) < 0 ||
                    ipcr_loop_watch(&door, EPOLLIN) < 0))
        close(fd);
}
