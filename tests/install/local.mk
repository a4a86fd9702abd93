# The installed tree, used as its users do: moved, through CMake, a plain Makefile and pkg-config.
TESTS += tests/install/moved.sh tests/install/wrapper.sh
EXTRA_DIST += tests/install/moved.sh tests/install/wrapper.sh \
	tests/install/cmake/CMakeLists.txt tests/install/cmake/twice.c tests/install/cmake/twice.cc
