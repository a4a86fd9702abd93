/* The terminal while ipcrun has it for itself (--top): the other screen, keys without Enter. Plain
 * escape codes that every terminal of today knows; no library. */
#ifndef IPCR_SCREEN_H
#define IPCR_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

struct ipcr_screen_user {
    void (*key)(int c);
    void (*draw)(void); /* everything anew: the size may be another one */
    void (*quit)(void); /* Ctrl-C, or the terminal is gone */
};

/* False: stdin or stdout is no such terminal, or the loop is not open. */
bool ipcr_screen_open(const struct ipcr_screen_user *user);
/* As it was before. Harmless when it was not opened. */
void ipcr_screen_close(void);
void ipcr_screen_size(int *rows, int *columns);
/* The whole picture: lines that are separated by newlines. */
void ipcr_screen_show(const char *text);

#endif
