"""The console command, and `python -m fluxtube`."""

import sys
from contextlib import suppress


def start() -> int:
    """Exit status of the command line; an interrupt in the tenths of a second before it is parsed is one line, too."""
    try:
        from fluxtube.cli import main

        return main()
    except KeyboardInterrupt:
        with suppress(Exception):  # standard error may be closed
            sys.stderr.write("fluxtube: interrupted\n")
        return 130


if __name__ == "__main__":
    sys.exit(start())
