"""Where the library says what a user should know; the command line decides how it looks."""

import logging

LOG = logging.getLogger("fluxtube")
