// The life of a program: what may be called before MPI_Init and after MPI_Finalize, thread levels,
// arguments, versions, names and clocks. Arguments: `thread LEVEL`, `null` or nothing; then `alone`
// where the program is started without a launcher.
#include <pthread.h>

#include "check.h"
#include "proc.h"

static void outside(int initialized, int finalized)
{
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int flag = -1, version = 0, subversion = -1, length = -1;

    OK(MPI_Initialized(&flag));
    EQ(!!flag, initialized);
    OK(MPI_Finalized(&flag));
    EQ(!!flag, finalized);
    OK(MPI_Get_version(&version, &subversion));
    EQ(version, MPI_VERSION);
    EQ(subversion, MPI_SUBVERSION);
    OK(MPI_Get_library_version(text, &length));
    EQ(length, (int)strlen(text));
    CHECK(length > 0);
}

static void *not_the_main_thread(void *unused)
{
    int flag = -1;

    (void)unused;
    OK(MPI_Is_thread_main(&flag));
    EQ(flag, 0);
    return NULL;
}

static void levels(int required, int provided)
{
    int level = -1, flag = 0;
    pthread_t thread;

    CHECK(MPI_THREAD_SINGLE < MPI_THREAD_FUNNELED && MPI_THREAD_FUNNELED < MPI_THREAD_SERIALIZED &&
          MPI_THREAD_SERIALIZED < MPI_THREAD_MULTIPLE);
    OK(MPI_Query_thread(&level));
    EQ(level, provided);
    CHECK(provided == MPI_THREAD_SINGLE || provided == MPI_THREAD_FUNNELED ||
          provided == MPI_THREAD_SERIALIZED || provided == MPI_THREAD_MULTIPLE);
    CHECK_SAYING(provided >= required, "asked for thread level %d, got %d", required, provided);
    OK(MPI_Is_thread_main(&flag));
    EQ(flag, 1);
    if (provided != MPI_THREAD_MULTIPLE)
        return;
    EQ(pthread_create(&thread, NULL, not_the_main_thread, NULL), 0);
    pthread_join(thread, NULL);
}

static int level_named(const char *name)
{
    if (strcmp(name, "funneled") == 0)
        return MPI_THREAD_FUNNELED;
    if (strcmp(name, "serialized") == 0)
        return MPI_THREAD_SERIALIZED;
    return strcmp(name, "multiple") == 0 ? MPI_THREAD_MULTIPLE : MPI_THREAD_SINGLE;
}

static void begin(int argc, char **argv)
{
    int required = MPI_THREAD_SINGLE, provided = -1;

    if (argc > 2 && strcmp(argv[1], "thread") == 0) {
        required = level_named(argv[2]);
        OK(MPI_Init_thread(&argc, &argv, required, &provided));
        EQ(argc > 2, 1);
        EQ(level_named(argv[2]), required);
    } else if (argc > 1 && strcmp(argv[1], "null") == 0) {
        OK(MPI_Init(NULL, NULL));
        OK(MPI_Query_thread(&provided));
    } else {
        OK(MPI_Init(&argc, &argv));
        OK(MPI_Query_thread(&provided));
    }
    levels(required, provided);
}

static void clocks(void)
{
    double before = MPI_Wtime(), last = before, next, tick = MPI_Wtick();

    CHECK_SAYING(tick > 0 && tick < 0.01, "Wtick is %g", tick);
    for (int i = 0; i < 100000; i++) {
        next = MPI_Wtime();
        if (next < last) {
            FAIL("Wtime went back by %g s", last - next);
            break;
        }
        last = next;
    }
    before = MPI_Wtime();
    nap(0.05);
    next = MPI_Wtime() - before;
    CHECK_SAYING(next > 0.045 && next < 10, "0.05 s of sleep took %g s of Wtime", next);
}

static void names(void)
{
    char name[MPI_MAX_PROCESSOR_NAME];
    int length = -1;

    memset(name, 'x', sizeof name);
    OK(MPI_Get_processor_name(name, &length));
    CHECK(length > 0 && length < MPI_MAX_PROCESSOR_NAME);
    EQ(name[length], '\0');
    EQ(strlen(name), length);
}

int main(int argc, char **argv)
{
    int alone = argc > 1 && strcmp(argv[argc - 1], "alone") == 0, sum = -1;

    outside(0, 0);
    begin(argc, argv);
    OK(MPI_Comm_rank(MPI_COMM_WORLD, &me));
    OK(MPI_Comm_size(MPI_COMM_WORLD, &np));
    CHECK(me >= 0 && me < np);
    if (alone)
        EQ(np, 1);
    outside(1, 0);
    OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
    EQ(sum, np * (np - 1) / 2);
    clocks();
    names();
    OK(MPI_Pcontrol(1));
    OK(MPI_Pcontrol(2, "a tool may want more", 3));
    OK(MPI_Finalize());
    outside(1, 1);
    return check_failures != 0;
}
