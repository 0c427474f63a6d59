"""Compiled kernels: pure functions on numbers and arrays.

The kernel cache is keyed by the sources of this folder: numba's own key covers the file of a function only, so that an
edited helper in another file would leave old machine code in use.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import numba


def _cache_directory() -> Path:
    """A writable folder named by the hash of all kernel sources."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    name = f"kernels-{digest.hexdigest()[:16]}"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fluxtube"
    local = Path(tempfile.gettempdir()) / f"fluxtube-{os.getuid()}"
    # In a batch job the home is a shared file system, and the temporary folder the node's own.
    for base in (local, home) if "SLURM_JOB_ID" in os.environ else (home, local):
        try:
            (base / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(base / name, os.W_OK):
            return base / name
    return Path(tempfile.mkdtemp(prefix="fluxtube-"))


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(_cache_directory())
