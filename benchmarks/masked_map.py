"""4: the pseudo-spectrum of a masked map, beside healpy's anafast without iterations, which is the same sum."""

import harness
import healpy
import numpy as np
from harness import Row

from fluxtube.analysis.measure.view import MapView

CASES = ((64, 128), (256, 512))  # nside, l_max


def rows() -> list[Row]:
    """A row for each resolution."""
    found = []
    for nside, l_max in CASES:
        random = np.random.default_rng(1)
        height = healpy.pix2vec(nside, np.arange(12 * nside**2))[2]
        view = MapView((height < 0.3).astype(float), ring_means=False, dipole=False, l_max=l_max)
        values = random.standard_normal(height.size)

        def ours(view=view, values=values):
            return view.power(view.multipoles(view.weigh(values)))

        def peer(view=view, values=values, l_max=l_max):
            return healpy.anafast(view.weights * values, lmax=l_max, iter=0)

        times = harness.in_turns({"ours": ours, "healpy": peer})
        apart = np.abs(ours() / peer() - 1).max()
        found.append(
            Row(
                "4",
                f"pseudo-spectrum of a masked map, nside {nside}, l_max = {l_max}",
                f"{times['ours'] * 1e3:.3g} ms; C~_l apart by {apart:.0e}",
                "1e-10",
                bool(apart < 1e-10),
                peers=f"healpy anafast {times['healpy'] / times['ours']:.2f} x",
            )
        )
    return found
