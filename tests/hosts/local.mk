# Several hosts on one machine (README.md there); skipped where namespaces cannot be made.
hosts_programs = tests/hosts/busy tests/hosts/everyone tests/hosts/weather
check_DATA += $(hosts_programs)
CLEANFILES += $(hosts_programs)
$(hosts_programs): tests/hosts/%: $(srcdir)/tests/hosts/%.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@

hosts_tests = tests/hosts/examples.sh tests/hosts/kill.sh tests/hosts/late.sh \
	tests/hosts/many.sh tests/hosts/mistakes.sh tests/hosts/mpi.sh tests/hosts/network.sh \
	tests/hosts/port22.sh tests/hosts/shared_dir.sh tests/hosts/udp.sh
TESTS += $(hosts_tests)
EXTRA_DIST += $(hosts_tests) tests/hosts/hosts.sh \
	$(wildcard $(srcdir)/tests/hosts/*.c $(srcdir)/tests/hosts/*.md)
