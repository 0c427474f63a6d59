"""Files that somebody made to mislead or to harm their reader: one line, status 2, nothing else read or kept busy."""

import fcntl

import h5py
import numpy as np
import pytest

from fluxtube.cli import main
from fluxtube.errors import InputError
from fluxtube.sim.store.header import DIGEST, header_digest
from fluxtube.sim.store.reader import read_ensemble


def replace(file, name, **how):
    del file[name]
    file.create_dataset(name, **how)


def signed(file, **attributes):
    """Change attributes as somebody would who can compute the digest too."""
    file.attrs.update(attributes)
    file.attrs[DIGEST] = header_digest(file)


def external(file, name):
    shape = file[name].shape
    replace(file, name, shape=shape, dtype="f8", external=[("/etc/passwd", 0, int(8 * np.prod(shape)))])


def virtual(file, name):
    shape = file[name].shape
    layout = h5py.VirtualLayout(shape, dtype="f8")
    layout[...] = h5py.VirtualSource("other.h5", "x", shape=shape)
    del file[name]
    file.create_virtual_dataset(name, layout)


def link(file, name, target):
    del file[name]
    file[name] = target


def nan_at_one_place(file, name, value=np.nan):
    array = file[name][...]
    array.flat[array.size // 2] = value
    replace(file, name, data=array)


def edited(file, old, new):
    assert old in file.attrs["configuration"]
    return file.attrs["configuration"].replace(old, new)


LEADS_ELSEWHERE = {
    "external storage": lambda file: external(file, "sky/mean"),
    "external storage of the state": lambda file: external(file, "exact/samples/skies"),
    "virtual data set": lambda file: virtual(file, "multipoles/second_moment"),
    "external link": lambda file: link(file, "sky/mean", h5py.ExternalLink("/etc/passwd", "/x")),
    "external link to a group": lambda file: link(file, "sky", h5py.ExternalLink("other.h5", "/")),
    "soft link": lambda file: link(file, "sky/mean", h5py.SoftLink("/sky/mean_square")),
    "soft link in a circle": lambda file: link(file, "sky/mean", h5py.SoftLink("/sky/mean")),
    "group within itself": lambda file: file["sky"].__setitem__("again", file["sky"]),
}
CLAIMS = {
    "22 GB in a small file": lambda file: replace(file, "multipoles/mean", shape=(1, 3 * 10**9), dtype="f8"),
    "7 TB by its configuration": lambda file: signed(file, configuration=edited(file, "l_max = 6", "l_max = 1500")),
    "chunks that are not there": lambda file: replace(file, "sky/mean", shape=(192,), dtype="f8", chunks=(192,)),
}
STATE = {
    "a state of zeros": lambda file: replace(file, "exact/whole/mean", shape=(7, 10**9), dtype="i8", chunks=(7, 10**4)),
    "a changed state": lambda file: nan_at_one_place(file, "exact/whole/mean", 1),
    "a state of another shape": lambda file: replace(file, "exact/whole/mean", data=np.zeros((7, 1, 1), "i8")),
    "a state without digest": lambda file: file["exact"].attrs.__delitem__("digest"),
    "a state of text": lambda file: replace(file, "exact/blocks", data=np.array([b"1"])),
}
WRONG = {
    "another shape": lambda file: replace(file, "multipoles/second_moment", data=np.ones((1, 7, 6))),
    "a number for an array": lambda file: replace(file, "spectrum/C_l", data=1.0),
    "empty": lambda file: replace(file, "spectrum/C_l", data=np.zeros(0)),
    "null space": lambda file: replace(file, "spectrum/C_l", data=h5py.Empty("f8")),
    "text for numbers": lambda file: replace(file, "spectrum/C_l", data=np.array([b"1"] * 7)),
    "strings of any length": lambda file: replace(file, "spectrum/C_l", data=["x"] * 7, dtype=h5py.string_dtype()),
    "complex": lambda file: replace(file, "spectrum/C_l", data=np.ones(7, complex)),
    "compound": lambda file: replace(file, "spectrum/C_l", data=np.zeros(7, [("a", "f8")])),
    "a group for a data set": lambda file: (file.__delitem__("spectrum/C_l"), file.create_group("spectrum/C_l")),
    "missing": lambda file: file.__delitem__("multipoles/noise"),
    "missing group": lambda file: file.__delitem__("multipoles"),
    "missing state": lambda file: file.__delitem__("exact"),
    "NaN": lambda file: nan_at_one_place(file, "multipoles/second_moment"),
    "infinite": lambda file: nan_at_one_place(file, "multipoles/mean", np.inf),
    "infinite C_l": lambda file: nan_at_one_place(file, "spectrum/C_l", -np.inf),
    "degrees out of order": lambda file: replace(file, "multipoles/degree", data=np.arange(7)[::-1]),
    "version of three numbers": lambda file: signed(file, format_version=[1, 2, 0]),
    "version in words": lambda file: signed(file, format_version="one"),
    "version NaN": lambda file: signed(file, format_version=[np.nan, 1]),
    "realisations in words": lambda file: signed(file, realisations="many"),
    "realisations NaN": lambda file: signed(file, realisations=np.nan),
    "too many realisations": lambda file: signed(file, realisations=2**62),
    "fewer realisations, well signed": lambda file: signed(file, realisations=30),
    "no realisation": lambda file: signed(file, realisations=0),
    "part of three numbers": lambda file: signed(file, part=[1, 2, 3]),
    "part 5 of 3": lambda file: signed(file, part=[5, 3]),
    "complete twice": lambda file: file.attrs.update(complete=[True, False]),
    "complete in words": lambda file: file.attrs.update(complete="false"),
    "timings in words": lambda file: file["timings"].attrs.update(total="long"),
    "configuration of bytes that are no text": lambda file: signed(file, configuration=b"\xff\xfe"),
    "configuration a number": lambda file: signed(file, configuration=7),
    "configuration no TOML": lambda file: signed(file, configuration="[[["),
    "configuration deep": lambda file: signed(file, configuration="x = " + "[" * 20000),
}
CHANGED = {
    "fewer realisations": lambda file: file.attrs.update(realisations=30),
    "more realisations": lambda file: file.attrs.update(realisations=3_000_000),
    "another sigma": lambda file: file.attrs.update(configuration=edited(file, 'sigma = "23', 'sigma = "24')),
    "another hash": lambda file: file.attrs.update(configuration_hash="0" * 64),
    "no digest": lambda file: file.attrs.__delitem__(DIGEST),
    "a part's": lambda file: file.attrs.update(part=[1, 1]),
}


@pytest.mark.parametrize("kind", [*LEADS_ELSEWHERE, *CLAIMS, *WRONG, *CHANGED])
def test_refused_in_one_line(folder, capfd, kind):
    with h5py.File(folder / "run.h5", "r+") as file:
        (LEADS_ELSEWHERE | CLAIMS | WRONG | CHANGED)[kind](file)
    outputs = ["report", "-o", str(folder / "x.html")], ["sky", "-o", str(folder / "x.fits")]
    for command in (["validate"], ["validate", "--json"], *outputs):
        assert main([command[0], str(folder / "run.h5"), *command[1:]]) == 2
        said = capfd.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1, said.err
        assert said.err.startswith("fluxtube: error:")
    assert main(["info", str(folder / "run.h5")]) in (0, 2)  # it reads no numbers
    assert "Traceback" not in capfd.readouterr().err
    if kind in LEADS_ELSEWHERE or kind in CHANGED:
        assert main(["info", str(folder / "run.h5")]) == 2
        assert extended(folder) == 2


def extended(folder) -> int:
    longer = ["--resume", "--set", "ensemble.realisations=400", "-q"]
    return main(["run", str(folder / "small.toml"), "-o", str(folder / "run.h5"), *longer])


@pytest.mark.parametrize("kind", STATE)
def test_a_damaged_state_is_not_extended(folder, capfd, kind):
    with h5py.File(folder / "run.h5", "r+") as file:
        STATE[kind](file)
    content = (folder / "run.h5").read_bytes()
    assert extended(folder) == 2
    assert capfd.readouterr().err.count("\n") == 1
    assert (folder / "run.h5").read_bytes() == content
    with pytest.raises(InputError):  # nor judged: what the numbers came from is not what was written
        read_ensemble(folder / "run.h5")


def test_the_untouched_file_is_taken(folder, capfd):
    """What keeps the test above from passing for any file."""
    assert main(["info", str(folder / "run.h5")]) == 0
    assert read_ensemble(folder / "run.h5").realisations == 300


@pytest.mark.parametrize(("name", "length"), [("realisations", 30), ("configuration", None)])
def test_a_changed_file_of_an_older_format_is_noticed_too(folder, name, length):
    with h5py.File(folder / "run.h5", "r+") as file:
        file.attrs["format_version"] = [1, 1]
        del file.attrs[DIGEST]
    assert read_ensemble(folder / "run.h5").realisations == 300
    with h5py.File(folder / "run.h5", "r+") as file:
        file.attrs[name] = length or file.attrs[name].replace('sigma = "23', 'sigma = "24')
    with pytest.raises(InputError, match="damaged"):
        read_ensemble(folder / "run.h5")


def test_text_of_a_file_moves_no_cursor(folder, capfd):
    with h5py.File(folder / "run.h5", "r+") as file:
        file["provenance"].attrs["host"] = "\x1b]0;title\x07\x1b[31mred \u202egnorw \x9b2J"
    assert main(["info", str(folder / "run.h5")]) == 0
    out = capfd.readouterr().out
    assert "red" in out
    assert not set(out) & set("\x1b\x07\u202e\x9b")


def test_no_reader_needs_a_lock(folder, capfd):
    with open(folder / "run.h5", "rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for command in (["info"], ["validate"], ["report", "-o", str(folder / "x.html")], ["plot", "-o", str(folder / "plots")]):
            assert main([command[0], str(folder / "run.h5"), *command[1:]]) == 0
