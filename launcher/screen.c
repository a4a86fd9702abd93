/* The terminal while ipcrun has it for itself. */
#include "screen.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "loop.h"

#define OTHER_SCREEN "\033[?1049h\033[?25l" /* and no cursor */
#define OWN_SCREEN   "\033[?25h\033[?1049l"
#define HOME         "\033[H"
#define END_OF_LINE  "\033[K\r\n"
#define REST         "\033[J"

static struct {
    struct ipcr_screen_user user;
    struct termios before;
    struct ipcr_watch keys;
    bool open;
} screen = {.keys = {.fd = -1}};

static void put(const char *text, size_t n)
{
    while (n > 0) {
        ssize_t written = write(1, text, n);
        if (written <= 0)
            return;
        text += written;
        n -= (size_t)written;
    }
}

static void take_terminal(void)
{
    struct termios raw = screen.before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C and Ctrl-Z stay signals */
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    tcsetattr(0, TCSADRAIN, &raw);
    put(OTHER_SCREEN, strlen(OTHER_SCREEN));
}

static void give_terminal_back(void)
{
    put(OWN_SCREEN, strlen(OWN_SCREEN));
    tcsetattr(0, TCSADRAIN, &screen.before);
}

static void on_keys(struct ipcr_watch *w, uint32_t ready)
{
    unsigned char keys[32];
    ssize_t n = read(0, keys, sizeof keys);
    if (n <= 0 && ready & (EPOLLHUP | EPOLLERR)) {
        ipcr_loop_watch(w, 0);
        screen.user.quit();
    }
    for (ssize_t i = 0; i < n; i++)
        screen.user.key(keys[i]);
}

/* The shell that continues us may have changed the terminal meanwhile. */
static void stop_for_a_while(void)
{
    give_terminal_back();
    raise(SIGSTOP);
    tcgetattr(0, &screen.before);
    take_terminal();
    screen.user.draw();
}

static void on_signal(int sig, int32_t pid)
{
    (void)pid;
    if (sig == SIGWINCH)
        screen.user.draw();
    else if (sig == SIGTSTP)
        stop_for_a_while();
    else
        screen.user.quit();
}

static bool is_fit(void)
{
    const char *term = getenv("TERM");
    return isatty(0) && isatty(1) && term && *term && strcmp(term, "dumb") != 0 &&
           tcgetattr(0, &screen.before) == 0;
}

bool ipcr_screen_open(const struct ipcr_screen_user *user)
{
    static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        sigaddset(&set, ours[i]);
    screen.user = *user;
    screen.keys = (struct ipcr_watch){.fn = on_keys, .fd = 0};
    if (!is_fit() || ipcr_loop_signals(&set, on_signal) < 0 ||
        ipcr_loop_watch(&screen.keys, EPOLLIN) < 0)
        return false;
    screen.open = true;
    take_terminal();
    return true;
}

void ipcr_screen_close(void)
{
    if (!screen.open)
        return;
    screen.open = false;
    ipcr_loop_watch(&screen.keys, 0);
    give_terminal_back();
}

void ipcr_screen_size(int *rows, int *columns)
{
    struct winsize size;
    bool known = ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_row && size.ws_col;
    *rows = known ? size.ws_row : 24;
    *columns = known ? size.ws_col : 80;
}

/* No line is cleared before it is written: that would flicker. */
void ipcr_screen_show(const char *text)
{
    put(HOME, strlen(HOME));
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        put(text, n);
        if (text[n])
            put(END_OF_LINE, strlen(END_OF_LINE));
    }
    put(REST, strlen(REST));
}
