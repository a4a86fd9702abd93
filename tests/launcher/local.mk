# tests/launcher: see the README there.
