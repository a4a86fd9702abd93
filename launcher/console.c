/* The user's terminal for debuggers of ranks.
 *
 * One keyboard for several debuggers: windows would need a program that draws them (xterm, tmux)
 * and, on other hosts, a display there. Handing over one terminal works wherever ipcrun itself
 * does, and the output of all of them stays in one place, with the rank in front of each line. */
#include "console.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "head.h"

enum { CONSOLE_NEXT = 0x1d /* Ctrl-] */, CONSOLE_EOF = 0x04 /* Ctrl-D */ };

static struct {
    struct ipcr_watch watch;
    bool *debugged; /* [plan.size]; NULL: no console */
    int rank;       /* who has the terminal; -1: nobody is left */
    bool raw;
    struct termios before;
} console;

void ipcr_console_size(int *rows, int *columns)
{
    struct winsize size = {0};
    ioctl(0, TIOCGWINSZ, &size);
    *rows = size.ws_row;
    *columns = size.ws_col;
}

static void type(const char *bytes, size_t n)
{
    if (console.rank < 0 || n == 0)
        return;
    struct ipcr_node *node = &ipcr_head.nodes[ipcr_head.plan.node_of[console.rank]];
    if (!node->chan.open)
        return;
    struct ipcr_buf *b = ipcr_chan_begin(&node->chan, IPCR_MSG_TYPED);
    ipcr_put_u32(b, (uint32_t)console.rank);
    ipcr_put_blob(b, bytes, n);
    ipcr_chan_end(&node->chan);
}

static void hand_on(void)
{
    int size = ipcr_head.plan.size, from = console.rank;
    for (int i = 1; i <= size && from >= 0; i++) {
        int next = (from + i) % size;
        if (!console.debugged[next])
            continue;
        console.rank = next;
        if (next != from)
            ipcr_say("the terminal is rank %d's now (Ctrl-] for the next)", next);
        return;
    }
    console.rank = -1;
}

static void take(const char *bytes, size_t n)
{
    for (size_t at = 0, len; at < n; at += len + 1) {
        const char *key = console.raw ? memchr(bytes + at, CONSOLE_NEXT, n - at) : NULL;
        len = key ? (size_t)(key - bytes) - at : n - at;
        type(bytes + at, len);
        if (key)
            hand_on();
    }
}

/* The end of a file of commands is what Ctrl-D is at a terminal. */
static bool read_some(void)
{
    char bytes[4096];
    ssize_t n = read(0, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (n <= 0) {
        bytes[0] = CONSOLE_EOF;
        type(bytes, 1);
        ipcr_loop_watch(&console.watch, 0);
        return false;
    }
    take(bytes, (size_t)n);
    return true;
}

static void ready(struct ipcr_watch *w, uint32_t events)
{
    (void)w;
    (void)events;
    read_some();
}

/* The debugger's own terminal echoes and makes signals of Ctrl-C. Output stays as it is: our own
 * sentences end with a newline alone. */
static void make_raw(void)
{
    if (tcgetattr(0, &console.before) < 0)
        return;
    struct termios raw = console.before;
    cfmakeraw(&raw);
    raw.c_oflag = console.before.c_oflag;
    console.raw = tcsetattr(0, TCSADRAIN, &raw) == 0;
    atexit(ipcr_console_stop);
}

void ipcr_console_start(bool *debugged)
{
    int n = 0, size = ipcr_head.plan.size;
    console.debugged = debugged;
    for (int r = size - 1; r >= 0; r--)
        if (debugged[r]) {
            console.rank = r;
            n++;
        }
    make_raw();
    if (n > 1)
        ipcr_say("the terminal is rank %d's (Ctrl-] for the next)", console.rank);
    console.watch = (struct ipcr_watch){.fn = ready, .fd = 0};
    if (ipcr_loop_watch(&console.watch, EPOLLIN) == -EPERM) /* a file: always ready */
        while (read_some())
            ;
}

void ipcr_console_gone(int rank)
{
    if (!console.debugged || !console.debugged[rank])
        return;
    console.debugged[rank] = false;
    if (rank == console.rank)
        hand_on();
}

void ipcr_console_stop(void)
{
    if (console.raw)
        tcsetattr(0, TCSADRAIN, &console.before);
    console.raw = false;
}
