# Models for spin; skipped where it is missing (Debian: spin).
model_tests = tests/model/run.sh
TESTS += $(model_tests)
EXTRA_DIST += $(model_tests) $(wildcard $(srcdir)/tests/model/*.pml)
