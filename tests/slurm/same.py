"""Exit status 0 where two ensemble files hold the same data sets to the last bit: `python same.py ONE.h5 OTHER.h5`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "mpi"))
from launching import results

one, other = (results(Path(path)) for path in sys.argv[1:3])
different = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
print(f"{sys.argv[2]}: {'differs in ' + ', '.join(different) if different else f'{len(one)} data sets, the same bits'}")
sys.exit(bool(different) or not one)
