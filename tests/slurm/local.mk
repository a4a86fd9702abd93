# A real Slurm of four nodes on this machine; skipped without root or without Slurm.
TESTS += tests/slurm/direct.sh
EXTRA_DIST += tests/slurm/direct.sh tests/slurm/lib.sh
