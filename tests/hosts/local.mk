# tests/hosts: see the README there.
