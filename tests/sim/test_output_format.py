"""Files that explain themselves: named axes, attributes, and a page that says what the writer writes."""

import re
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray

import fluxtube
from fluxtube.sim.store.consistency import SHAPES
from fluxtube.sim.store.dimensions import AXES
from fluxtube.sim.store.file_format import DATASETS, FORMAT_MAJOR, FORMAT_MINOR

PAGE = (Path(__file__).parents[2] / "docs" / "output-format.md").read_text()
SMALL = {
    "ensemble.realisations": 40, "sky.l_max": 5, "sky.nside": 4, "turbulence.band": [1e-2, 40], "output.skies": 3,
    "output.multipoles": 10, "check.realisations": 2, "check.particles": 500,
}  # fmt: skip
RUNS = {
    "momenta": {"transport.other_mean_free_paths": ["3 pc"], "sky.frame": "equatorial"},
    "particles": {"sampling.estimator": "particles", "sampling.particles": 600, "check.realisations": 0},
    "nothing kept": {"output.skies": 0, "output.multipoles": 0, "check.realisations": 0},
}


@pytest.fixture(params=RUNS)
def ensemble(request, tmp_path):
    keys = SMALL | RUNS[request.param]
    if request.param == "particles":
        keys.pop("check.particles")
    simulated = fluxtube.simulate({}, {key: value for key, value in keys.items() if "particles" not in key or value})
    simulated.save(tmp_path / "run.h5")
    return simulated, tmp_path / "run.h5"


def test_xarray_knows_names_and_coordinates(ensemble):
    simulated, path = ensemble
    with xarray.open_dataset(path, group="multipoles", engine="h5netcdf") as multipoles:
        assert multipoles["second_moment"].dims == ("order", "degree", "degree_other")
        assert float(multipoles["second_moment"].sel(order=0, degree=3, degree_other=5)) == simulated.second_moment[0, 3, 5]
        assert "normalisation" in multipoles.attrs
    for group, name, dims in [("sky", "mean", ("pixel",)), ("samples", "multipoles", ("realisation", "order", "degree"))]:
        with xarray.open_dataset(path, group=group, engine="h5netcdf") as data:
            assert data[name].dims == dims
    with xarray.open_dataset(path, group="sky", engine="h5netcdf") as sky:
        assert sky["mean"].attrs["ordering"] == "RING"
        assert sky["mean"].attrs["nside"] == 4
        assert sky["mean"].attrs["frame"].startswith("C" if simulated.config.sky.frame == "equatorial" else "magnetic")


def test_a_file_that_is_open_elsewhere_is_read(ensemble):
    """In a notebook xarray or h5py hold the file open, with a lock; HDF5 wants the same of both."""
    simulated, path = ensemble
    for hold in (h5py.File, lambda name: xarray.open_dataset(name, group="multipoles", engine="h5netcdf")):
        with hold(path):
            np.testing.assert_array_equal(fluxtube.load(path).C_l, simulated.C_l)


def test_no_axis_is_without_a_name(ensemble):
    _, path = ensemble
    with h5py.File(path) as file:
        for name in SHAPES:
            if name in file:
                assert all(len(axis) == 1 and axis.label for axis in file[name].dims), name
                assert file[name].attrs["meaning"] == DATASETS[name][0]


def test_an_ensemble_becomes_an_xarray(ensemble):
    simulated, _ = ensemble
    data = simulated.to_xarray()
    np.testing.assert_array_equal(data["C_l"].sel(degree=[2, 4]), simulated.C_l[[2, 4]])
    assert data["samples_multipoles"].dims == ("realisation", "order", "degree")
    assert ("momenta_second_moment" in data) == (simulated.momenta is not None)


def test_the_page_names_everything_that_is_written(ensemble):
    """Every data set, of results and of the exact state, and every attribute of the file stands on the page."""
    _, path = ensemble
    assert f"version {FORMAT_MAJOR}.{FORMAT_MINOR}" in PAGE.splitlines()[0]
    named = set(re.findall(r"`([\w/]+)`", PAGE))
    state = {name.rsplit("/", 1)[-1] for name in named}
    with h5py.File(path) as file:
        assert set(file.attrs) - {"_NCProperties"} <= named
        names = []
        file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        for name in names:
            if name.startswith("exact/samples/"):
                assert "exact/samples" in PAGE
            elif name.startswith("exact/"):
                assert name.rsplit("/", 1)[-1] in state, name
            else:
                assert name in named, name


def test_the_page_names_nothing_that_is_not_written():
    rows = re.findall(r"^\| `((?:multipoles|momenta|spectrum|sky|samples|check)/\w+)`", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(DATASETS)
    assert {name for names in AXES.values() for name in names} <= set(re.findall(r"`(\w+)`", PAGE))
