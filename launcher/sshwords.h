/* What the ssh client said before it gave up, and what that means for the job. */
#ifndef IPCR_SSHWORDS_H
#define IPCR_SSHWORDS_H

enum ipcr_sshwords {
    IPCR_SSH_FINAL,      /* it would say the same again */
    IPCR_SSH_NOT_YET,    /* a host that is coming up */
    IPCR_SSH_BUSY,       /* a host with too many logins under way at the moment */
    IPCR_SSH_UNKNOWN_KEY /* it cannot tell that the host is the one that the user means */
};

/* Of its last line. */
enum ipcr_sshwords ipcr_sshwords_judge(const char *line);

#endif
