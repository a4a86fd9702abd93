/* The rank's end of the control channel, with this test as the agent at the other end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "boot.h"
#include "err.h"
#include "proto.h"

static int agent; /* our end of the channel */

/* A channel whose rank's end is named in the environment, as ipcrun does it. */
static void connect_rank(unsigned version)
{
    int pair[2];
    char value[32];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    agent = pair[0];
    snprintf(value, sizeof value, "%u:%d", version, pair[1]);
    setenv("IPCRUN_BOOT", value, 1);
}

static void disconnect(void)
{
    ipcr_boot_close();
    close(agent);
    unsetenv("IPCRUN_BOOT");
}

static void send_frame(struct ipcr_buf *b)
{
    assert_int_equal(write(agent, b->data, b->len), b->len);
    free(b->data);
}

static void send_welcome(void)
{
    static const int node_of[] = {0, 1, 1}, local_of[] = {0, 0, 1};
    static const uint8_t secret[IPCR_SECRET_LEN] = {1, 2, 3};
    const struct ipcr_welcome w = {.rank = 2,
                                   .size = 3,
                                   .node = 1,
                                   .nodes = 2,
                                   .local_rank = 1,
                                   .local_size = 2,
                                   .appnum = 5,
                                   .universe = 8,
                                   .cores = 4,
                                   .seg_fd = -1,
                                   .id = "abc",
                                   .host = "node1",
                                   .dir = "/d",
                                   .secret = secret,
                                   .node_of = node_of,
                                   .local_of = local_of};
    struct ipcr_buf b = {0};
    ipcr_put_welcome(&b, &w);
    send_frame(&b);
}

static void read_frame(uint16_t *type, struct ipcr_reader *body)
{
    static uint8_t bytes[65536];
    size_t have = 0, taken;
    do {
        ssize_t n = read(agent, bytes + have, sizeof bytes - have);
        assert_true(n > 0);
        have += (size_t)n;
    } while (ipcr_frame_next(bytes, have, type, body, &taken) == 0);
    assert_int_equal(taken, have);
}

static void refused(const char *reason)
{
    struct ipcr_job job;
    assert_true(ipcr_boot_open(&job) < 0);
    const char *facts = ipcr_err_facts(MPI_ERR_OTHER);
    if (!facts || !strstr(facts, reason))
        fail_msg("the reason is '%s', not '%s'", facts ? facts : "", reason);
    ipcr_err_forget();
}

static void without_ipcrun_a_world_of_one(void **state)
{
    (void)state;
    const void *table[1];
    size_t len;
    unsetenv("IPCRUN_BOOT");
    assert_int_equal(ipcr_boot_open(&ipcr_job), 0);
    assert_int_equal(ipcr_job.size, 1);
    assert_int_equal(ipcr_job.local_size, 1);
    assert_int_equal(ipcr_job.node_of[0], 0);
    assert_int_equal(ipcr_job.seg_fd, -1);
    assert_false(ipcr_job.launched);
    assert_int_equal(ipcr_boot_exchange("me", 2, table, &len), 0);
    assert_int_equal(len, 2);
    assert_memory_equal(table[0], "me", 2);
    assert_int_equal(ipcr_boot_finalize(), 0);
    ipcr_boot_close();
}

static void alone(const char *variable, const char *value, const char *reason)
{
    struct ipcr_job job;
    setenv(variable, value, 1);
    if (reason)
        refused(reason);
    else
        assert_int_equal(ipcr_boot_open(&job), 0);
    unsetenv(variable);
}

static void ranks_of_another_launcher_are_no_worlds_of_one(void **state)
{
    (void)state;
    alone("OMPI_COMM_WORLD_SIZE", "4", "Open MPI's mpiexec started it as one of 4 ranks");
    alone("PMI_SIZE", "2", "a launcher that speaks PMI");
    alone("SLURM_STEP_NUM_TASKS", "8", "Slurm's srun started it as one of 8 ranks");
    alone("SLURM_NTASKS", "8", NULL); /* a batch script */
    alone("PMI_SIZE", "1", NULL);
    alone("PMI_SIZE", "", NULL);
    alone("PMI_SIZE", "2x", NULL);
    alone("PMI_SIZE", "-3", NULL);
    alone("PMI_SIZE", "99999999999999999999", NULL);
    setenv("PMI_SIZE", "2", 1);
    alone("IPCRUN_RANK", "0", NULL); /* a child of a rank of ours */
    unsetenv("PMI_SIZE");
}

/* This test may itself run in a step of Slurm. */
static int forget_launchers(void **state)
{
    (void)state;
    unsetenv("OMPI_COMM_WORLD_SIZE");
    unsetenv("PMI_SIZE");
    unsetenv("SLURM_STEP_NUM_TASKS");
    unsetenv("IPCRUN_RANK");
    return 0;
}

static void welcome_fills_the_job(void **state)
{
    (void)state;
    connect_rank(IPCR_PROTO_VERSION);
    send_welcome();
    assert_int_equal(ipcr_boot_open(&ipcr_job), 0);
    assert_int_equal(ipcr_job.rank, 2);
    assert_int_equal(ipcr_job.node, 1);
    assert_int_equal(ipcr_job.local_rank, 1);
    assert_int_equal(ipcr_job.appnum, 5);
    assert_int_equal(ipcr_job.universe, 8);
    assert_int_equal(ipcr_job.cores, 4);
    assert_int_equal(ipcr_job.node_of[2], 1);
    assert_int_equal(ipcr_job.local_of[2], 1);
    assert_string_equal(ipcr_job.id, "abc");
    assert_string_equal(ipcr_job.host, "node1");
    assert_int_equal(ipcr_job.secret[2], 3);
    assert_true(ipcr_job.launched);
    assert_null(getenv("IPCRUN_BOOT")); /* our children are no ranks */
    disconnect();
}

static void exchange_gives_everybodys_blobs(void **state)
{
    (void)state;
    connect_rank(IPCR_PROTO_VERSION);
    send_welcome();
    assert_int_equal(ipcr_boot_open(&ipcr_job), 0);
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_TABLE), n;
    ipcr_put_u32(&b, 3);
    ipcr_put_blob(&b, "zero", 4);
    ipcr_put_blob(&b, "", 0);
    ipcr_put_blob(&b, "two", 3);
    ipcr_frame_end(&b, at);
    send_frame(&b);
    const void *table[3];
    size_t lens[3];
    assert_int_equal(ipcr_boot_exchange("two", 3, table, lens), 0);
    assert_int_equal(lens[0], 4);
    assert_int_equal(lens[1], 0);
    assert_memory_equal(table[2], "two", 3);
    uint16_t type;
    struct ipcr_reader body;
    read_frame(&type, &body);
    assert_int_equal(type, IPCR_MSG_PUT);
    assert_memory_equal(ipcr_get_blob(&body, &n), "two", 3);
    char large[IPCR_BLOB_MAX + 1] = "";
    assert_true(ipcr_boot_exchange(large, sizeof large, table, lens) < 0);
    disconnect();
}

static void a_table_of_another_job_is_refused(void **state)
{
    (void)state;
    connect_rank(IPCR_PROTO_VERSION);
    send_welcome();
    assert_int_equal(ipcr_boot_open(&ipcr_job), 0);
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_TABLE);
    ipcr_put_u32(&b, 2);
    ipcr_put_blob(&b, "zero", 4);
    ipcr_put_blob(&b, "one", 3);
    ipcr_frame_end(&b, at);
    send_frame(&b);
    const void *table[3];
    size_t lens[3];
    assert_true(ipcr_boot_exchange("x", 1, table, lens) < 0);
    disconnect();
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    connect_rank(IPCR_PROTO_VERSION + 1);
    refused("ipcrun and library of the same release");
    disconnect();
    setenv("IPCRUN_BOOT", "nonsense", 1);
    refused("does not come from ipcrun");
    char closed[32];
    snprintf(closed, sizeof closed, "%u:999", IPCR_PROTO_VERSION);
    setenv("IPCRUN_BOOT", closed, 1);
    refused("closed the descriptor");
    connect_rank(IPCR_PROTO_VERSION);
    close(agent);
    refused("closed the control channel");
    disconnect();
    connect_rank(IPCR_PROTO_VERSION);
    assert_int_equal(write(agent, "HTTP/1.1 400 Bad Request\r\n", 26), 26);
    refused("does not speak ipcrun's protocol");
    disconnect();
    connect_rank(IPCR_PROTO_VERSION);
    struct ipcr_buf b = {0};
    size_t at = ipcr_frame_begin(&b, IPCR_MSG_USED);
    ipcr_put_text(&b, "this rank was used");
    ipcr_frame_end(&b, at);
    send_frame(&b);
    refused("this rank was used");
    disconnect();
    connect_rank(IPCR_PROTO_VERSION);
    b = (struct ipcr_buf){0};
    at = ipcr_frame_begin(&b, IPCR_MSG_WELCOME);
    ipcr_put_u32(&b, 7);
    ipcr_frame_end(&b, at);
    send_frame(&b);
    refused("makes no sense");
    disconnect();
}

/* Runs abort in a child; what the agent gets is read here. */
static void check_abort(int code, int status)
{
    connect_rank(IPCR_PROTO_VERSION);
    send_welcome();
    pid_t pid = fork();
    if (pid == 0) {
        struct ipcr_job job;
        if (ipcr_boot_open(&job) == 0)
            ipcr_boot_abort(code, "the facts\n");
        _exit(99);
    }
    uint16_t type;
    struct ipcr_reader body;
    read_frame(&type, &body);
    assert_int_equal(type, IPCR_MSG_DIE);
    assert_int_equal(ipcr_get_i32(&body), code);
    assert_string_equal(ipcr_get_text(&body), "the facts\n");
    int wait_status;
    assert_int_equal(waitpid(pid, &wait_status, 0), pid);
    assert_true(WIFEXITED(wait_status));
    assert_int_equal(WEXITSTATUS(wait_status), status);
    disconnect();
}

static void abort_tells_the_agent_and_exits(void **state)
{
    (void)state;
    check_abort(42, 42);
    check_abort(0, 1);
    check_abort(256, 1);
    check_abort(-1, 255);
}

static void finalize_tells_the_agent(void **state)
{
    (void)state;
    connect_rank(IPCR_PROTO_VERSION);
    send_welcome();
    assert_int_equal(ipcr_boot_open(&ipcr_job), 0);
    assert_int_equal(ipcr_boot_finalize(), 0);
    uint16_t type;
    struct ipcr_reader body;
    read_frame(&type, &body);
    assert_int_equal(type, IPCR_MSG_FINALIZED);
    disconnect();
}

static void a_detour_hands_the_agent_a_socket(void **state)
{
    (void)state;
    assert_false(ipcr_boot_has_detour());
    connect_rank(IPCR_PROTO_VERSION);
    send_welcome();
    assert_int_equal(ipcr_boot_open(&ipcr_job), 0);
    assert_true(ipcr_boot_has_detour());
    int mine = ipcr_boot_detour(0, 4711);
    assert_true(mine >= 0);

    char bytes[64], control[CMSG_SPACE(sizeof(int))];
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg(agent, &m, 0);
    uint16_t type;
    struct ipcr_reader body = {0};
    size_t taken;
    assert_int_equal(ipcr_frame_next((uint8_t *)bytes, (size_t)n, &type, &body, &taken), 1);
    assert_int_equal(type, IPCR_MSG_CALL);
    assert_int_equal(ipcr_get_u32(&body), 0);
    assert_int_equal(ipcr_get_int(&body, 2), 4711);
    assert_non_null(CMSG_FIRSTHDR(&m));
    int theirs = *(int *)CMSG_DATA(CMSG_FIRSTHDR(&m));
    assert_int_equal(write(mine, "hello", 5), 5);
    assert_int_equal(read(theirs, bytes, sizeof bytes), 5);
    assert_memory_equal(bytes, "hello", 5);
    close(theirs);
    assert_int_equal(read(mine, bytes, sizeof bytes), 0); /* nobody else has that end */
    close(mine);
    disconnect();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_ipcrun_a_world_of_one),
        cmocka_unit_test(ranks_of_another_launcher_are_no_worlds_of_one),
        cmocka_unit_test(welcome_fills_the_job),
        cmocka_unit_test(exchange_gives_everybodys_blobs),
        cmocka_unit_test(a_table_of_another_job_is_refused),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(abort_tells_the_agent_and_exits),
        cmocka_unit_test(finalize_tells_the_agent),
        cmocka_unit_test(a_detour_hands_the_agent_a_socket),
    };
    return cmocka_run_group_tests(tests, forget_launchers, NULL);
}
