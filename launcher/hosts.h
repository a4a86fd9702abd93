/* Host lists of the command line and of files. Parsing is pure; being local is asked of this
 * machine's own addresses and name, never of a name server. */
#ifndef IPCR_HOSTS_H
#define IPCR_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

struct ipcr_host {
    char *name; /* as the user wrote it, user@ included: what ssh is given */
    int slots;
    bool counted; /* the user has said how many, or named it more than once */
    bool local;   /* needs no ssh */
};

struct ipcr_hosts {
    struct ipcr_host *at;
    int n;
};

#define IPCR_SLOTS_MAX 65536

/* Adds "host[:slots],...". A host named twice gets the slots of both. False with a sentence in
 * `why` (256 bytes are enough). */
bool ipcr_hosts_list(struct ipcr_hosts *h, const char *list, char *why, size_t room);

/* Adds one host, as its name stands, or slots to it. slots 0: not said, which makes one. */
bool ipcr_hosts_add(struct ipcr_hosts *h, const char *name, int slots, char *why, size_t room);

/* Adds the lines of a host file: "host", "host:slots", "host slots=N", '#' comments. `name` is for
 * the sentence. */
bool ipcr_hosts_text(struct ipcr_hosts *h, char *text, const char *name, char *why, size_t room);
bool ipcr_hosts_file(struct ipcr_hosts *h, const char *path, char *why, size_t room);

/* True for localhost, 127.x, ::1, this machine's host name, and addresses of its interfaces. */
bool ipcr_hosts_is_local(const char *name);

/* Marks the local hosts, beside those that are marked already, and makes them one: they share an
 * agent and memory. */
void ipcr_hosts_settle(struct ipcr_hosts *h);

int ipcr_hosts_slots(const struct ipcr_hosts *h);
void ipcr_hosts_free(struct ipcr_hosts *h);

#endif
