# Unit tests: cmocka programs that link the library's and the launcher's objects, hidden functions
# and all (LDADD below is every check program's default). To add one: its file, and its name here.
unit_tests = \
	tests/unit/fuzz_types \
	tests/unit/test_auth \
	tests/unit/test_bell \
	tests/unit/test_bind \
	tests/unit/test_boot \
	tests/unit/test_burst \
	tests/unit/test_chaos \
	tests/unit/test_compare \
	tests/unit/test_ctxid \
	tests/unit/test_datatype \
	tests/unit/test_err \
	tests/unit/test_external \
	tests/unit/test_group \
	tests/unit/test_hosts \
	tests/unit/test_hw \
	tests/unit/test_joint \
	tests/unit/test_jobview \
	tests/unit/test_map \
	tests/unit/test_match \
	tests/unit/test_mem \
	tests/unit/test_nodelist \
	tests/unit/test_op \
	tests/unit/test_options \
	tests/unit/test_pace \
	tests/unit/test_pack \
	tests/unit/test_pmi \
	tests/unit/test_proto \
	tests/unit/test_rankmap \
	tests/unit/test_reliable \
	tests/unit/test_ring \
	tests/unit/test_route \
	tests/unit/test_siphash \
	tests/unit/test_signature \
	tests/unit/test_slab \
	tests/unit/test_sleeper \
	tests/unit/test_spool \
	tests/unit/test_sshwords \
	tests/unit/test_stream \
	tests/unit/test_tape \
	tests/unit/test_tcp_addr \
	tests/unit/test_top \
	tests/unit/test_tick \
	tests/unit/test_topo_map \
	tests/unit/test_trace \
	tests/unit/test_verdict \
	tests/unit/test_vmcopy

AM_CFLAGS += $(CMOCKA_CFLAGS)
LDADD = libipcrun.la libipcr.la $(CMOCKA_LIBS)

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

# A naive model of datatypes to compare with.
tests_unit_test_external_SOURCES = tests/unit/test_external.c tests/unit/typemap.c \
	tests/unit/typemap.h
tests_unit_test_pack_SOURCES = tests/unit/test_pack.c tests/unit/typemap.c tests/unit/typemap.h
