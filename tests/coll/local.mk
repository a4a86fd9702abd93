# Collectives against a naive oracle: on simulated ranks (fast, in one process), and as jobs. Both
# need the library's hidden table, so they link its objects.

coll_cases = tests/coll/cases.c tests/coll/cases.h tests/coll/moves.c tests/coll/reductions.c

# Stands in for p2p and errors: its definitions come first, so the archive's are left out.
coll_sim = tests/coll/sim.c tests/coll/sim.h

check_PROGRAMS += tests/coll/oracle_sim tests/coll/choices tests/coll/oracle
tests_coll_oracle_sim_SOURCES = tests/coll/oracle_sim.c $(coll_cases) $(coll_sim)
tests_coll_oracle_sim_LDADD = libipcr.la
tests_coll_choices_SOURCES = tests/coll/choices.c $(coll_sim)
tests_coll_choices_LDADD = libipcr.la
tests_coll_oracle_SOURCES = tests/coll/oracle.c $(coll_cases)
tests_coll_oracle_LDADD = libipcr.la

# Programs as users write them, built by the build tree's mpicc.
coll_programs = tests/coll/arguments tests/coll/forced
check_DATA += $(coll_programs)
CLEANFILES += $(coll_programs)
$(coll_programs): tests/coll/%: $(srcdir)/tests/coll/%.c $(srcdir)/tests/mpi/check.h include/mpi.h \
		| mpicc libmpi_abi.la
	$(mpi_program) -iquote $(srcdir)/tests/mpi $< -o $@ -lm

TESTS += tests/coll/oracle_sim tests/coll/choices tests/coll/jobs.sh
EXTRA_DIST += tests/coll/jobs.sh tests/coll/arguments.c tests/coll/forced.c
