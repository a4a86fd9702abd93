// MPI_Dims_create: balanced, non-increasing, what the program fixed stays; held against every way
// to write a number as a product.
#include "check.h"

enum { MOST = 5 };

// The best way to write n as `count` factors of at most `most`, by trying all: the largest factor
// as small as possible, then the next. Returns 0 if there is none.
static int best_way(int n, int count, int most, int *best)
{
    if (count == 0)
        return n == 1;
    for (int f = 1; f <= most && f <= n; f++) {
        best[0] = f;
        if (n % f == 0 && best_way(n / f, count - 1, f, best + 1))
            return 1;
    }
    return 0;
}

static void balanced(void)
{
    for (int n = 1; n <= 400; n++)
        for (int count = 1; count <= MOST; count++) {
            int dims[MOST] = {0}, want[MOST];
            OK(MPI_Dims_create(n, count, dims));
            best_way(n, count, n, want);
            for (int d = 0; d < count; d++)
                CHECK_SAYING(dims[d] == want[d], "%d in %d dimensions: dimension %d is %d, not %d",
                             n, count, d, dims[d], want[d]);
        }
}

// Examples of the standard, and numbers at which a careless search takes years.
static void known(void)
{
    int a[2] = {0, 0}, b[2] = {0, 0}, c[3] = {0, 3, 0}, one[1] = {0}, none[1] = {7};
    int prime[3] = {0}, many[40] = {0}, rich[6] = {0};

    OK(MPI_Dims_create(6, 2, a));
    CHECK(a[0] == 3 && a[1] == 2);
    OK(MPI_Dims_create(7, 2, b));
    CHECK(b[0] == 7 && b[1] == 1);
    OK(MPI_Dims_create(6, 3, c));
    CHECK(c[0] == 2 && c[1] == 3 && c[2] == 1);
    OK(MPI_Dims_create(12345, 1, one));
    EQ(one[0], 12345);
    OK(MPI_Dims_create(1, 0, none));
    EQ(none[0], 7);
    OK(MPI_Dims_create(2147483647, 3, prime));
    CHECK(prime[0] == 2147483647 && prime[1] == 1 && prime[2] == 1);
    OK(MPI_Dims_create(1 << 30, 40, many));
    for (int d = 0; d < 40; d++)
        EQ(many[d], d < 30 ? 2 : 1);
    OK(MPI_Dims_create(1745944200, 6, rich)); // 2^3 3^2 5^2 7 11 13 17 19 * 3
    long product = 1;
    for (int d = 0; d < 6; d++) {
        CHECK(d == 0 || rich[d] <= rich[d - 1]);
        product *= rich[d];
    }
    EQ(product, 1745944200);
}

static void fixed(void)
{
    int all[2] = {3, 4}, some[4] = {0, 2, 0, 5};

    OK(MPI_Dims_create(12, 2, all));
    CHECK(all[0] == 3 && all[1] == 4);
    OK(MPI_Dims_create(120, 4, some));
    CHECK(some[0] == 4 && some[1] == 2 && some[2] == 3 && some[3] == 5);
}

static void errors(void)
{
    int dims[3] = {0, 4, 0}, full[2] = {2, 2}, negative[2] = {0, -1}, more[1] = {0};

    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    FAILS(MPI_Dims_create(6, 3, dims), MPI_ERR_DIMS);
    CHECK(dims[0] == 0 && dims[1] == 4 && dims[2] == 0);
    FAILS(MPI_Dims_create(8, 2, full), MPI_ERR_DIMS);
    FAILS(MPI_Dims_create(8, 2, negative), MPI_ERR_DIMS);
    FAILS(MPI_Dims_create(8, -1, more), MPI_ERR_DIMS);
    FAILS(MPI_Dims_create(0, 1, more), MPI_ERR_ARG);
    FAILS(MPI_Dims_create(2, 0, more), MPI_ERR_DIMS);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    balanced();
    known();
    fixed();
    errors();
    return check_end();
}
