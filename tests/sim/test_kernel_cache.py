"""The cache of machine code belongs to this user alone, ends no run, and is of these kernels alone."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fluxtube.sim.engine.kernels.compiling import private_folder

RECURRENCE = """\
from fluxtube.sim.engine.kernels.legendre import legendre_recurrence as kernel
print(kernel(5)[0].tolist(), "cached" if kernel.stats.cache_hits else "compiled")
"""


@pytest.fixture
def base():
    """A folder below one that only this user can change; pytest's own may stand anywhere."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o022, 0o077])
def test_only_the_user_can_enter(base, umask):
    before = os.umask(umask)
    try:
        folder = private_folder(base / "fluxtube", "kernels")
    finally:
        os.umask(before)
    assert folder == base / "fluxtube" / "kernels"
    for step in (folder, folder.parent):
        assert os.stat(step).st_mode & 0o777 == 0o700
    assert private_folder(base / "fluxtube", "kernels") == folder


def test_what_others_could_have_put_there_is_not_trusted(base):
    folder = private_folder(base / "fluxtube", "kernels")
    (folder / "planted.nbi").write_bytes(b"")
    assert private_folder(base / "fluxtube", "kernels") == folder
    assert (folder / "planted.nbi").exists()  # closed all the time: kept
    os.chmod(folder.parent, 0o777)
    assert private_folder(base / "fluxtube", "kernels") == folder
    assert not (folder / "planted.nbi").exists()


def test_foreign_and_linked_folders_are_refused(base):
    (base / "elsewhere").mkdir(mode=0o700)
    (base / "link").symlink_to(base / "elsewhere")
    assert private_folder(base / "link", "kernels") is None
    (base / "fluxtube").mkdir(mode=0o700)
    (base / "fluxtube" / "kernels").symlink_to(base / "elsewhere")
    assert private_folder(base / "fluxtube", "kernels") is None
    (base / "open").mkdir()
    os.chmod(base / "open", 0o777)  # not sticky: anybody may exchange what is in it
    assert private_folder(base / "open" / "fluxtube", "kernels") is None
    os.chmod(base / "open", 0o1777)
    assert private_folder(base / "open" / "fluxtube", "kernels") is not None
    (base / "above").symlink_to(base / "elsewhere")  # whoever owns it may turn it elsewhere after the look
    assert private_folder(base / "above" / "fluxtube", "kernels") == base.resolve() / "elsewhere" / "fluxtube" / "kernels"
    if os.getuid() == 0:
        (base / "theirs").mkdir(mode=0o700)
        os.chown(base / "theirs", 65534, 65534)
        assert private_folder(base / "theirs", "kernels") is None


def compiled(cache: Path, code: str, **changes: str) -> subprocess.CompletedProcess:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120,
        env=variables | {"XDG_CACHE_HOME": str(cache)} | changes,
    )  # fmt: skip


def test_users_own_functions_are_cached_where_numba_puts_them(base):
    (base / "users_own.py").write_text("import numba\n@numba.njit(cache=True)\ndef twice(x):\n    return 2 * x\n")
    code = (
        f"import sys; sys.path.insert(0, {str(base)!r})\nimport fluxtube.sim.engine.engine\nimport numba, users_own\n"
        "users_own.twice(2.0)\nprint(users_own.twice._cache.cache_path)\nprint(repr(numba.config.CACHE_DIR))\n"
    )
    done = compiled(base / "cache", code)
    assert done.stdout.split() == [str(base / "__pycache__"), "''"], done.stderr
    assert list((base / "__pycache__").glob("users_own.twice*.nbi"))
    assert not list((base / "cache").rglob("*users_own*"))


def test_damaged_files_are_compiled_anew(base):
    good = compiled(base, RECURRENCE)
    assert good.stdout.endswith("compiled\n"), good.stderr
    files = {file: file.read_bytes() for file in base.rglob("*.nb?")}
    assert len(files) == 2
    for ending in (".nbi", ".nbc"):
        for damage in (lambda content: b"", lambda content: content[: len(content) // 2], lambda content: b"\x8f" * 100):
            for file, content in files.items():
                file.write_bytes(damage(content) if file.suffix == ending else content)
            again = compiled(base, RECURRENCE)
            assert (again.stdout, again.stderr) == (good.stdout, "")
    assert compiled(base, RECURRENCE).stdout == good.stdout.replace("compiled", "cached")


FULL = """\
import fluxtube.sim.engine.kernels.compiling as compiling
from numba.core.caching import IndexDataCacheFile
def save(self, key, data):
    raise OSError(28, "No space left on device")
IndexDataCacheFile.save = save
"""


def test_a_full_folder_and_no_folder_are_no_obstacle(base):
    full = compiled(base, FULL + RECURRENCE)
    assert full.stdout.endswith("compiled\n")
    assert full.stderr.count("No space left") == 1
    (base / "file").write_text("")
    nowhere = compiled(base, RECURRENCE, NUMBA_CACHE_DIR=str(base / "file"))
    assert nowhere.stdout == full.stdout
    assert "set NUMBA_CACHE_DIR" in nowhere.stderr


def test_a_user_without_home_and_entry_can_run(base):
    code = "import os, pwd\ndef nobody(uid): raise KeyError(uid)\npwd.getpwuid = nobody\ndel os.environ['HOME']\n"
    done = compiled(base, "import os; os.environ.pop('XDG_CACHE_HOME')\n" + code + RECURRENCE, TMPDIR=str(base))
    assert done.returncode == 0, done.stderr
    assert (base / f"fluxtube-{os.getuid()}").is_dir()
