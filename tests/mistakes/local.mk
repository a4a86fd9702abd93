# Programs with classic mistakes, and what ipcrun says about each, with lines of their sources.
mistakes = $(patsubst $(srcdir)/%.c,%,$(wildcard $(srcdir)/tests/mistakes/*.c))
check_DATA += $(mistakes)
CLEANFILES += $(mistakes)
TESTS += tests/mistakes/clean.sh tests/mistakes/run.sh
EXTRA_DIST += tests/mistakes/clean.sh tests/mistakes/run.sh tests/mistakes/LIST tests/mistakes/between.h tests/mistakes/mistake.h \
	$(wildcard $(srcdir)/tests/mistakes/*.c $(srcdir)/tests/mistakes/*.says \
	$(srcdir)/tests/mistakes/*.md)

tests/mistakes/%: $(srcdir)/tests/mistakes/%.c $(srcdir)/tests/mistakes/mistake.h \
		$(srcdir)/tests/mistakes/between.h include/mpi.h \
		| mpicc libmpi_abi.la
	$(mpi_program) -g -O0 $< -o $@
