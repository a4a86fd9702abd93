# The launcher and the compiler wrappers.
#
# libipcrun.la holds everything but main.c, so that unit tests can link it. Nothing here links
# libmpi_abi: ./ipcrun in the build tree is the real program and not a libtool wrapper, and the
# installed one runs wherever it is copied.
launcher_sources = \
	launcher/activity.c \
	launcher/agent.c \
	launcher/agent_detour.c \
	launcher/agent_feed.c \
	launcher/agent_profile.c \
	launcher/agent_trace.c \
	launcher/anon.c \
	launcher/bind.c \
	launcher/bindplace.c \
	launcher/bindshow.c \
	launcher/chan.c \
	launcher/channels.c \
	launcher/compare.c \
	launcher/compare_chart.c \
	launcher/compare_count.c \
	launcher/compare_data.c \
	launcher/compare_html.c \
	launcher/compare_json.c \
	launcher/compare_limit.c \
	launcher/compare_load.c \
	launcher/compare_machine.c \
	launcher/compare_rank.c \
	launcher/compare_run.c \
	launcher/compare_table.c \
	launcher/completion.c \
	launcher/console.c \
	launcher/cpus.c \
	launcher/detour.c \
	launcher/environ.c \
	launcher/exits.c \
	launcher/feed.c \
	launcher/find.c \
	launcher/foreign.c \
	launcher/gather.c \
	launcher/gpus.c \
	launcher/guard.c \
	launcher/hang.c \
	launcher/hang_show.c \
	launcher/hang_words.c \
	launcher/head.c \
	launcher/hostpick.c \
	launcher/hosts.c \
	launcher/info.c \
	launcher/info_try.c \
	launcher/jobdir.c \
	launcher/jobview.c \
	launcher/look.c \
	launcher/look_status.c \
	launcher/look_top.c \
	launcher/loop.c \
	launcher/makeplan.c \
	launcher/map.c \
	launcher/mapshow.c \
	launcher/meet.c \
	launcher/nodelist.c \
	launcher/nodes.c \
	launcher/optable.c \
	launcher/options.c \
	launcher/optother.c \
	launcher/optplace.c \
	launcher/optvalue.c \
	launcher/outfile.c \
	launcher/outjson.c \
	launcher/page.c \
	launcher/pattern.c \
	launcher/plan.c \
	launcher/probe.c \
	launcher/quiet.c \
	launcher/rankfile.c \
	launcher/rankmap.c \
	launcher/ranks.c \
	launcher/reach.c \
	launcher/reap.c \
	launcher/relay.c \
	launcher/sched_lists.c \
	launcher/sched_slurm.c \
	launcher/scheduler.c \
	launcher/screen.c \
	launcher/settings.c \
	launcher/sink.c \
	launcher/sleeper.c \
	launcher/spawn.c \
	launcher/spawn_local.c \
	launcher/spawn_slurm.c \
	launcher/spawn_ssh.c \
	launcher/sshwords.c \
	launcher/start.c \
	launcher/stats.c \
	launcher/stats_chart.c \
	launcher/stats_html.c \
	launcher/stats_text.c \
	launcher/stuck.c \
	launcher/talk.c \
	launcher/top.c \
	launcher/topology.c \
	launcher/trace.c \
	launcher/trace_clock.c \
	launcher/trace_flow.c \
	launcher/trace_json.c \
	launcher/tty.c \
	launcher/util.c \
	launcher/verdict.c \
	launcher/visit.c \
	launcher/waits.c \
	launcher/where.c

launcher_headers = \
	launcher/agent.h \
	launcher/anon.h \
	launcher/bind.h \
	launcher/chan.h \
	launcher/channels.h \
	launcher/compare.h \
	launcher/compare_load.h \
	launcher/completion.h \
	launcher/console.h \
	launcher/cpus.h \
	launcher/detour.h \
	launcher/environ.h \
	launcher/exits.h \
	launcher/find.h \
	launcher/foreign.h \
	launcher/gpus.h \
	launcher/hang.h \
	launcher/head.h \
	launcher/hostpick.h \
	launcher/hosts.h \
	launcher/info.h \
	launcher/jobdir.h \
	launcher/jobview.h \
	launcher/look.h \
	launcher/look_job.h \
	launcher/loop.h \
	launcher/makeplan.h \
	launcher/map.h \
	launcher/mapshow.h \
	launcher/nodelist.h \
	launcher/optable.h \
	launcher/options.h \
	launcher/optvalue.h \
	launcher/outfile.h \
	launcher/outjson.h \
	launcher/page.h \
	launcher/pattern.h \
	launcher/plan.h \
	launcher/probe.h \
	launcher/proto.h \
	launcher/rankfile.h \
	launcher/rankmap.h \
	launcher/ranks.h \
	launcher/reach.h \
	launcher/scheduler.h \
	launcher/screen.h \
	launcher/settings.h \
	launcher/sink.h \
	launcher/sleeper.h \
	launcher/spawn.h \
	launcher/sshwords.h \
	launcher/stats.h \
	launcher/talk.h \
	launcher/top.h \
	launcher/trace.h \
	launcher/tty.h \
	launcher/util.h \
	launcher/verdict.h \
	launcher/visit.h \
	launcher/waits.h \
	launcher/where.h

bin_PROGRAMS += ipcrun
ipcrun_SOURCES = launcher/main.c
ipcrun_LDADD = libipcrun.la libipcr.la

noinst_LTLIBRARIES += libipcrun.la
libipcrun_la_SOURCES = $(launcher_sources) $(launcher_headers)
libipcrun_la_CFLAGS = $(AM_CFLAGS) $(HWLOC_CFLAGS) $(LIBDW_CFLAGS)
libipcrun_la_CPPFLAGS = $(AM_CPPFLAGS) -DIPCR_PREFIX='"$(prefix)"' -DIPCR_SYSCONFDIR='"$(sysconfdir)"' \
	-DIPCR_BUILT='"$(CC) $(CFLAGS)"'
libipcrun_la_LIBADD = -lm

# One template, four wrappers. ./mpicc and ./mpicxx know the build tree; those below
# launcher/installed know the configured directories, and find today's prefix when they run.
if MPI_NAMES
mpicc_name = mpicc
mpicxx_name = mpicxx
else
mpicc_name = mpicc.ipcrun
mpicxx_name = mpicxx.ipcrun
endif
installed_wrappers = launcher/installed/$(mpicc_name) launcher/installed/$(mpicxx_name)
build_wrappers = mpicc mpicxx
bin_SCRIPTS = $(installed_wrappers)
noinst_SCRIPTS = $(build_wrappers)
CLEANFILES += $(installed_wrappers) $(build_wrappers)

wrapper_common = -e 's|%name%|$(@F)|g; s|%version%|$(VERSION)|g; s|%sanitize%|$(SANITIZE_FLAGS)|g'
wrapper_c = -e 's|%lang%|C|g; s|%var%|CC|g; s|%cc%|cc|g; s|%pad%|          |g' \
	-e 's|%compiler%|$(CC)|g; s|%fallbacks%|cc gcc clang|g'
wrapper_cxx = -e 's|%lang%|C++|g; s|%var%|CXX|g; s|%cc%|cxx|g; s|%pad%|         |g' \
	-e 's|%compiler%|$(CXX)|g; s|%fallbacks%|c++ g++ clang++|g'
wrapper_installed = -e 's|%prefix%|$(prefix)|g; s|%bindir%|$(bindir)|g' \
	-e 's|%includedir%|$(mpiincludedir)|g; s|%libdir%|$(libdir)|g'
wrapper_here = -e 's|%prefix%|$(abs_builddir)|g; s|%bindir%|$(abs_builddir)|g' \
	-e 's|%includedir%|$(abs_builddir)/include|g; s|%libdir%|$(abs_builddir)/.libs|g'
wrapper_finish = $(srcdir)/launcher/mpicc.in >$@.tmp && chmod +x $@.tmp && mv -f $@.tmp $@
wrapper_needs = $(srcdir)/launcher/mpicc.in Makefile

mpicc: $(wrapper_needs)
	$(AM_V_GEN)$(SED) $(wrapper_common) $(wrapper_c) $(wrapper_here) $(wrapper_finish)

mpicxx: $(wrapper_needs)
	$(AM_V_GEN)$(SED) $(wrapper_common) $(wrapper_cxx) $(wrapper_here) $(wrapper_finish)

launcher/installed/$(mpicc_name): $(wrapper_needs)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) $(wrapper_common) $(wrapper_c) $(wrapper_installed) $(wrapper_finish)

launcher/installed/$(mpicxx_name): $(wrapper_needs)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) $(wrapper_common) $(wrapper_cxx) $(wrapper_installed) $(wrapper_finish)

# The .pc file finds its prefix from its own folder (lib/pkgconfig is two steps down), unless libdir
# was configured to lie elsewhere.
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = launcher/ipcrun.pc
CLEANFILES += launcher/ipcrun.pc

launcher/ipcrun.pc: $(srcdir)/launcher/ipcrun.pc.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && below='$(pkgconfigdir:$(prefix)/%=%)' && \
	case $$below in \
	/*) pcprefix='$(prefix)' ;; \
	*) pcprefix="\$${pcfiledir}/$$(echo "$$below" | $(SED) 's|[^/][^/]*|..|g')" ;; \
	esac && \
	$(SED) -e "s|%pcprefix%|$$pcprefix|" -e 's|%version%|$(VERSION)|' \
	-e 's|%bindir%|$(bindir:$(prefix)/%=$${prefix}/%)|' \
	-e 's|%includedir%|$(mpiincludedir:$(prefix)/%=$${prefix}/%)|' \
	-e 's|%libdir%|$(libdir:$(prefix)/%=$${prefix}/%)|' \
	$(srcdir)/launcher/ipcrun.pc.in >$@

# What bash completes, by the table of options itself.
completiondir = $(datadir)/bash-completion/completions
completion_DATA = launcher/completion/ipcrun
CLEANFILES += launcher/completion/ipcrun

launcher/completion/ipcrun: ipcrun$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && ./ipcrun$(EXEEXT) --completion >$@.tmp && mv -f $@.tmp $@

man1_MANS += launcher/ipcrun.1 $(mpicc_man)
EXTRA_DIST += launcher/ipcrun.1 launcher/mpicc.1 launcher/mpicc.in launcher/ipcrun.pc.in \
	$(wildcard $(srcdir)/launcher/*.md)

# The other names of the same things.
if MPI_NAMES
mpicc_man = launcher/mpicc.1
install-exec-hook:
	cd $(DESTDIR)$(bindir) && for name in mpiexec mpirun; do \
		$(LN_S) -f ipcrun$(EXEEXT) $$name; done && $(LN_S) -f mpicxx mpic++
install-data-hook:
	cd $(DESTDIR)$(man1dir) && for name in mpiexec mpirun; do \
		$(LN_S) -f ipcrun.1 $$name.1; done && $(LN_S) -f mpicc.1 mpicxx.1
	cd $(DESTDIR)$(completiondir) && for name in mpiexec mpirun; do \
		$(LN_S) -f ipcrun $$name; done
uninstall-hook:
	cd $(DESTDIR)$(bindir) && rm -f mpiexec mpirun mpic++
	cd $(DESTDIR)$(man1dir) && rm -f mpiexec.1 mpirun.1 mpicxx.1
	cd $(DESTDIR)$(completiondir) && rm -f mpiexec mpirun
else
mpicc_man = launcher/mpicc.ipcrun.1
CLEANFILES += launcher/mpicc.ipcrun.1
launcher/mpicc.ipcrun.1: $(srcdir)/launcher/mpicc.1
	$(AM_V_GEN)$(MKDIR_P) $(@D) && cp $(srcdir)/launcher/mpicc.1 $@
install-data-hook:
	cd $(DESTDIR)$(man1dir) && $(LN_S) -f mpicc.ipcrun.1 mpicxx.ipcrun.1
uninstall-hook:
	cd $(DESTDIR)$(man1dir) && rm -f mpicxx.ipcrun.1
endif
