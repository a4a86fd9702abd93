/* The words of ssh, and of what takes its place: `ssh HOST exec /path/ipcrun --agent`. */
#include "spawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No question may wait for a terminal; a dead host must not keep us for minutes; a host that is cut
 * off later is noticed within 15 s. The user's own options come first, and ssh takes the first. */
static const char *const ssh_options[] = {
    "-o", "BatchMode=yes",           "-o", "ConnectTimeout=8", "-o", "ServerAliveInterval=5",
    "-o", "ServerAliveCountMax=2",   "-o", "ForwardX11=no",    "-o", "ForwardAgent=no",
    "-o", "ClearAllForwardings=yes", "-o", "ControlMaster=no", "-o", "LogLevel=ERROR",
    "-T"};

/* One word for any login shell (sh, csh, fish): single quotes, and those written as '\''. */
static char *quote(const char *word)
{
    char *text = ipcr_alloc(4 * strlen(word) + 3), *to = text;
    *to++ = '\'';
    for (; *word; word++) {
        if (*word == '\'')
            to = stpcpy(to, "'\\''");
        else
            *to++ = *word;
    }
    strcpy(to, "'");
    return text;
}

void ipcr_spawn_add_ssh(const struct ipcr_remote *remote, struct ipcr_words *w)
{
    const char *slash = strrchr(w->at[0], '/');
    if (strcmp(slash ? slash + 1 : w->at[0], "ssh") == 0)
        for (size_t i = 0; i < sizeof ssh_options / sizeof *ssh_options; i++)
            ipcr_words_add(w, ipcr_copy(ssh_options[i]));
    char *exe = quote(remote->exe);
    ipcr_words_add(w, ipcr_copy(remote->host));
    ipcr_words_add(w, ipcr_format("exec %s --agent", exe));
    free(exe);
}
