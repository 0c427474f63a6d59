"""One module a subcommand: `add_parser` declares it, `main` carries it out and returns the exit status."""
