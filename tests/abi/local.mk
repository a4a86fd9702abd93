# mpi.h and the library against the tables of the standard ABI; a program that interposes.
check_DATA += tests/abi/interpose
CLEANFILES += tests/abi/interpose
TESTS += tests/abi/abi.sh tests/abi/badargs.sh tests/abi/coverage.sh tests/abi/interpose
EXTRA_DIST += tests/abi/abi.sh tests/abi/abi.py tests/abi/badargs.sh \
	tests/abi/badargs.py tests/abi/coverage.sh tests/abi/coverage.py $(wildcard $(srcdir)/tests/abi/*.tsv \
	$(srcdir)/tests/abi/*.c $(srcdir)/tests/abi/*.md \
	$(srcdir)/tests/abi/*.h)

tests/abi/interpose: $(srcdir)/tests/abi/interpose.c include/mpi.h | mpicc libmpi_abi.la
	$(mpi_program) $< -o $@
