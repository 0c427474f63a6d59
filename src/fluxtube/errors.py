"""The one exception that the command line turns into a message."""


class InputError(ValueError):
    """Something the user gave cannot be used: what, its value, and what would do."""
