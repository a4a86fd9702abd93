# The rules of the house: who may include whom, what is exported, what the documents must name.
TESTS += tests/arch/layers.sh tests/arch/symbols.sh tests/arch/documents.sh tests/arch/format.sh
EXTRA_DIST += tests/arch/layers.sh tests/arch/symbols.sh tests/arch/documents.sh \
	tests/arch/format.sh
