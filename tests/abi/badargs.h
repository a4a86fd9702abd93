/* What the cases that badargs.py writes have to hand: good arguments, bad handles of every kind,
 * and the loop that runs them. A case is a call in which one argument is wrong; it names the error
 * classes that will do. Progress goes to stdout line by line, so that whoever reads knows in which
 * case the program died. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROOM = 64, CASE_SECONDS = 20 };

struct badcase {
    const char *name;
    int (*call)(void);
    int classes[8]; /* up to the first 0 */
};

static MPI_Comm world, cart, graph, dist, gone_comm;
static MPI_Group group, gone_group;
static MPI_Datatype derived, gone_type, types[ROOM], bad_types[ROOM];
static MPI_Op gone_op;
static MPI_Info info, gone_info;
static MPI_Errhandler gone_errhandler;
static MPI_Session session, gone_session;
static MPI_Request any_request, requests[ROOM], bad_requests[ROOM];
static MPI_Message any_message = MPI_MESSAGE_NO_PROC;
static MPI_Comm any_comm;
static MPI_Group any_group;
static MPI_Datatype any_type;
static MPI_Op any_op;
static MPI_Info any_info;
static MPI_Errhandler any_errhandler;
static MPI_Session any_session;
static MPI_Status statuses[ROOM];
static MPI_Count counts[ROOM], c_ones[ROOM], bad_counts[ROOM];
static MPI_Aint aints[ROOM];
static int ints[ROOM], ones[ROOM], bad_ints[ROOM], bad_ranges[ROOM][3], comm_keyval, type_keyval;
static int distribs[ROOM], dargs[ROOM];
static char buffer[1 << 16], other_buffer[1 << 16], text[1 << 16];
static void *anywhere;

/* Stands for functions that no case gets as far as calling. */
static int dummy(void)
{
    fprintf(stderr, "a function of the program was called in spite of a wrong argument\n");
    abort();
}

static void sum(void *in, void *inout, int *len, MPI_Datatype *type)
{
    (void)in, (void)inout, (void)len, (void)type;
}

static void handler(MPI_Comm *comm, int *code, ...)
{
    (void)comm, (void)code;
}

/* Handles whose objects were there once. */
static void make_gone(void)
{
    MPI_Comm_dup(world, &gone_comm);
    MPI_Comm_free(&(MPI_Comm){gone_comm});
    MPI_Comm_group(world, &gone_group);
    MPI_Group_incl(gone_group, 1, (int[]){0}, &gone_group);
    MPI_Group_free(&(MPI_Group){gone_group});
    MPI_Type_contiguous(2, MPI_INT, &gone_type);
    MPI_Type_free(&(MPI_Datatype){gone_type});
    MPI_Op_create(sum, 1, &gone_op);
    MPI_Op_free(&(MPI_Op){gone_op});
    MPI_Info_create(&gone_info);
    MPI_Info_free(&(MPI_Info){gone_info});
    MPI_Comm_create_errhandler(handler, &gone_errhandler);
    MPI_Errhandler_free(&(MPI_Errhandler){gone_errhandler});
    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_RETURN, &gone_session);
    MPI_Session_finalize(&(MPI_Session){gone_session});
}

static void make_good(void)
{
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
    MPI_Comm_dup(MPI_COMM_WORLD, &world);
    MPI_Cart_create(world, 1, (int[]){1}, (int[]){1}, 0, &cart);
    MPI_Graph_create(world, 1, (int[]){1}, (int[]){0}, 0, &graph);
    MPI_Dist_graph_create_adjacent(world, 1, (int[]){0}, MPI_UNWEIGHTED, 1, (int[]){0},
                                   MPI_UNWEIGHTED, MPI_INFO_NULL, 0, &dist);
    MPI_Comm_group(world, &group);
    MPI_Type_contiguous(2, MPI_INT, &derived);
    MPI_Info_create(&info);
    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_RETURN, &session);
    MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, &comm_keyval, NULL);
    MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, MPI_TYPE_NULL_DELETE_FN, &type_keyval, NULL);
    for (int i = 0; i < ROOM; i++) {
        types[i] = MPI_INT;
        bad_types[i] = MPI_DATATYPE_NULL;
        requests[i] = MPI_REQUEST_NULL;
        bad_requests[i] = (MPI_Request)7;
        ints[i] = counts[i] = aints[i] = 0;
        ones[i] = c_ones[i] = 1;
        distribs[i] = MPI_DISTRIBUTE_BLOCK;
        dargs[i] = MPI_DISTRIBUTE_DFLT_DARG;
        bad_ints[i] = -77;
        bad_counts[i] = -77;
        bad_ranges[i][0] = bad_ranges[i][1] = -77;
        bad_ranges[i][2] = 1;
    }
}

static int run_case(int number, const struct badcase *c)
{
    int class = -1;

    printf("run %d\n", number);
    fflush(stdout);
    alarm(CASE_SECONDS);
    MPI_Error_class(c->call(), &class);
    alarm(0);
    for (const int *want = c->classes; *want; want++)
        if (class == *want)
            return 0;
    printf("bad %d class %d\n", number, class);
    return 1;
}

/* From case number argv[1] on. */
static int run_cases(int argc, char **argv, const struct badcase *cases, int count)
{
    int failed = 0;

    MPI_Init(&argc, &argv);
    make_good();
    make_gone();
    for (int i = argc > 1 ? atoi(argv[1]) : 0; i < count; i++)
        failed += run_case(i, &cases[i]);
    printf("end\n");
    fflush(stdout);
    _exit(failed != 0); /* what wrong calls may have left is not this test's business */
}
