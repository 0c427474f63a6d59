"""Ranks: MPI where there are several, a stand-in of one rank where there is none."""

import os
from typing import TYPE_CHECKING

from fluxtube.environment import whole_number
from fluxtube.errors import InputError

if TYPE_CHECKING:
    import numpy as np


class SerialCommunicator:
    """One rank: everything is here already."""

    rank = 0
    size = 1
    ranks_on_node = 1
    library = "none"

    def broadcast(self, thing):
        """The root's object, on every rank."""
        return thing

    def sum_to_root(self, array: "np.ndarray") -> None:
        """Add an integer array over ranks, in place on the root."""

    def largest(self, array: "np.ndarray") -> None:
        """The largest of each integer over ranks, in place on all."""

    def first_on_node(self, action):
        """Do something on one rank of each node before the others."""
        return action()

    def finalize(self) -> None:
        """Take leave of the other ranks, so that a launcher sees this one's exit status."""

    def abort(self, status: int) -> None:
        """End all ranks at once; nothing to do for one."""


class MpiCommunicator:
    """The ranks of COMM_WORLD."""

    def __init__(self, mpi):
        self._mpi = mpi
        self._world = mpi.COMM_WORLD
        self.rank = self._world.Get_rank()
        self.size = self._world.Get_size()
        self._node = self._world.Split_type(mpi.COMM_TYPE_SHARED)
        self.ranks_on_node = self._node.Get_size()
        self.library = mpi.Get_library_version().splitlines()[0].strip()

    def broadcast(self, thing):
        """The root's object, on every rank."""
        return self._world.bcast(thing, root=0)

    def sum_to_root(self, array: "np.ndarray") -> None:
        """Add an integer array over ranks, in place on the root: exact in whatever order the library adds."""
        if self.rank == 0:
            self._world.Reduce(self._mpi.IN_PLACE, array, op=self._mpi.SUM, root=0)
        else:
            self._world.Reduce(array, None, op=self._mpi.SUM, root=0)

    def largest(self, array: "np.ndarray") -> None:
        """The largest of each integer over ranks, in place on all."""
        self._world.Allreduce(self._mpi.IN_PLACE, array, op=self._mpi.MAX)

    def first_on_node(self, action):
        """Do something on one rank of each node before the others."""
        if self._node.Get_rank() == 0:
            try:
                return action()
            finally:
                self._node.Barrier()
        self._node.Barrier()
        return action()

    def finalize(self) -> None:
        """Take leave of the other ranks, so that a launcher sees this one's exit status."""
        self._mpi.Finalize()

    def abort(self, status: int) -> None:
        """End all ranks at once."""
        self._world.Abort(status)


class AgreedError(InputError):
    """Bad input that all ranks know of, and leave for together."""


def on_root(communicator, action, broadcast: bool = True):
    """Do something on the root alone.

    Returns
    -------
    object
        What it gave, on every rank; None but on the root where `broadcast` is False.

    Raises
    ------
    AgreedError
        It raised InputError or OSError on the root: then on every rank, so that all go the same way.
    """
    result = message = None
    if communicator.rank == 0:
        try:
            result = action()
        except InputError as error:
            message = str(error)
        except OSError as error:  # a folder that is gone, a file that may not be read: for all ranks alike
            message = f"{error.strerror or error}{f': {error.filename!r}' if error.filename else ''}"
    shared, message = communicator.broadcast((result if broadcast else None, message))
    if message is not None:
        raise AgreedError(message)
    return shared if broadcast else result


def connect() -> SerialCommunicator | MpiCommunicator:
    """The communicator of this process.

    Raises
    ------
    InputError
        A launcher started several ranks, but each sees itself alone: all would write the same file.
    """
    communicator: SerialCommunicator | MpiCommunicator
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:  # no mpi4py; mpi4py without an MPI library
        communicator, reason = SerialCommunicator(), f"mpi4py finds no MPI library here ({str(error).splitlines()[0]})"
    else:
        communicator, reason = MpiCommunicator(MPI), f"mpi4py uses {MPI.Get_library_version().splitlines()[0].strip()}"
    launched = _ranks_of_launcher()
    if communicator.size == 1 and launched > 1:
        raise InputError(
            f"the launcher started {launched} ranks, but each of them is alone: {reason}, which is not the launcher's; "
            "use the mpirun or srun --mpi=... of that library"
        )
    return communicator


def under_launcher() -> bool:
    """Whether mpirun, srun or one of their kin started this process."""
    return any(name.startswith(("PMI_", "PMIX_", "OMPI_", "MPI_LOCAL", "HYDI_", "SLURM_STEP_")) for name in os.environ)


def _ranks_of_launcher() -> int:
    """How many ranks the environment says were started together."""
    environment = os.environ
    counts = [environment.get("PMI_SIZE"), environment.get("OMPI_COMM_WORLD_SIZE"), environment.get("MPI_LOCALNRANKS")]
    if "SLURM_STEP_ID" in environment:
        counts.append(environment.get("SLURM_STEP_NUM_TASKS"))
    return max([whole_number(count) or 1 for count in counts])
