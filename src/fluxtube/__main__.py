"""`python -m fluxtube`, the same as the console command."""

import sys

from fluxtube.cli import main

sys.exit(main())
