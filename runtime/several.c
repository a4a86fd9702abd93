/* Words for the requests of MPI_Waitany and MPI_Waitsome. */
#include "several.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "decide.h"
#include "request.h"

enum { SHOWN = 3 };

struct words {
    char *text;
    size_t room;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *w, const char *fmt, ...)
{
    size_t used = strlen(w->text);
    va_list args;
    va_start(args, fmt);
    vsnprintf(w->text + used, w->room - used, fmt, args);
    va_end(args);
}

static bool is_awaited(MPI_Request handle)
{
    return ipcr_req_is_active(handle) && !ipcr_req_of(handle)->complete;
}

static void say_request(struct words *w, const struct ipcr_req *req)
{
    const struct ipcr_msg *m = &req->msg;
    if (req->kind == IPCR_REQ_OTHER) {
        say(w, "a %s", req->class->name);
        return;
    }
    say(w, req->kind == IPCR_REQ_SEND ? "a send to" : "a receive from");
    if (m->rank < 0)
        say(w, " any rank");
    else
        say(w, " rank %d", m->comm->remote->world[m->rank]);
    if (m->tag >= 0)
        say(w, ", tag %d", m->tag);
}

void ipcr_several_words(const struct ipcr_asked *a, char *text, size_t room)
{
    struct words w = {text, room};
    int awaited = 0, shown = 0;
    text[0] = 0;
    for (int i = 0; i < a->count; i++)
        awaited += is_awaited(a->requests[i]);
    say(&w, awaited == 1 ? "its only request: " : "any of %d requests: ", awaited);
    for (int i = 0; i < a->count && shown < SHOWN; i++)
        if (is_awaited(a->requests[i])) {
            say(&w, shown++ ? "; " : "");
            say_request(&w, ipcr_req_of(a->requests[i]));
        }
    if (awaited > shown)
        say(&w, "; ...");
}
