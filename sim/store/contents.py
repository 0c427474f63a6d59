"""What is in an ensemble file, finished or not, without its numbers."""

from dataclasses import dataclass
from pathlib import Path

import h5py

from fluxtube.sim.run.assignment import WHOLE, Assignment
from fluxtube.sim.store.consistency import require_shapes
from fluxtube.sim.store.header import Header, read_header
from fluxtube.sim.store.opening import opened
from fluxtube.sim.store.reader import plain_attributes


@dataclass(frozen=True)
class Contents:
    """A file's own words.

    Attributes
    ----------
    header : Header
    configuration_hash : str
    planned : int
        Realisations of the run, or of the part that this file is of.
    provenance, timings : dict
    datasets : list of dict
        name, shape, type, unit, meaning of each.
    """

    header: Header
    configuration_hash: str
    planned: int
    provenance: dict
    timings: dict
    datasets: list[dict]

    @property
    def state(self) -> str:
        """complete, part (a finished part of a run), or unfinished."""
        if self.header.complete and self.header.part is None:
            return "complete"
        return "part" if self.header.part and self.header.realisations >= self.planned else "unfinished"

    def next_step(self, path: Path) -> str:
        """What to do with the file now, "" where it is complete."""
        if self.state == "complete":
            return ""
        output = path.name.removesuffix(".checkpoint")
        part = self.header.part
        if self.state == "part" and part:
            return f"join all {part[1]} parts: fluxtube merge PART... -o FILE"
        return f"continue the run: fluxtube run CONFIG -o {output}{f' --part {part[0]}/{part[1]}' if part else ''} --resume"


def read_contents(path: Path) -> Contents:
    """Contents of a file.

    Raises
    ------
    InputError
        No such file, none that fluxtube wrote, or damaged.
    """
    with opened(path) as file:
        header = read_header(file, path)
        if header.complete and header.part is None:
            require_shapes(file, header)
        datasets: list[dict] = []
        file.visititems(lambda name, item: datasets.append(_dataset(name, item)) if isinstance(item, h5py.Dataset) else None)
        return Contents(
            header,
            str(file.attrs.get("configuration_hash", "")),
            Assignment(header.config, header.block_size, header.part or WHOLE).realisations,
            plain_attributes(file, "provenance"),
            {name: float(value) for name, value in plain_attributes(file, "timings").items()},
            datasets,
        )


def _dataset(name: str, item: h5py.Dataset) -> dict:
    attributes = plain_attributes(item.parent, item.name)
    return {
        "name": name,
        "shape": list(item.shape or ()),
        "type": str(item.dtype),
        "unit": str(attributes.get("unit", "")),
        "meaning": str(attributes.get("meaning", "")),
    }
