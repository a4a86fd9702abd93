# What `make check` runs. tests/driver runs each entry of TESTS, bounded in time, and counts single
# results where the test prints TAP (`ok 1 - name`), else its exit status (77: skipped).
TEST_EXTENSIONS = .sh
LOG_DRIVER = $(SHELL) $(srcdir)/tests/driver
SH_LOG_DRIVER = $(LOG_DRIVER)
AM_TESTS_ENVIRONMENT = \
	IPCRUN_TEST_SRC='$(abs_srcdir)'; export IPCRUN_TEST_SRC; \
	IPCRUN_TEST_BUILD='$(abs_builddir)'; export IPCRUN_TEST_BUILD; \
	IPCRUN_TEST_SLOW=$${IPCRUN_TEST_SLOW:-$(slow)}; export IPCRUN_TEST_SLOW; \
	$(sanitizer_options)
if SANITIZED
# Time limits grow by this factor. Freed memory goes back soon: some tests bound what a job uses.
slow = 4
sanitizer_options = ASAN_OPTIONS=$${ASAN_OPTIONS:-quarantine_size_mb=1}; export ASAN_OPTIONS;
else
slow = 1
endif
EXTRA_DIST += tests/driver tests/tap.sh $(wildcard $(srcdir)/tests/*.md)

include $(srcdir)/tests/unit/local.mk
include $(srcdir)/tests/abi/local.mk
include $(srcdir)/tests/transport/local.mk
include $(srcdir)/tests/coll/local.mk
include $(srcdir)/tests/mpi/local.mk
include $(srcdir)/tests/examples/local.mk
include $(srcdir)/tests/launcher/local.mk
include $(srcdir)/tests/mistakes/local.mk
include $(srcdir)/tests/fuzz/local.mk
include $(srcdir)/tests/hosts/local.mk
include $(srcdir)/tests/model/local.mk
include $(srcdir)/tests/slurm/local.mk
include $(srcdir)/tests/install/local.mk
include $(srcdir)/tests/arch/local.mk

# The parts of the suite that are worth their time under the address and undefined behaviour
# sanitizers, and under the thread sanitizer.
sanitized_tests = $(unit_tests) $(fuzz_programs) tests/transport/conformance tests/coll/oracle_sim \
	tests/mpi/all.sh $(launcher_tests)
check-sanitized:
	IPCRUN_TEST_MPI="$${IPCRUN_TEST_MPI--n 0,1,2,3,4}" \
		$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(sanitized_tests)'
check-threads: all tests/mpi/threads tests/mpi/comm_threads tests/mpi/threads_all
	IPCRUN_TEST_MPI="-o *threads*" $(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=tests/mpi/all.sh
# The MPI programs under valgrind, with two ranks: no wrong access, no undefined byte that leaves the
# process, and nothing that the library still holds at the end. Some minutes; no suppressions. What another
# process writes into a rank's memory is undefined to it, so there are no such copies.
check-valgrind: all
	$(MAKE) $(AM_MAKEFLAGS) check TESTS=
	IPCRUN_PULL=0 $(srcdir)/tests/mpi/run -n 2 -t 20 -w '$(VALGRIND)' $${IPCRUN_TEST_MPI:-} ./ipcrun tests/mpi
VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=all \
	--errors-for-leak-kinds=all
.PHONY: check-sanitized check-threads check-valgrind
