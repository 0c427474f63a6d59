"""A grid of runs on the same flows: one ordinary run file a point, in a directory."""
