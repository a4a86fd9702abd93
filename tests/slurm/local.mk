# A real Slurm of four nodes on this machine; skipped without root or without Slurm.
slurm_tests = \
	tests/slurm/allocation.sh \
	tests/slurm/direct.sh

TESTS += $(slurm_tests)
EXTRA_DIST += $(slurm_tests) tests/slurm/lib.sh
