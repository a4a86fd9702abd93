# Unit tests: cmocka programs that link the library's and the launcher's objects, hidden functions
# and all (LDADD below is every check program's default). To add one: its file, and its name here.
unit_tests = \
	tests/unit/test_bell tests/unit/test_ctxid tests/unit/test_err tests/unit/test_group \
	tests/unit/test_match tests/unit/test_pack tests/unit/test_ring

AM_CFLAGS += $(CMOCKA_CFLAGS)
LDADD = libipcrun.la libipcr.la $(HWLOC_LIBS) $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
