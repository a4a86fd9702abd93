# The contract of transport.h, case by case, for every row of runtime/transports.c. The harness
# stands in for the library's upper half, so p2p_*.c are not linked from the archive. The scripts run
# whole programs over every row.
transport_tests = tests/transport/conformance tests/transport/tcp tests/transport/udp
transport_scripts = tests/transport/debris.sh tests/transport/file.sh tests/transport/semantic.sh
transport_harness = tests/transport/harness.c tests/transport/harness.h
check_PROGRAMS += $(transport_tests) tests/transport/nosocket
TESTS += $(transport_tests) $(transport_scripts)
tests_transport_conformance_SOURCES = tests/transport/conformance.c $(transport_harness)
tests_transport_tcp_SOURCES = tests/transport/tcp.c $(transport_harness)
tests_transport_udp_SOURCES = tests/transport/udp.c $(transport_harness)
EXTRA_DIST += $(transport_scripts) tests/transport/ring.c \
	$(wildcard $(srcdir)/tests/transport/*.md)

check_DATA += tests/transport/ring
CLEANFILES += tests/transport/ring
tests/transport/ring: $(srcdir)/tests/transport/ring.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@
