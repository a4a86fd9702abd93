# The contract of transport.h, case by case, for every row of runtime/transports.c. The harness
# stands in for the library's upper half, so p2p_*.c are not linked from the archive.
transport_tests = tests/transport/conformance tests/transport/tcp
transport_harness = tests/transport/harness.c tests/transport/harness.h
check_PROGRAMS += $(transport_tests)
TESTS += $(transport_tests)
tests_transport_conformance_SOURCES = tests/transport/conformance.c $(transport_harness)
tests_transport_tcp_SOURCES = tests/transport/tcp.c $(transport_harness)
EXTRA_DIST += $(wildcard $(srcdir)/tests/transport/*.md)
