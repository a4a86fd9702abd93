# Examples are built as users build theirs: by mpicc (the build tree's), knowing no header but mpi.h.
# Each is a real program with the build tree's library as its rpath, so
#     ./ipcrun -n 8 ./examples/heat
# works before anything is installed. To add one: its file, and its name here.
examples = \
	cg halo heat hello life mandelbrot matmul nbody overlap partitioned persistent pi \
	ring session sort wordcount

example_programs = $(examples:%=examples/%)
noinst_DATA += $(example_programs)
CLEANFILES += $(example_programs)
EXTRA_DIST += $(wildcard $(srcdir)/examples/*.[ch] $(srcdir)/examples/*.md \
	$(srcdir)/examples/*.mtx $(srcdir)/examples/*.txt $(srcdir)/examples/Makefile.user)

examples/%: $(srcdir)/examples/%.c $(wildcard $(srcdir)/examples/*.h) include/mpi.h \
		| mpicc libmpi_abi.la
	$(mpi_program) $(ZLIB_CFLAGS) -DEXAMPLES_DIR='"$(abs_srcdir)/examples"' $(filter %.c,$^) -o $@ $(ZLIB_LIBS) -lm -pthread

# What two of them share.
examples/heat examples/mandelbrot: $(srcdir)/examples/png.c
examples/cg: $(srcdir)/examples/mmread.c
