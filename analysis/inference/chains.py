"""Samples of a posterior as files: GetDist's text chains, and one HDF5 (netCDF4) file that ArviZ opens."""

import io
from pathlib import Path

import numpy as np

from fluxtube.analysis.inference.parameters import LABELS, NAMES, UNITS
from fluxtube.analysis.inference.posterior import WALKERS, Posterior
from fluxtube.files import HDF5, write_whole


def write_getdist(posterior: Posterior, root) -> list[Path]:
    """ROOT_1.txt (weight, -ln L, parameters), ROOT.paramnames and ROOT.ranges (Lewis 2019, arXiv:1910.13970)."""
    root, columns = Path(root), _columns(posterior)
    table = np.column_stack([np.ones(len(posterior.points)), -posterior.log_likelihood, *columns.values()])
    paths = [root.with_name(root.name + ending) for ending in ("_1.txt", ".paramnames", ".ranges")]
    rows = io.StringIO()
    np.savetxt(rows, table, fmt="%.8e")
    write_whole(paths[0], rows.getvalue())
    write_whole(paths[1], "".join(f"{name} {LABELS[name]}\n" for name in columns))
    unit = {"displacement_perpendicular": "0 1", "convection_perpendicular": "0 1"}
    write_whole(paths[2], "".join(f"{name} {unit.get(name, 'N N')}\n" for name in columns))
    return paths


def write_arviz(posterior: Posterior, path) -> Path:
    """Groups `posterior` and `sample_stats` with dimensions chain (a walker) and draw: ArviZ's InferenceData."""
    import h5py

    draws = max(len(posterior.points) // WALKERS, 1)
    chains = len(posterior.points) // draws
    groups = {"posterior": _columns(posterior), "sample_stats": {"lp": posterior.log_likelihood}}
    with h5py.File("samples in memory", "w", driver="core", backing_store=False, track_order=True) as file:
        file.attrs["creator"] = "fluxtube"
        for group_name, columns in groups.items():
            group = file.create_group(group_name, track_order=True)
            for dimension, length in (("chain", chains), ("draw", draws)):
                group.create_dataset(dimension, data=np.arange(length)).make_scale(dimension)
            for name, values in columns.items():
                data = group.create_dataset(name, data=values[: chains * draws].reshape(draws, chains).T)
                data.attrs["units"] = UNITS.get(name, "1")
                for axis, dimension in enumerate(("chain", "draw")):
                    data.dims[axis].attach_scale(group[dimension])
        file.flush()
        content = file.id.get_file_image()
    return write_whole(path, content, like=HDF5)


def _columns(posterior: Posterior) -> dict[str, np.ndarray]:
    """Free parameters by name."""
    samples = posterior.samples()
    return {name: samples[:, column] for column, name in enumerate(NAMES) if name in posterior.names}
