# Measuring programs, written against the standard alone so that other MPIs can run them, too.
bench_names = \
	calls \
	coll \
	init \
	limits \
	link \
	match \
	overlap \
	p2p \
	strided \
	threads \
	wait

bench_programs = $(bench_names:%=bench/%)
noinst_DATA += $(bench_programs)
CLEANFILES += $(bench_programs)
EXTRA_DIST += bench/compare bench/hosts bench/instructions bench/ipc-table bench/scaling
EXTRA_DIST += $(wildcard $(srcdir)/bench/*.[ch] $(srcdir)/bench/*.py $(srcdir)/bench/*.md)

bench/%: $(srcdir)/bench/%.c $(srcdir)/bench/stats.c $(wildcard $(srcdir)/bench/*.h) include/mpi.h \
		| mpicc libmpi_abi.la
	$(mpi_program) $(filter %.c,$^) -o $@ -lm -pthread

# What these share beyond that.
bench/coll bench/match bench/overlap bench/p2p bench/strided bench/threads: \
	$(srcdir)/bench/bench.c $(srcdir)/bench/distance.c
bench/limits: $(srcdir)/bench/limits_net.c $(srcdir)/bench/limits_wake.c $(srcdir)/launcher/probe.c $(srcdir)/launcher/probe.h

# The points of doc/performance.md against the peers that are installed; some three minutes.
bench: all
	$(PYTHON3) $(srcdir)/bench/compare --ours $(abs_builddir)
.PHONY: bench
