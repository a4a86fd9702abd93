# The library. Its objects are in libipcr.la, a convenience archive, because unit tests and the
# launcher need hidden functions too; libmpi_abi adds the name and the list of what it shows.
runtime_sources = \
	runtime/alike.c \
	runtime/args.c \
	runtime/attr.c \
	runtime/bell.c \
	runtime/boot.c \
	runtime/boot_agent.c \
	runtime/boot_alone.c \
	runtime/boot_pmi.c \
	runtime/bsend.c \
	runtime/comm.c \
	runtime/ctxid.c \
	runtime/datatype.c \
	runtime/decide.c \
	runtime/dims.c \
	runtime/env.c \
	runtime/err.c \
	runtime/errcode.c \
	runtime/external.c \
	runtime/finding.c \
	runtime/follow.c \
	runtime/group.c \
	runtime/handle.c \
	runtime/held.c \
	runtime/hw.c \
	runtime/info.c \
	runtime/infoenv.c \
	runtime/layout.c \
	runtime/life.c \
	runtime/lock.c \
	runtime/log.c \
	runtime/match.c \
	runtime/meeting.c \
	runtime/mem.c \
	runtime/mpi_abi.c \
	runtime/mpi_attr.c \
	runtime/mpi_buffer.c \
	runtime/mpi_comm.c \
	runtime/mpi_comm_agree.c \
	runtime/mpi_comm_from_group.c \
	runtime/mpi_comm_idup.c \
	runtime/mpi_comm_inter.c \
	runtime/mpi_comm_make.c \
	runtime/mpi_comm_split.c \
	runtime/mpi_env.c \
	runtime/mpi_err.c \
	runtime/mpi_grequest.c \
	runtime/mpi_group.c \
	runtime/mpi_handle.c \
	runtime/mpi_hw.c \
	runtime/mpi_info.c \
	runtime/mpi_init.c \
	runtime/mpi_op.c \
	runtime/mpi_pack.c \
	runtime/mpi_pack_external.c \
	runtime/mpi_partitioned.c \
	runtime/mpi_probe.c \
	runtime/mpi_recv.c \
	runtime/mpi_request.c \
	runtime/mpi_send.c \
	runtime/mpi_session.c \
	runtime/mpi_topo.c \
	runtime/mpi_topo_cart.c \
	runtime/mpi_topo_dist.c \
	runtime/mpi_topo_graph.c \
	runtime/mpi_sendrecv.c \
	runtime/mpi_start.c \
	runtime/mpi_status.c \
	runtime/mpi_type.c \
	runtime/mpi_type_array.c \
	runtime/mpi_type_attr.c \
	runtime/mpi_type_decode.c \
	runtime/mpi_type_info.c \
	runtime/mpi_type_named.c \
	runtime/nodemem.c \
	runtime/observe.c \
	runtime/op.c \
	runtime/opkernels.c \
	runtime/oppairs.c \
	runtime/p2p_ack.c \
	runtime/p2p_arrive.c \
	runtime/p2p_pull.c \
	runtime/p2p_recv.c \
	runtime/p2p_send.c \
	runtime/pack.c \
	runtime/packing.c \
	runtime/parts.c \
	runtime/parts_recv.c \
	runtime/parts_send.c \
	runtime/peer.c \
	runtime/pmi.c \
	runtime/progress.c \
	runtime/request.c \
	runtime/route.c \
	runtime/seg.c \
	runtime/sendrecv.c \
	runtime/several.c \
	runtime/session.c \
	runtime/signature.c \
	runtime/slab.c \
	runtime/stranger.c \
	runtime/tape.c \
	runtime/tick.c \
	runtime/tool_chaos.c \
	runtime/tool_check.c \
	runtime/tool_profile.c \
	runtime/tool_replay.c \
	runtime/topo.c \
	runtime/topo_map.c \
	runtime/topo_plan.c \
	runtime/transports.c \
	runtime/typearray.c \
	runtime/typebounds.c \
	runtime/typemake.c \
	runtime/typetable.c \
	runtime/typeunnamed.c

if HAVE_PMIX
runtime_sources += \
	runtime/boot_pmix.c \
	runtime/pmixlib.c
AM_CFLAGS += $(PMIX_CFLAGS)
endif

runtime_headers = \
	runtime/abi.h \
	runtime/agree.h \
	runtime/alike.h \
	runtime/args.h \
	runtime/attr.h \
	runtime/basic.h \
	runtime/bell.h \
	runtime/board.h \
	runtime/boot.h \
	runtime/bsend.h \
	runtime/clock.h \
	runtime/comm.h \
	runtime/comm_make.h \
	runtime/ctxid.h \
	runtime/datatype.h \
	runtime/decide.h \
	runtime/dims.h \
	runtime/env.h \
	runtime/err.h \
	runtime/errcode.h \
	runtime/errhandler.h \
	runtime/external.h \
	runtime/finding.h \
	runtime/follow.h \
	runtime/graveyard.h \
	runtime/footprint.h \
	runtime/group.h \
	runtime/handle.h \
	runtime/held.h \
	runtime/hidden.h \
	runtime/hw.h \
	runtime/info.h \
	runtime/infoenv.h \
	runtime/job.h \
	runtime/layout.h \
	runtime/life.h \
	runtime/lock.h \
	runtime/log.h \
	runtime/match.h \
	runtime/meeting.h \
	runtime/mem.h \
	runtime/nodemem.h \
	runtime/observe.h \
	runtime/op.h \
	runtime/opkernels.h \
	runtime/oppairs.h \
	runtime/p2p.h \
	runtime/packing.h \
	runtime/partitioned.h \
	runtime/parts.h \
	runtime/peer.h \
	runtime/pmi.h \
	runtime/pmixlib.h \
	runtime/profile.h \
	runtime/protocol.h \
	runtime/progress.h \
	runtime/relax.h \
	runtime/request.h \
	runtime/route.h \
	runtime/seg.h \
	runtime/sendrecv.h \
	runtime/several.h \
	runtime/session.h \
	runtime/short.h \
	runtime/signature.h \
	runtime/slab.h \
	runtime/status.h \
	runtime/tape.h \
	runtime/tick.h \
	runtime/tool_chaos.h \
	runtime/tool_replay.h \
	runtime/topo.h \
	runtime/topo_map.h \
	runtime/topo_plan.h \
	runtime/transport.h \
	runtime/typemake.h \
	runtime/typeunnamed.h \
	runtime/way.h \
	runtime/wire.h \
	runtime/env.def

# Transports: one file each, one row in runtime/transports.c.
transport_sources = \
	runtime/transport/allowed.c \
	runtime/transport/auth.c \
	runtime/transport/burst.c \
	runtime/transport/conn.c \
	runtime/transport/fifo.c \
	runtime/transport/file.c \
	runtime/transport/folder.c \
	runtime/transport/hub.c \
	runtime/transport/joint.c \
	runtime/transport/links.c \
	runtime/transport/mmap.c \
	runtime/transport/mmap_box.c \
	runtime/transport/mqueue.c \
	runtime/transport/mqueue_make.c \
	runtime/transport/nodestream.c \
	runtime/transport/pipe.c \
	runtime/transport/reliable.c \
	runtime/transport/self.c \
	runtime/transport/shm.c \
	runtime/transport/sigclaim.c \
	runtime/transport/signal.c \
	runtime/transport/siphash.c \
	runtime/transport/spool.c \
	runtime/transport/stream.c \
	runtime/transport/tcp.c \
	runtime/transport/tcp_addr.c \
	runtime/transport/tcp_dial.c \
	runtime/transport/tcp_meet.c \
	runtime/transport/udp.c \
	runtime/transport/udp_socket.c \
	runtime/transport/unix.c \
	runtime/transport/vmcopy.c \
	runtime/transport/allowed.h \
	runtime/transport/auth.h \
	runtime/transport/burst.h \
	runtime/transport/conn.h \
	runtime/transport/folder.h \
	runtime/transport/gather.h \
	runtime/transport/hub.h \
	runtime/transport/joint.h \
	runtime/transport/lane.h \
	runtime/transport/links.h \
	runtime/transport/mmap_box.h \
	runtime/transport/mqueue.h \
	runtime/transport/nodestream.h \
	runtime/transport/pace.h \
	runtime/transport/reliable.h \
	runtime/transport/ring.h \
	runtime/transport/ring_frag.h \
	runtime/transport/sigclaim.h \
	runtime/transport/siphash.h \
	runtime/transport/spool.h \
	runtime/transport/stream.h \
	runtime/transport/tcp.h \
	runtime/transport/tcp_addr.h \
	runtime/transport/udp.h \
	runtime/transport/vmcopy.h

noinst_LTLIBRARIES += libipcr.la
libipcr_la_SOURCES = $(runtime_sources) $(runtime_headers) $(transport_sources) \
	$(collectives_sources)

lib_LTLIBRARIES += libmpi_abi.la
libmpi_abi_la_SOURCES =
libmpi_abi_la_LIBADD = libipcr.la
# 1:0:0 gives the SONAME libmpi_abi.so.1, which the standard's ABI fixes.
libmpi_abi_la_LDFLAGS = $(AM_LDFLAGS) -version-info 1:0:0 -export-symbols-regex '^P?MPI_'
# A function that is called and missing is found here, not when a user's program starts. (A sanitized
# library finds its runtime only in the program.)
if !SANITIZED
libmpi_abi_la_LDFLAGS += -Wl,-z,defs
endif

mpiincludedir = @mpiincludedir@
mpiinclude_HEADERS = runtime/mpi.h

EXTRA_DIST += $(wildcard $(srcdir)/runtime/*.md $(srcdir)/runtime/transport/*.md)
