# tests/coll: see the README there.
