# tests/transport: see the README there.
