"""What the paper's figures show: its own set of parameters, other numbers for them, or a configuration's."""

from dataclasses import dataclass, replace

import numpy as np

from fluxtube.analysis.configured import Configured, theory_of_config
from fluxtube.analysis.figures.describe import physics
from fluxtube.errors import InputError
from fluxtube.sim.config import Config, words
from fluxtube.theory import Turbulence
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.models import Model

GAMMA, BETA, SIGMA, SLOPE, SPEED = 5 / 3, 2 / 3, 23.0, -4.7, C_KM_S  # Figs. 1 and 3
L_MIN, L_MAX = 2, 50
DEGREES = np.arange(L_MIN, L_MAX + 1)
RELATIVE = "relative to the isotropic background"
MODELS = ("parallel", "isotropic")


@dataclass(frozen=True)
class Settings:
    """Parameters of the figures.

    Attributes
    ----------
    gamma, beta, sigma : float
        Of a power law without end; sigma [km/s].
    slope, speed : float
        dln f/dln p; v [km/s].
    l_max : int
        Last degree of the figures.
    config : fluxtube.sim.config.Config, optional
        Its spectrum, band, free paths, slope and speed take the place of the power law's.
    """

    gamma: float = GAMMA
    beta: float = BETA
    sigma: float = SIGMA
    slope: float = SLOPE
    speed: float = SPEED
    l_max: int = L_MAX
    config: Config | None = None

    def __post_init__(self):
        if self.config is None:
            Turbulence.power_law(self.gamma, self.sigma, 1.0, transverse_fraction=self.beta)  # refuses what is none

    @property
    def degrees(self) -> np.ndarray:
        """2 .. l_max."""
        return np.arange(L_MIN, self.l_max + 1)

    def turbulence(self) -> Turbulence:
        """The figures' turbulence; its scale is the mean free path, 1, which drops out."""
        return Turbulence.power_law(self.gamma, self.sigma, 1.0, transverse_fraction=self.beta)

    def covariance(self) -> np.ndarray:
        """<a_l0 a_l'0> of Delta f/f for parallel diffusion, arrival directions, l = 2..l_max [1]."""
        return self._theory("parallel").covariance(self.l_max, L_MIN, (0,))[0]

    def spectra(self) -> dict[str, np.ndarray]:
        """C_l of both models, l = 2..l_max."""
        return {model: self._theory(model).spectrum(self.l_max, L_MIN) for model in MODELS}

    def _theory(self, model: str) -> Configured:
        if self.config is None:
            return Configured(Model.named(model), self.turbulence(), Fixed(), 1.0, self.slope, self.speed)
        return theory_of_config(self.config).other(Model.named(model))

    def to(self, l_max: int) -> "Settings":
        """The same to another degree."""
        return replace(self, l_max=int(l_max))

    def title(self) -> str:
        """One line above a figure."""
        if self.config is None:
            numbers = rf"$\gamma = {_fraction(self.gamma)}$, $\beta = {_fraction(self.beta)}$, $\sigma = {self.sigma:g}$ km/s"
            return numbers + rf", $\partial\ln f/\partial\ln p = {self.slope:g}$"
        parts = (words.spectrum(self.config), words.strength(self.config), words.free_path(self.config))
        return ", ".join(parts)

    def words(self) -> str:
        """One line in a table's head."""
        if self.config is not None:
            return physics(self.config)
        return (
            f"gamma = {_fraction(self.gamma)}, beta = {_fraction(self.beta)}, sigma = {self.sigma:g} km/s, "
            f"dlnf/dlnp = {self.slope:g}, v = {'c' if self.speed == C_KM_S else f'{self.speed:g} km/s'}"
        )


PAPER = Settings()


def covariance() -> np.ndarray:
    """<a_l a_l'> of parallel diffusion with the paper's parameters, l = 2..50 [1]."""
    return PAPER.covariance()


def turbulence() -> Turbulence:
    """The paper's turbulence; its scale is the mean free path, 1."""
    return PAPER.turbulence()


def spectra() -> dict[str, np.ndarray]:
    """C_l of both models with the paper's parameters, l = 2..50."""
    return PAPER.spectra()


def sort_runs(ensembles) -> dict:
    """Ensembles by their transport's model, "parallel" and "isotropic".

    Raises
    ------
    InputError
        For a run that the figures cannot show: another model, random directions of the field, two runs of one model.
    """
    sorted_runs = {}
    for ensemble in ensembles:
        model = ensemble.config.transport.model
        if model not in MODELS:
            raise InputError(f"{ensemble.path}: the figures show no {model} transport; give parallel or isotropic")
        if ensemble.config.ensemble.field_directions != "fixed":
            raise InputError(f"{ensemble.path}: the figures show skies about one field; this run has random directions of it")
        if model in sorted_runs:
            raise InputError(f"{ensemble.path}: a second run of {model} transport; give one of each model")
        sorted_runs[model] = ensemble
    return sorted_runs


def settings_for(runs: dict, chosen: Settings | None = None) -> Settings:
    """Settings of the figures: those chosen, else the paper's where the runs have its parameters, else the runs' own.

    Raises
    ------
    InputError
        For runs of different turbulence or free paths.
    """
    l_max = min([L_MAX, *(int(ensemble.l[-1]) for ensemble in runs.values())])
    if chosen is not None:
        return chosen.to(min(l_max, chosen.l_max))
    configs = {name: ensemble.config for name, ensemble in runs.items()}
    if all(_is_the_papers(config) for config in configs.values()):
        return PAPER if l_max == L_MAX else PAPER.to(l_max)
    if len(configs) == 2:
        first, second = (config.with_overrides(["transport.model=parallel"]) for config in configs.values())
        differing = [name for name in ("turbulence", "transport") if getattr(first, name) != getattr(second, name)]
        if differing:
            raise InputError(
                f"{runs['parallel'].path} and {runs['isotropic'].path} differ in [{differing[0]}]; draw them one by one, "
                "or choose the theory with --config, --gamma or --sigma"
            )
    return Settings(l_max=l_max, config=next(iter(configs.values())))


def _is_the_papers(config) -> bool:
    flow, transport = config.turbulence, config.transport
    kinds = (flow.spectrum, transport.free_path, transport.free_path_observed, transport.density_response)
    if kinds != ("power-law", "fixed", "end", "none"):
        return False
    pairs = (
        (flow.gamma, GAMMA),
        (flow.transverse_fraction, BETA),
        (flow.sigma or 0.0, SIGMA),
        (config.sigma_scale, transport.mean_free_path),
        (transport.spectral_slope, SLOPE),
        (transport.speed, SPEED),
    )
    return all(abs(value - needed) <= 1e-9 * abs(needed) for value, needed in pairs)


def _fraction(value: float) -> str:
    known = {5 / 3: "5/3", 3 / 2: "3/2", 2 / 3: "2/3"}
    return next((text for number, text in known.items() if abs(value - number) < 1e-9), f"{value:g}")
