/* Pages that need nothing but themselves: head, style, and text in them. */
#ifndef IPCR_PAGE_H
#define IPCR_PAGE_H

#include <stdio.h>

/* Everything up to the body's first heading. The style has colours for a light and a dark page:
 * --page, --ink (text), --soft (lesser text), --grid (lines) and --s0 to --s7, hues in a fixed
 * order; text is never in these. `style` is what the page adds. */
void ipcr_page_begin(FILE *to, const char *title, const char *style);
void ipcr_page_end(FILE *to);

/* Text of others: with the characters that mean something replaced. */
void ipcr_page_text(FILE *to, const char *text);

#endif
