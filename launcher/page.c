/* What the pages of --compare-ipc and --stats have in common. */
#include "page.h"

static const char style[] =
    ":root{color-scheme:light dark;--page:#fcfcfb;--ink:#0b0b0b;--soft:#52514e;--grid:#e4e3df;\n"
    "--s0:#2a78d6;--s1:#e34948;--s2:#1baf7a;--s3:#eda100;--s4:#4a3aa7;--s5:#eb6834;--s6:#008300;\n"
    "--s7:#e87ba4}\n"
    "@media(prefers-color-scheme:dark){:root{--page:#1a1a19;--ink:#fff;--soft:#c3c2b7;\n"
    "--grid:#3a3936;--s0:#3987e5;--s1:#e66767;--s2:#199e70;--s3:#c98500;--s4:#9085e9;--s5:#d95926;\n"
    "--s6:#33a02c;--s7:#d55181}}\n"
    "body{margin:2rem auto;padding:0 1.5rem;max-width:1320px;background:var(--page);\n"
    "color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.5rem 0 .5rem}\n"
    "p{max-width:75ch;margin:.5rem 0}.soft{color:var(--soft)}\n"
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));\n"
    "gap:1.5rem}figure{margin:0}figcaption{font-weight:600;margin:.5rem 0}\n"
    "svg{display:block;width:100%;height:auto;font:12px system-ui,sans-serif}\n"
    ".grid{stroke:var(--grid);stroke-width:1;fill:none}.tick{fill:var(--soft)}\n"
    ".name{fill:var(--ink)}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;margin:1rem 0;font-size:13px;\n"
    "font-variant-numeric:tabular-nums}th,td{padding:.2rem .6rem;text-align:right}\n"
    "th{font-weight:500;color:var(--soft)}th:first-child{text-align:left;color:var(--ink)}\n"
    "thead tr:last-child th{border-bottom:1px solid var(--grid)}\n"
    "thead .group{text-align:center;border-left:1px solid var(--grid)}\n"
    "caption{text-align:left;font-weight:600;font-size:15px;padding:.3rem 0}\n"
    "summary{cursor:pointer;color:var(--soft)}\n";

void ipcr_page_begin(FILE *to, const char *title, const char *more)
{
    fprintf(to,
            "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
            "<meta name=viewport content='width=device-width'>\n"
            "<title>%s</title>\n<style>\n%s%s</style>\n</head><body>\n<h1>%s</h1>\n",
            title, style, more, title);
}

void ipcr_page_end(FILE *to)
{
    fputs("</body></html>\n", to);
}

void ipcr_page_text(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", to);
        else if (*text == '<')
            fputs("&lt;", to);
        else
            fputc(*text, to);
    }
}
