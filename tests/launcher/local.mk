# The launcher as its users meet it: exit codes, input and output, signals, mistakes.
launcher_tests = \
	tests/launcher/anywhere.sh \
	tests/launcher/bind.sh \
	tests/launcher/compare.sh \
	tests/launcher/corpus.sh \
	tests/launcher/debris.sh \
	tests/launcher/debugger.sh \
	tests/launcher/environ.sh \
	tests/launcher/foreign.sh \
	tests/launcher/hang.sh \
	tests/launcher/input.sh \
	tests/launcher/look.sh \
	tests/launcher/output.sh \
	tests/launcher/pmi.sh \
	tests/launcher/pmix.sh \
	tests/launcher/plumbing.sh \
	tests/launcher/remote.sh \
	tests/launcher/replay.sh \
	tests/launcher/schedulers.sh \
	tests/launcher/secret.sh \
	tests/launcher/settings.sh \
	tests/launcher/siege.sh \
	tests/launcher/signals.sh \
	tests/launcher/start.sh \
	tests/launcher/stats.sh \
	tests/launcher/status.sh \
	tests/launcher/strangers.sh \
	tests/launcher/trace.sh \
	tests/launcher/transport.sh \
	tests/launcher/usage.sh \
	tests/launcher/versions.sh

TESTS += $(launcher_tests)
EXTRA_DIST += $(launcher_tests) tests/launcher/lib.sh tests/launcher/corpus.txt \
	tests/launcher/exchange.c tests/launcher/forbid.c tests/launcher/hang.c \
	tests/launcher/onpty.py tests/launcher/otherlib.c tests/launcher/rank.c tests/launcher/replay.c tests/launcher/besieged.c \
	tests/launcher/secret.py tests/launcher/siege.py tests/launcher/traffic.c \
	$(wildcard $(srcdir)/tests/launcher/*.md)

# An MPI program that hangs, or seems to.
check_DATA += tests/launcher/hang
CLEANFILES += tests/launcher/hang
tests/launcher/hang: $(srcdir)/tests/launcher/hang.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@ -pthread

# An MPI program that ends in whatever way it is told to.
check_DATA += tests/launcher/rank
CLEANFILES += tests/launcher/rank
tests/launcher/rank: $(srcdir)/tests/launcher/rank.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@

# An MPI program that depends on what comes first.
check_DATA += tests/launcher/replay
CLEANFILES += tests/launcher/replay
tests/launcher/replay: $(srcdir)/tests/launcher/replay.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@

# One that passes for one of another version.
check_DATA += tests/launcher/otherlib
CLEANFILES += tests/launcher/otherlib
tests/launcher/otherlib: $(srcdir)/tests/launcher/otherlib.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@

# One whose messages are known.
check_DATA += tests/launcher/traffic
CLEANFILES += tests/launcher/traffic
tests/launcher/traffic: $(srcdir)/tests/launcher/traffic.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@

# One that sends messages of all sizes and looks at every byte.
check_DATA += tests/launcher/exchange
CLEANFILES += tests/launcher/exchange
tests/launcher/exchange: $(srcdir)/tests/launcher/exchange.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@

# One whose ranks wait for strangers.
check_DATA += tests/launcher/besieged
CLEANFILES += tests/launcher/besieged
tests/launcher/besieged: $(srcdir)/tests/launcher/besieged.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@

# One that knows the library from inside.
check_PROGRAMS += tests/launcher/secret
tests_launcher_secret_SOURCES = tests/launcher/secret.c
tests_launcher_secret_LDADD = libipcr.la

# Takes system calls away from what it runs.
check_PROGRAMS += tests/launcher/forbid
tests_launcher_forbid_SOURCES = tests/launcher/forbid.c
tests_launcher_forbid_LDADD =
