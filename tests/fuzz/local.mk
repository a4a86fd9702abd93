# Parsers against bytes that cannot be trusted (README.md there).
fuzz_programs = \
	tests/fuzz/fuzz_control \
	tests/fuzz/fuzz_pmi \
	tests/fuzz/fuzz_stream \
	tests/fuzz/fuzz_text

tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c tests/fuzz/fuzz.h tests/fuzz/main.c
tests_fuzz_fuzz_pmi_SOURCES = tests/fuzz/fuzz_pmi.c tests/fuzz/fuzz.h tests/fuzz/main.c
tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/fuzz_stream.c tests/fuzz/fuzz.h tests/fuzz/main.c
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c tests/fuzz/fuzz.h tests/fuzz/main.c

check_PROGRAMS += $(fuzz_programs)
TESTS += $(fuzz_programs)
EXTRA_DIST += tests/fuzz/README.md tests/fuzz/corpus tests/fuzz/search.sh
