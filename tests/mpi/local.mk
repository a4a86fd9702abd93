# Programs that test the library through mpi.h alone, built by the build tree's mpicc. Each .c file
# here is one; to add one: the file, and its row in LIST.
mpi_tests = $(patsubst $(srcdir)/%.c,%,$(wildcard $(srcdir)/tests/mpi/*.c))
check_DATA += $(mpi_tests)
CLEANFILES += $(mpi_tests)
TESTS += tests/mpi/all.sh
EXTRA_DIST += tests/mpi/all.sh tests/mpi/run tests/mpi/LIST tests/mpi/LIST.long \
	$(wildcard $(srcdir)/tests/mpi/*.c $(srcdir)/tests/mpi/*.h $(srcdir)/tests/mpi/*.md)

tests/mpi/%: $(srcdir)/tests/mpi/%.c $(wildcard $(srcdir)/tests/mpi/*.h) include/mpi.h \
		| mpicc libmpi_abi.la
	$(mpi_program) $< -o $@ -lm -pthread
