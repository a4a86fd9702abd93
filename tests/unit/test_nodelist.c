/* Slurm's lists of nodes and of counts: what is understood, and the sentence for what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nodelist.h"

static void check_names(const char *list, const char *wanted)
{
    struct ipcr_words w = {0};
    char why[256] = "", text[1024] = "";
    if (!ipcr_nodelist_names(&w, list, why, sizeof why))
        fail_msg("'%s' is refused: %s", list, why);
    for (int i = 0; i < w.n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "", w.at[i]);
    assert_string_equal(text, wanted);
    ipcr_words_free(&w);
}

static void names(void **state)
{
    (void)state;
    check_names("n1", "n1");
    check_names("n1,m2", "n1 m2");
    check_names("n[1-3]", "n1 n2 n3");
    check_names("n[1-3,07-09],gpu[1-2]x[0-1]", "n1 n2 n3 n07 n08 n09 gpu1x0 gpu1x1 gpu2x0 gpu2x1");
    check_names("n[9-11]", "n9 n10 n11");
    check_names("n[098-101]", "n098 n099 n100 n101");
    check_names("n[5]-ib.cluster,n-1", "n5-ib.cluster n-1");
    check_names("[1-2]", "1 2");
}

static void check_bad_names(const char *list, const char *reason)
{
    struct ipcr_words w = {0};
    char why[256] = "";
    assert_false(ipcr_nodelist_names(&w, list, why, sizeof why));
    if (!strstr(why, reason))
        fail_msg("'%s' is refused with '%s', not '%s'", list, why, reason);
    ipcr_words_free(&w);
}

static void bad_names(void **state)
{
    (void)state;
    char longest[600] = "";
    check_bad_names("", "empty name");
    check_bad_names("n1,", "empty name");
    check_bad_names(",n1", "empty name");
    check_bad_names("n[1-2", "not closed");
    check_bad_names("n[", "not closed");
    check_bad_names("n[]", "without ranges");
    check_bad_names("n[1-]", "without ranges");
    check_bad_names("n[-2]", "without ranges");
    check_bad_names("n[3-1]", "without ranges");
    check_bad_names("n[1,]", "without ranges");
    check_bad_names("n[1 2]", "without ranges");
    check_bad_names("n[a-b]", "without ranges");
    check_bad_names("n[1-2][a1]", "without ranges");
    check_bad_names("n[[1]]", "without ranges");
    check_bad_names("n[1-9999999999]", "without ranges");
    check_bad_names("n[1-999999999]", "too many hosts");
    check_bad_names("n[0-999][0-999]", "too many hosts");
    memset(longest, 'n', 300);
    check_bad_names(longest, "too long");
    memset(longest, 'n', 250);
    strcpy(longest + 250, "[000000001][000000001]");
    check_bad_names(longest, "too long");
}

static void check_counts(const char *list, int n, const char *wanted)
{
    int counts[16];
    char why[256] = "", text[256] = "";
    if (!ipcr_nodelist_counts(counts, n, list, why, sizeof why))
        fail_msg("'%s' is refused: %s", list, why);
    for (int i = 0; i < n; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i ? " " : "", counts[i]);
    assert_string_equal(text, wanted);
}

static void counts(void **state)
{
    (void)state;
    check_counts("4", 1, "4");
    check_counts("2(x3),1", 4, "2 2 2 1");
    check_counts("1,2,3", 3, "1 2 3");
    check_counts("16(x2),8(x1)", 3, "16 16 8");
}

static void check_bad_counts(const char *list, int n, const char *reason)
{
    int counts[16];
    char why[256] = "";
    assert_false(ipcr_nodelist_counts(counts, n, list, why, sizeof why));
    if (!strstr(why, reason))
        fail_msg("'%s' is refused with '%s', not '%s'", list, why, reason);
}

static void bad_counts(void **state)
{
    (void)state;
    check_bad_counts("", 1, "no list of counts");
    check_bad_counts("2,", 2, "no list of counts");
    check_bad_counts("0", 1, "no list of counts");
    check_bad_counts("-1", 1, "no list of counts");
    check_bad_counts("2(x0)", 1, "no list of counts");
    check_bad_counts("2(x", 1, "no list of counts");
    check_bad_counts("2(3)", 1, "no list of counts");
    check_bad_counts("2(x3", 3, "no list of counts");
    check_bad_counts("2 (x3)", 3, "no list of counts");
    check_bad_counts("99999999999", 1, "no list of counts");
    check_bad_counts("2(x3)", 4, "fewer counts");
    check_bad_counts("2(x999999999)", 4, "more counts");
    check_bad_counts("2,2,2", 2, "more counts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(bad_names),
        cmocka_unit_test(counts),
        cmocka_unit_test(bad_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
