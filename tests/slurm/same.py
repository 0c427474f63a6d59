"""Exit status 0 where two ensemble files hold the same data sets to the last bit: `python same.py ONE.h5 OTHER.h5`."""

import sys

import h5py


def data(path: str) -> dict:
    """Every data set: shape, type and bytes."""
    found = {}

    def collect(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = item.shape, str(item.dtype), item[()].tobytes()

    with h5py.File(path, "r") as file:
        file.visititems(collect)
    return found


one, other = (data(path) for path in sys.argv[1:3])
different = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
print(f"{sys.argv[2]}: {'differs in ' + ', '.join(different) if different else f'{len(one)} data sets, the same bits'}")
sys.exit(bool(different) or not one)
