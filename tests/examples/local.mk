# Every example, as its README says to run it.
TESTS += tests/examples/all.sh
EXTRA_DIST += tests/examples/all.sh
