/* A job on a terminal, again and again, until q. */
#include <stdlib.h>
#include <string.h>

#include "look_job.h"
#include "screen.h"
#include "top.h"

#define KEYS "q quit   r by rank   w who waits least   c CPU   b bytes   g group"

static struct {
    struct ipcr_top top;
    const struct ipcr_job *job;
    bool quits;
} show;

static void put_title(FILE *to, int columns)
{
    char *text = NULL;
    size_t n = 0;
    FILE *title = open_memstream(&text, &n);
    if (!title)
        return;
    ipcr_look_say_job(title, show.job);
    if (fclose(title) == 0)
        ipcr_top_line(to, text, columns);
    free(text);
}

/* The job's line, the picture, a line of keys. */
static void draw(void)
{
    int rows, columns;
    char *text = NULL;
    size_t n = 0;
    ipcr_screen_size(&rows, &columns);
    FILE *to = open_memstream(&text, &n);
    if (!to)
        return;
    put_title(to, columns);
    ipcr_top_draw(&show.top, &show.job->view, to, rows - 2, columns);
    fprintf(to, "%.*s", columns, KEYS);
    if (fclose(to) == 0)
        ipcr_screen_show(text);
    free(text);
}

static void quit(void)
{
    show.quits = true;
    ipcr_loop_stop();
}

static void key(int c)
{
    static const char sorts[] = "rwcb"; /* in the order of enum ipcr_top_sort */
    const char *sort = strchr(sorts, c);
    if (c == 'q') {
        quit();
        return;
    }
    if (c && sort)
        show.top.sort = (int)(sort - sorts);
    else if (c == 'g')
        show.top.group = show.top.group == IPCR_TOP_GROUPED ? IPCR_TOP_SINGLE : IPCR_TOP_GROUPED;
    draw();
}

int ipcr_look_top(const struct ipcr_job *j, long every_ms)
{
    static const struct ipcr_screen_user user = {.key = key, .draw = draw, .quit = quit};
    show.job = j;
    ipcr_top_take(&show.top, &j->view);
    if (!ipcr_screen_open(&user)) {
        ipcr_say("--top needs a terminal; ipcrun --status --follow writes plain text");
        return IPCR_EXIT_USAGE;
    }
    do {
        draw();
        ipcr_look_wait(every_ms);
        if (!show.quits && !j->why)
            ipcr_look_ask();
        if (j->answered)
            ipcr_top_take(&show.top, &j->view);
    } while (!show.quits && !j->why);
    ipcr_screen_close();
    ipcr_top_free(&show.top);
    if (!show.quits)
        ipcr_say("the job of ipcrun %d: %s", j->pid, j->why);
    return 0;
}
