"""A finished ensemble as a person meets it in Python: its numbers, its theory, its tests, its figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.store import reader
from fluxtube.sim.store.dimensions import axes
from fluxtube.sim.store.file_format import SIGN

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

    from fluxtube.analysis.validation.validate import Validation
    from fluxtube.sim.run.ensemble import Result

GROUPS = {"C_l": "spectrum", "C_l_error": "spectrum"}
AXES_IN_PYTHON = {
    **{name: axes(f"{GROUPS.get(name, 'multipoles')}/{name}") for name in
       ("mean", "second_moment", "noise", "square_moment", "C_l", "C_l_error")},
    **{f"sky_{name}": axes(f"sky/{name}") for name in ("mean", "mean_square", "hits")},
    **{f"samples_{name}": axes(f"samples/{name}") for name in ("multipoles", "sky")},
}  # fmt: skip


@dataclass(frozen=True)
class Expectation:
    """What theory expects of an ensemble's multipoles of Delta f/f.

    Attributes
    ----------
    l, m : (L,), (n_m,)
        Degrees from 2 on; orders of the real spherical harmonics.
    covariance : (n_m, L, L)
        <a_lm a_l'm>.
    C_l : (L,)
    lower, upper : (L,)
        Where 68 % of the C_l of single skies lie.
    """

    l: np.ndarray
    m: np.ndarray
    covariance: np.ndarray
    C_l: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


@dataclass(frozen=True, repr=False)
class Ensemble(reader.Ensemble):
    """A finished ensemble; attributes are those of `fluxtube.sim.store.reader.Ensemble`: l, m, C_l, C_l_error, ..."""

    @classmethod
    def of(cls, ensemble: reader.Ensemble, result: "Result | None" = None) -> "Ensemble":
        """The ensemble of a file, or one in memory with the exact state behind it."""
        made = cls(**{field.name: getattr(ensemble, field.name) for field in fields(reader.Ensemble)})
        object.__setattr__(made, "_result", result)
        return made

    @property
    def covariance(self) -> np.ndarray:
        """<a_lm a_l'm>, (n_m, L, L), free of shot noise."""
        return self.second_moment

    @property
    def samples(self) -> np.ndarray:
        """a_lm of the first realisations, (K, n_m, L)."""
        return self.samples_multipoles

    def theory(self, against: Sequence[str] = ()) -> Expectation:
        """What theory expects over the ensemble's own band, for its degrees from 2 on.

        Parameters
        ----------
        against : sequence of str
            ``KEY=VALUE`` replacements: another theory than its own.
        """
        from fluxtube.analysis.validation.expected import expected_covariance, theory_of
        from fluxtube.analysis.validation.spread import degrees_of_freedom, single_sky_band

        l = self.l[2:]
        covariance = expected_covariance(theory_of(self.config, tuple(against)), int(l[-1]), 2, self.m)
        C_l = np.einsum("mll->l", covariance) / (2 * l + 1)
        return Expectation(l, self.m, covariance, C_l, *single_sky_band(C_l, degrees_of_freedom(covariance)))

    def validate(self, against: Sequence[str] = (), false_alarm: float = 1e-3) -> "Validation":
        """Test the ensemble against theory, as `fluxtube validate` does."""
        from fluxtube.analysis.validation.validate import validate

        return validate(self, against, false_alarm)

    def plot(self, what: str = "spectrum", **options: Any) -> "Figure":
        """A figure: "spectrum", "correlation" or "sky"; "energies" of a run that has several.

        Parameters
        ----------
        what : str
        options
            `heading` (a title), `narrow` (for a narrow screen); `degrees` = (first, last) of spectrum and correlation;
            `realisation` of the sky.

        Raises
        ------
        InputError
            For another name.
        """
        from fluxtube.analysis.figures.correlation import correlation_figure
        from fluxtube.analysis.figures.energies import energies_figure
        from fluxtube.analysis.figures.sky import sky_figure
        from fluxtube.analysis.figures.spectrum import spectrum_figure

        figures: dict[str, Callable] = {"spectrum": spectrum_figure, "correlation": correlation_figure, "sky": sky_figure}
        if self.momenta is not None:
            figures["energies"] = energies_figure
        if what not in figures:
            raise InputError(f"no figure {what!r}; there are {', '.join(figures)}")
        return figures[what](self, **options)

    def to_xarray(self) -> "xarray.Dataset":
        """All results as an xarray data set with named axes and coordinates l and m; takes the library xarray.

        Raises
        ------
        InputError
            xarray is not there.
        """
        try:
            import xarray
        except ImportError:
            raise InputError("this needs the library xarray: pip install xarray") from None
        variables: dict[str, tuple] = {}
        for name, values in (
            ("mean", self.mean), ("second_moment", self.second_moment), ("noise", self.noise),
            ("square_moment", self.square_moment), ("C_l", self.C_l), ("C_l_error", self.C_l_error),
            ("sky_mean", self.sky_mean), ("sky_mean_square", self.sky_mean_square), ("sky_hits", self.sky_hits),
            ("samples_multipoles", self.samples_multipoles), ("samples_sky", self.samples_sky),
        ):  # fmt: skip
            if values is not None:
                variables[name] = (AXES_IN_PYTHON[name], values, {"unit": "" if name == "sky_hits" else "1"})
        if self.momenta is not None:
            variables["momenta_second_moment"] = (axes("momenta/second_moment"), self.momenta.second_moment)
            variables["momenta_C_l"] = (axes("momenta/C_l"), self.momenta.C_l)
            variables["momenta_correlation"] = (axes("momenta/correlation"), self.momenta.correlation)
        coordinates = {"degree": self.l, "degree_other": self.l, "order": self.m}
        if self.momenta is not None:
            coordinates |= {name: self.momenta.mean_free_path for name in ("momentum", "momentum_other")}
        return xarray.Dataset(variables, coordinates, {"configuration": self.config.to_toml(), "sign": SIGN})

    def save(self, path: str | PathLike, force: bool = False) -> Path:
        """Write the file that `fluxtube run` would have written; a simulated ensemble only.

        Raises
        ------
        InputError
            The ensemble was read from a file, the name is taken and `force` is not set, or it cannot be written.
        """
        from fluxtube.given import is_given
        from fluxtube.sim.store.lock import locked
        from fluxtube.sim.store.place import check_writable, output_place, require_ensemble
        from fluxtube.sim.store.writer import write_ensemble

        result = getattr(self, "_result", None)
        if result is None:
            raise InputError(f"this ensemble is in a file already: {str(self.path)!r}")
        if is_given(self.config):
            raise InputError(
                "a file cannot hold turbulence or free paths that were given as Python objects: enter them by "
                "fluxtube.register_spectrum, register_free_path or register_pitch_angle, and it holds their names"
            )
        target = output_place(Path(path))
        with locked(target):
            if target.exists() and not force:
                raise InputError(f"{str(path)!r} exists already; give another name, or force=True to replace it")
            require_ensemble(target)
            check_writable(target)
            write_ensemble(target, self.config, result, self.provenance, self.timings)
        return Path(path)

    def __repr__(self) -> str:
        transport = self.config.transport
        return (
            f"<fluxtube.Ensemble of {self.realisations} realisations: {transport.model} transport, "
            f"l to {self.l[-1]}, {str(self.path)!r}>"
        )


def load(path: str | PathLike) -> Ensemble:
    """The ensemble in a file that `fluxtube run` wrote.

    Raises
    ------
    InputError
        No such file, not an ensemble, not finished, damaged, or of a newer format.
    """
    if not isinstance(path, (str, PathLike)):
        raise InputError(f"the name of a file is text or a path, not {type(path).__name__}")
    return Ensemble.of(reader.read_ensemble(Path(path)))
