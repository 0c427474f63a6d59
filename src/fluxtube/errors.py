"""The one exception that the command line turns into a message."""


class InputError(ValueError):
    """Something the user gave cannot be used: what, its value, and what to do."""


class NotSummable(InputError, FloatingPointError):
    """A realisation is no number, or too large to be summed: its kernel was stopped under way, or its parameters are extreme."""
