/* Runs a program for which some system calls do not exist, as under a container's seccomp filter:
 * `forbid EPERM|ENOSYS CALL[,CALL...] PROGRAM [ARGUMENT...]`. Status 77 where filters cannot be
 * set. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *name;
    unsigned number;
} calls[] = {{"process_vm_readv", SYS_process_vm_readv},
             {"memfd_create", SYS_memfd_create},
             {"membarrier", SYS_membarrier}};

enum { CALLS = sizeof calls / sizeof *calls };

/* The number of the call, and for each forbidden one: equal? then the error. */
static int forbid(const char *list, int error)
{
    struct sock_filter code[2 + 2 * CALLS], *at = code;
    *at++ =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int i = 0; i < CALLS; i++) {
        if (!strstr(list, calls[i].name))
            continue;
        *at++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i].number, 0, 1);
        *at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error);
    }
    *at++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {(unsigned short)(at - code), code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0
               ? -1
               : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    if (forbid(argv[2], strcmp(argv[1], "EPERM") == 0 ? EPERM : ENOSYS) < 0) {
        perror("seccomp");
        return 77;
    }
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    return 127;
}
