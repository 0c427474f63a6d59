"""The flows that `sampling.flow` may name, and the estimators that `sampling.estimator` may."""

from typing import ClassVar, Literal

from pydantic import Field

from fluxtube.sim.config.choices import Choice, Registry
from fluxtube.sim.config.fields import Whole

FEWEST, MOST = 8, 1_000_000  # nodes, waves, steps
USUAL_SIZE = 512  # of them, where none are asked for and no more are needed


class FlowChoice(Choice):
    """How a realisation of the flow is drawn; `size_key` says how finely, None: as finely as the run needs."""

    size_key: ClassVar[str] = ""
    exactly_gaussian: ClassVar[bool] = False  # over realisations

    @property
    def size(self) -> int | None:
        """How finely, where it was given."""
        return getattr(self, self.size_key) if self.size_key else None


FLOWS: Registry[FlowChoice] = Registry("sampling.flow", FlowChoice)


@FLOWS.register("line")
class LineChoice(FlowChoice):
    """Nodes of the wave number along the field."""

    exactly_gaussian: ClassVar[bool] = True
    size_key: ClassVar[str] = "nodes"
    other_names: ClassVar[dict[str, str]] = {"modes": "nodes"}

    nodes: Whole | None = Field(None, ge=FEWEST, le=MOST)


@FLOWS.register("modes")
class ModesChoice(FlowChoice):
    """Plane waves in three dimensions."""

    size_key: ClassVar[str] = "waves"
    other_names: ClassVar[dict[str, str]] = {"modes": "waves"}

    waves: Whole | None = Field(None, ge=FEWEST, le=MOST)


@FLOWS.register("fbm")
class FbmChoice(FlowChoice):
    """Grid steps a mean free path along the field."""

    exactly_gaussian: ClassVar[bool] = True
    size_key: ClassVar[str] = "grid_steps"
    other_names: ClassVar[dict[str, str]] = {"modes": "grid_steps"}

    grid_steps: Whole | None = Field(None, ge=FEWEST, le=MOST)


@FLOWS.register("rings")
class RingsChoice(FlowChoice):
    """Fixed waves on rings about the field, as many as the largest degree and the band need."""

    exactly_gaussian: ClassVar[bool] = True


class GaussianFlowChoice(FlowChoice):
    """A Gaussian flow without keys."""

    exactly_gaussian: ClassVar[bool] = True


class EstimatorChoice(Choice):
    """How a realisation is measured."""


ESTIMATORS: Registry[EstimatorChoice] = Registry("sampling.estimator", EstimatorChoice)


@ESTIMATORS.register("quadrature")
class QuadratureChoice(EstimatorChoice):
    """Exact integrals over directions."""


@ESTIMATORS.register("particles")
class ParticlesChoice(EstimatorChoice):
    """Particles from directions of equal chance."""

    particles: Whole = Field(1_000_000, ge=2, le=10**10)
    directions: Literal["drawn", "stratified"] = "drawn"


@ESTIMATORS.register("walks")
class WalksChoice(EstimatorChoice):
    """Particles followed backward through many scatterings: the isotropic part of f is found, not put in."""

    particles: Whole = Field(100_000, ge=2, le=10**10)
    scatterings: Whole | None = Field(None, ge=1, le=10**6)  # none: as many as the band's longest wave needs
    reduction: Literal["common", "none"] = "common"  # of the variance: walks shared and mirrored, the first path by its mean
    momentum: Literal["first-order", "exact"] = "first-order"  # in u/v at each scattering
