#!/bin/sh
# Makes configure and the Makefile template from their sources; run once in a fresh clone.
set -e
cd "$(dirname "$0")"
mkdir -p m4
exec autoreconf --install --force --warnings=all,no-portability "$@"
