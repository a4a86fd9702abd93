/* Balanced grids: a search through the divisors. */
#include "dims.h"

#include <stdbool.h>

static int largest_prime(int n)
{
    int largest = 1;
    for (int p = 2; p <= n / p; p++)
        for (; n % p == 0; n /= p)
            largest = p;
    return n > 1 ? n : largest;
}

/* Is most^count at least n? */
static bool reaches(int n, int count, int most)
{
    long power = 1;
    for (int i = 0; i < count && power < n; i++)
        power *= most;
    return power >= n;
}

/* Factors of n of at most `most`, the largest one first and as small as possible. Few branches are
 * followed far: a factor must be a root of n at least, and no smaller than n's largest prime. */
static bool factorize(int n, int count, int most, int *factors)
{
    if (count == 1) {
        factors[0] = n;
        return n <= most;
    }
    for (int f = largest_prime(n); f <= most && f <= n; f++) {
        if (n % f || !reaches(n, count, f))
            continue;
        factors[0] = f;
        if (factorize(n / f, count - 1, f, factors + 1))
            return true;
    }
    return false;
}

void ipcr_dims_balance(int n, int count, int *factors)
{
    enum { MOST_PRIMES = 30 }; /* that a product below 2^31 has */
    for (int i = MOST_PRIMES; i < count; i++)
        factors[i] = 1;
    if (count > 0)
        factorize(n, count < MOST_PRIMES ? count : MOST_PRIMES, n, factors);
}
