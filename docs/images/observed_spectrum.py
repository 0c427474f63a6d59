"""Draws observed-spectrum.png: the sky of HAWC and IceCube at 10 TeV and both models, with the spread of single skies."""

from pathlib import Path

import numpy as np

from fluxtube.analysis.figures.write import save_figure
from fluxtube.analysis.observations.observed import hawc_icecube_2019
from fluxtube.analysis.paper.settings import Settings
from fluxtube.analysis.paper.spectra import spectra_figure, spectra_table

sky = hawc_icecube_2019()
spectrum, settings = sky.spectrum.between(2, 20), Settings(l_max=20)
signal = spectrum.C_l - spectrum.noise
# Error of the reading, of the noise level (3e-11, head of the file), and of the noise itself in 2 l orders; not cosmic variance.
scatter = np.sqrt((spectrum.noise**2 + 2 * spectrum.noise * np.maximum(signal, 0)) / spectrum.l)
error = np.sqrt(spectrum.error**2 + (0.3e-10) ** 2 + scatter**2)
observed = {"l": spectrum.l, "C_l": signal, "lower": error, "upper": error}
figure = spectra_figure(spectra_table({}, settings), [("HAWC + IceCube 2019, 10 TeV, less noise", observed)], settings)
print(save_figure(figure, Path(__file__).with_name("observed-spectrum.png")))
