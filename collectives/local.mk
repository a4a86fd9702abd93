# Collectives: one algorithm a file, one row in collectives/table.def. They go into the library
# (runtime/local.mk); tests/coll takes them from its archive.
algorithm_sources = \
	collectives/allgather_bruck.c \
	collectives/allgather_doubling.c \
	collectives/allgather_flat.c \
	collectives/allgather_lines.c \
	collectives/allgather_nodes.c \
	collectives/allgather_ring.c \
	collectives/allgather_sheets.c \
	collectives/allreduce_doubling.c \
	collectives/allreduce_flat.c \
	collectives/allreduce_lines.c \
	collectives/allreduce_nodes.c \
	collectives/allreduce_rabenseifner.c \
	collectives/allreduce_ring.c \
	collectives/alltoall_bruck.c \
	collectives/alltoall_inplace.c \
	collectives/alltoall_linear.c \
	collectives/alltoall_lines.c \
	collectives/alltoall_pairwise.c \
	collectives/barrier_dissemination.c \
	collectives/barrier_flat.c \
	collectives/barrier_lines.c \
	collectives/barrier_nodes.c \
	collectives/bcast_binomial.c \
	collectives/bcast_chain.c \
	collectives/bcast_linear.c \
	collectives/bcast_lines.c \
	collectives/bcast_nodes.c \
	collectives/bcast_scatter_ring.c \
	collectives/bcast_sheets.c \
	collectives/block.c \
	collectives/gather_binomial.c \
	collectives/gather_linear.c \
	collectives/gather_lines.c \
	collectives/inter_barrier.c \
	collectives/inter_linear.c \
	collectives/inter_reduce.c \
	collectives/inter_rooted.c \
	collectives/neighbor_linear.c \
	collectives/reduce_binomial.c \
	collectives/reduce_lines.c \
	collectives/reduce_nodes.c \
	collectives/reduce_rabenseifner.c \
	collectives/reduce_scatter_flat.c \
	collectives/reduce_scatter_halving.c \
	collectives/reduce_scatter_lines.c \
	collectives/reduce_scatter_pairwise.c \
	collectives/reduce_scatter_root.c \
	collectives/reduce_tree.c \
	collectives/scan_chain.c \
	collectives/scan_doubling.c \
	collectives/scan_lines.c \
	collectives/scatter_binomial.c \
	collectives/scatter_linear.c \
	collectives/scatter_lines.c \
	collectives/scatter_nodes.c \
	collectives/scatterv_lines.c

collectives_sources = \
	$(algorithm_sources) \
	collectives/acc.c \
	collectives/acc.h \
	collectives/check.c \
	collectives/check.h \
	collectives/coll.h \
	collectives/flat.c \
	collectives/flat.h \
	collectives/levels.c \
	collectives/lines.c \
	collectives/levels.h \
	collectives/lines.h \
	collectives/lines_merge.c \
	collectives/mpi_coll_allgather.c \
	collectives/mpi_coll_alltoall.c \
	collectives/mpi_coll_bcast.c \
	collectives/mpi_coll_gather.c \
	collectives/mpi_coll_neighbor_allgather.c \
	collectives/mpi_coll_neighbor_alltoall.c \
	collectives/mpi_coll_reduce.c \
	collectives/mpi_coll_reduce_scatter.c \
	collectives/mpi_coll_scan.c \
	collectives/mpi_coll_scatter.c \
	collectives/part.c \
	collectives/run.c \
	collectives/run.h \
	collectives/schedule.c \
	collectives/schedule.h \
	collectives/select.c \
	collectives/table.c \
	collectives/table.def \
	collectives/table.h \
	collectives/tool_compare.c \
	collectives/tree.c \
	collectives/tree.h

EXTRA_DIST += $(wildcard $(srcdir)/collectives/*.md)
