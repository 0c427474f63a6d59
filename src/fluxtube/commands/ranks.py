"""A command on all ranks of a launcher: they fail together, and leave with one status."""

import time

from fluxtube.failures import BUG, outcome_of, say

MESSAGE_TRAVELS = 0.3  # s: a launcher that is told to abort drops what it has not forwarded yet


def on_all_ranks(communicator, work):
    """Carry out work on this rank, one of several.

    Parameters
    ----------
    communicator : SerialCommunicator or MpiCommunicator
    work : callable

    Returns
    -------
    object
        What `work` gave; None where all ranks agreed on bad input and this one is not the root, which raises it.
    """
    from fluxtube.sim.run.communicator import AgreedError

    try:
        return work()
    except AgreedError:
        if communicator.rank == 0:
            raise
        return None
    except BaseException as error:
        if communicator.size > 1:
            _end_all(error, communicator)
        raise


def leave_unfinished(communicator, status: int) -> int:
    """The exit status of a run that stopped before its end, after the ranks took leave of one another."""
    from fluxtube.sim.run.communicator import under_launcher
    from fluxtube.sim.run.interrupts import leave_undisturbed

    if under_launcher():  # else the process may be somebody's own, who calls this from Python
        leave_undisturbed()
        communicator.finalize()  # or some launchers lose the status
    return status


def _end_all(error: BaseException, communicator) -> None:
    """End the other ranks too: one that leaves alone would let them wait for ever."""
    status, message = outcome_of(error)
    if not isinstance(error, KeyboardInterrupt):
        say(message)
    time.sleep(MESSAGE_TRAVELS)
    communicator.abort(status or BUG)
