"""Many realisations: blocks over ranks, exact sums, stopping rule, signals, progress."""
