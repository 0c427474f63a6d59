"""Files take their names whole, and only the names that they may take."""

import os
import socket
import stat
from pathlib import Path

import pytest

from fluxtube import files
from fluxtube.errors import InputError
from fluxtube.files import beside, make_directory, remove_leftovers, replace_file, target_of, write_whole, written


def listed(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "real").write_bytes(b"old")
    os.chmod(scratch / "real", 0o640)
    (tmp_path / "link").symlink_to(scratch / "real")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (scratch / "real").read_bytes() == b"new"
    assert stat.S_IMODE(os.stat(scratch / "real").st_mode) == 0o640
    assert listed(scratch) == ["real"]
    (tmp_path / "dangling").symlink_to(scratch / "later")
    replace_file(tmp_path / "dangling", b"x")
    assert (scratch / "later").read_bytes() == b"x"


@pytest.mark.parametrize("kind", ["fifo", "folder", "circle", "socket", "device"])
def test_what_is_no_regular_file_is_refused(tmp_path, monkeypatch, kind):
    name = tmp_path / "x"
    held = None
    if kind == "fifo":
        os.mkfifo(name)
    elif kind == "folder":
        name.mkdir()
    elif kind == "circle":
        name.symlink_to(name)
    elif kind == "socket":
        held = socket.socket(socket.AF_UNIX)
        monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
        held.bind("x")
    else:
        name = Path("/dev/null")
    with pytest.raises(InputError):
        target_of(name)
    with pytest.raises(InputError):
        write_whole(name, "text")
    if held:
        held.close()


def test_where_a_command_speaks_nothing_is_put(tmp_path):
    """Standard error goes to a file: that is refused under its own name and as /dev/stderr; another file is a control."""
    (tmp_path / "link").symlink_to("/dev/stderr")
    kept = os.dup(2)
    with (tmp_path / "log").open("w") as spoken:
        os.dup2(spoken.fileno(), 2)
        try:
            for name in (tmp_path / "log", "/dev/stderr", tmp_path / "link"):
                with pytest.raises(InputError, match="where the words of this command go"):
                    write_whole(name, "text")
            write_whole(tmp_path / "other", "text")
        finally:
            os.dup2(kept, 2)
            os.close(kept)
    assert listed(tmp_path) == ["link", "log", "other"]


def test_files_are_there_together_or_not_at_all(tmp_path, monkeypatch):
    """The second cannot be written: the first stays as it was, and folders that were made are gone; then all are there."""

    def paths():
        folder = make_directory(tmp_path / "new" / "folder")
        yield write_whole(tmp_path / "a.csv", "new")
        yield write_whole(folder / "b.csv", "new")

    write_whole(tmp_path / "a.csv", "old")
    (tmp_path / "empty").mkdir()
    sync, calls = files.os.fsync, []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot write .*b\.csv.*No space left"):
        written(paths())
    assert (tmp_path / "a.csv").read_text() == "old"
    assert listed(tmp_path) == ["a.csv", "empty"]
    made = written(paths())
    assert made == [tmp_path / "a.csv", tmp_path / "new" / "folder" / "b.csv"]
    assert [path.read_text() for path in made] == ["new", "new"]
    assert listed(tmp_path) == ["a.csv", "empty", "new"]
    list(paths())  # outside of a batch each is written at once
    assert files.BATCH.get() is None


def test_a_full_disk_leaves_the_earlier_file(tmp_path, monkeypatch):
    write_whole(tmp_path / "a.csv", "good")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(InputError, match="No space left"):
        write_whole(tmp_path / "a.csv", "half")
    assert (tmp_path / "a.csv").read_text() == "good"
    assert listed(tmp_path) == ["a.csv"]


def test_a_partial_file_follows_no_link_that_somebody_laid_out(tmp_path, monkeypatch):
    (tmp_path / "precious").write_text("mine")
    monkeypatch.setattr(files.secrets, "token_hex", lambda n: "0" * 2 * n)
    beside(tmp_path / "r.h5", "partial-" + "0" * 16).symlink_to(tmp_path / "precious")
    with pytest.raises(OSError):
        replace_file(tmp_path / "r.h5", b"x")
    assert (tmp_path / "precious").read_text() == "mine"


def test_leftovers_are_matched_exactly(tmp_path):
    token = "0123456789abcdef"
    mine = [f".run.partial-{token}", ".run.partial-4711"]
    others = [f".run2.partial-{token}", f".run.checkpoint.partial-{token}", f".run.partial-{token}.h5", ".run.partial-", "run"]
    for name in mine + others:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path / "run")
    assert listed(tmp_path) == sorted(others)
    for name in ("o*", "a[1].h5", "n\udcff.h5"):
        leftover = tmp_path / f".{name}.partial-{token}"
        leftover.touch()
        remove_leftovers(tmp_path / name)
        assert not leftover.exists()


def test_the_longest_name_can_be_written(tmp_path):
    name = tmp_path / ("n" * 255)
    replace_file(name, b"x")
    assert listed(tmp_path) == [name.name]


@pytest.mark.parametrize(
    "there", [files.HDF5 + b"rest", b"\0" * 512 + files.HDF5, b"\x89PNG\r\n\x1a\n", b"%PDF-1.4", b"precious notes"]
)
def test_files_of_another_kind_are_not_replaced(tmp_path, there):
    path = tmp_path / "a.csv"
    path.write_bytes(there)
    with pytest.raises(InputError, match="exists already"):
        write_whole(path, "# theory\nl,C_l\n", like=b"# theory")
    assert path.read_bytes() == there
    path.write_bytes(b"# theory\nold")
    write_whole(path, "# theory\nnew", like=b"# theory")
    assert path.read_bytes() == b"# theory\nnew"


def test_configurations_and_inputs_are_not_replaced(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text("# theory")
    with pytest.raises(InputError, match="a configuration"):
        write_whole(path, "# theory", like=b"# theory")
    source = tmp_path / "in.csv"
    source.write_text("# theory")
    (tmp_path / "out.csv").symlink_to(source)
    with pytest.raises(InputError, match="input"):
        write_whole(tmp_path / "out.csv", "# theory", inputs=[source])
