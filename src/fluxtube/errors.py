"""The one exception that the command line turns into a message."""


class InputError(ValueError):
    """Something the user gave cannot be used: what, its value, and what would do."""


class KernelStopped(InputError):
    """Compiled code was ended under way by what the process was made to do, or could not go on with its parameters."""
