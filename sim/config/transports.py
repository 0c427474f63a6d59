"""The transports that `transport.model` may name."""

from pydantic import Field

from fluxtube.errors import InputError
from fluxtube.sim.config.choices import Choice, Registry
from fluxtube.sim.config.fields import Number


class TransportChoice(Choice):
    """Displacement lambda (eps n_perp + n_par), convection by eta u_perp + u_par."""

    def weights(self) -> tuple[float, float]:
        """eps, eta."""
        raise InputError(f"{type(self).__name__} has no weights()")



def weights_of(choice: TransportChoice) -> tuple[float, float]:
    """eps, eta of a transport.

    Raises
    ------
    InputError
        It gives something else than two numbers.
    """
    given = choice.weights()
    try:
        displacement, convection = (float(one) for one in given)
    except (TypeError, ValueError):
        name = TRANSPORTS.name_of(type(choice))
        what = f"transport.model = {name!r}: weights()"
        raise InputError(f"{what} must return two numbers, eps and eta, it returned {str(given)[:60]}") from None
    return displacement, convection


TRANSPORTS: Registry[TransportChoice] = Registry("transport.model", TransportChoice)
register_transport = TRANSPORTS.register


@register_transport("parallel")
class ParallelChoice(TransportChoice):
    """Along the field alone: Zhang & Liu (2025)."""

    def weights(self) -> tuple[float, float]:
        """eps, eta."""
        return 0.0, 0.0


@register_transport("isotropic")
class IsotropicChoice(TransportChoice):
    """In all three dimensions: Zhang & Liu (2024)."""

    def weights(self) -> tuple[float, float]:
        """eps, eta."""
        return 1.0, 1.0


@register_transport("cross-field")
class CrossFieldChoice(TransportChoice):
    """Between the two."""

    displacement_perpendicular: Number = Field(ge=0, le=1)
    convection_perpendicular: Number = Field(ge=0, le=1)

    def weights(self) -> tuple[float, float]:
        """eps, eta."""
        return self.displacement_perpendicular, self.convection_perpendicular
