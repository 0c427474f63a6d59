"""One run at a time on one output, whoever starts them."""

import fcntl
import os

import pytest

from fluxtube.errors import InputError
from fluxtube.files import beside
from fluxtube.sim.store.lock import locked
from fluxtube.sim.store.place import check_writable, output_place


def test_a_lock_excludes_and_is_taken_away(tmp_path):
    path = tmp_path / "r.h5"
    with locked(path) as held:
        assert held
        with pytest.raises(InputError, match="another run"), locked(path):
            pass
    assert os.listdir(tmp_path) == []


def test_a_lock_that_may_only_be_read_excludes_too(tmp_path, monkeypatch):
    """As another user of the group finds it."""
    path, name = tmp_path / "r.h5", beside(tmp_path / "r.h5", "lock")
    holder = os.open(name, os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(holder, fcntl.LOCK_EX)
    opened, may = os.open, os.O_RDONLY

    def as_another_user(target, flags, mode=0o777, **how):
        if str(target) == str(name) and flags & os.O_ACCMODE != may:
            raise PermissionError(13, "Permission denied", str(target))
        return opened(target, flags, mode, **how)

    monkeypatch.setattr("fluxtube.sim.store.lock.os.open", as_another_user)
    with pytest.raises(InputError, match="another run"), locked(path):
        pass
    fcntl.flock(holder, fcntl.LOCK_UN)
    with locked(path) as held:
        assert held
    os.close(opened(name, os.O_WRONLY | os.O_CREAT, 0o600))
    may = None
    with pytest.raises(InputError, match="cannot be opened"), locked(path):
        pass
    os.close(holder)


def test_two_links_to_one_file_have_one_lock(tmp_path):
    (tmp_path / "one").symlink_to(tmp_path / "real")
    (tmp_path / "two").symlink_to(tmp_path / "real")
    with locked(tmp_path / "one"), pytest.raises(InputError, match="another run"), locked(tmp_path / "two"):
        pass


@pytest.mark.parametrize("kind", ["link", "hard link", "fifo", "folder"])
def test_what_is_no_lock_is_refused(tmp_path, kind):
    name, precious = beside(tmp_path / "r.h5", "lock"), tmp_path / "precious"
    precious.write_text("mine")
    if kind == "link":
        name.symlink_to(precious)
    elif kind == "hard link":
        name.hardlink_to(precious)
    elif kind == "fifo":
        os.mkfifo(name)
    else:
        name.mkdir()
    with pytest.raises(InputError, match="remove it"), locked(tmp_path / "r.h5"):
        pass
    assert precious.read_text() == "mine"


def test_the_probe_touches_nothing_that_is_there(tmp_path):
    for name in (".r.h5.partial-1", ".r.h5.partial-0123456789abcdef", "r.h5"):
        (tmp_path / name).write_text(name)
    before = sorted(os.listdir(tmp_path))
    check_writable(tmp_path / "r.h5")
    assert sorted(os.listdir(tmp_path)) == before
    with pytest.raises(InputError, match="cannot write in"):
        check_writable(tmp_path / "gone" / "r.h5")


def test_names_that_leave_no_room_for_a_checkpoint_are_refused_at_once(tmp_path):
    assert output_place(tmp_path / ("n" * 244)).name == "n" * 244
    with pytest.raises(InputError, match="1 characters shorter"):
        output_place(tmp_path / ("n" * 245))
    with pytest.raises(InputError, match="no directory"):
        output_place(tmp_path / "gone" / "r.h5")
