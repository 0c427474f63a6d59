"""Options of the command line as view and prior."""

from typing import Any

import numpy as np

from fluxtube.analysis.inference.parameters import DEFAULT, FREEABLE, Prior
from fluxtube.analysis.inference.sky_input import View
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.observations.own_columns import column_number
from fluxtube.analysis.observations.reference import direction_on_sky
from fluxtube.errors import InputError
from fluxtube.sim.config.units import parse_number

FREE = FREEABLE[:4]
OF_POINT = {"displacement_perpendicular": "displacement", "convection_perpendicular": "convection"}


def view_of(args) -> View:
    """`View` of parsed options."""
    bands = tuple(_band(text) for text in args.noise_bands)
    return View(
        l_min=args.l_min,
        l_max=args.l_max,
        noise=None if args.noise is None else number("--noise", args.noise),
        noise_bands=bands,
        noise_map=args.noise_map,
        error_covariance=args.error_covariance,
        errors=not args.no_errors,
        mask=args.mask,
        lost_orders=tuple(args.lost_orders),
        scale=number("--alm-scale", args.alm_scale),
        column=None if args.column is None else column_number(args.column),
        beam=number("--beam", args.beam, 0, 90),
        smoothed=number("--smoothed", args.smoothed, 0, 90),
    )


def path_of(args):
    """Law of free paths of parsed options; None for the paper's, which has closed forms.

    Raises
    ------
    InputError
        An unknown law, or a shape that is missing or too much.
    """
    from pydantic import ValidationError

    from fluxtube.sim.config.free_paths import FREE_PATHS
    from fluxtube.theory.free_path import Fixed
    from fluxtube.theory.kinetic import kinetic_law

    name, colon, shape = args.free_path.partition(":")
    if name not in FREE_PATHS:
        raise InputError(f"--free-path {args.free_path}: known are {', '.join(FREE_PATHS)} (as erlang:4), and laws of a --plugin")
    keys = [key for key in FREE_PATHS.keys_of(name)]
    if bool(colon) != (keys == ["free_path_shape"]):
        raise InputError(f"--free-path {args.free_path}: a shape belongs to erlang, which needs it, as erlang:4")
    scatterings = number("--free-path", shape, 1, 1000) if colon else 1.0
    if scatterings != int(scatterings):
        raise InputError(f"--free-path {args.free_path}: the shape must be a whole number, as in erlang:4")
    try:
        law = FREE_PATHS[name](**({"free_path_shape": int(scatterings)} if colon else {})).build()
    except ValidationError as error:
        raise InputError(f"--free-path {args.free_path}: {error.errors()[0]['msg']}") from None
    law = kinetic_law(law, density_response=args.density_response, observed=args.free_path_observed)
    return None if law == Fixed() else law


def prior_of(args) -> Prior:
    """`Prior` of parsed options."""
    values: dict[str, Any] = {}
    fixed = set()
    field = args.field_direction
    for text in args.fix:
        name, equals, value = text.partition("=")
        if not equals or name not in FREEABLE:
            raise InputError(f"--fix {text}: it must be NAME=VALUE with one of {', '.join(FREEABLE)}")
        if name in fixed:
            raise InputError(f"--fix {text}: {name} is fixed twice")
        fixed.add(name)
        if name == "field":
            if field is not None:
                raise InputError(f"--fix {text}: --field-direction gives the field already")
            field = value.split(",")
        else:
            values[OF_POINT.get(name, name)] = number(f"--fix {name}", value)
    if field is not None:
        if len(field) != 2:
            raise InputError(f"field {','.join(field)!r}: right ascension and declination in degrees, as 229.2,11.4")
        alpha, delta = direction_on_sky(*(number("field direction", part) for part in field))
        values["field"] = (alpha % 360.0) % 360.0, delta  # -1e-20 is 360 after the first
    freed = {name.strip() for name in (args.free or "").split(",") if name.strip()}
    error = None if args.field_error is None else number("--field-error", args.field_error)
    if error is not None:
        freed.add("field")
    both = freed & fixed
    if both:
        raise InputError(f"{sorted(both)[0]} is freed and fixed at once")
    free = tuple(name for name in FREEABLE if name in freed or (name in FREE and name not in fixed))
    unknown = freed - set(FREEABLE)
    if unknown:
        raise InputError(f"--free {sorted(unknown)[0]}: known are {', '.join(FREEABLE)}")
    low, high = (number("--sigma-range", end) for end in args.sigma_range)
    return Prior(free=free, fixed=Point(**(DEFAULT.__dict__ | values)), sigma=(low, high), field_error=error)


def refuse_without_effect(args, models) -> None:
    """Raise InputError for parameters that are freed or fixed and that none of the models has."""
    named = {text.partition("=")[0] for text in args.fix} | {name.strip() for name in (args.free or "").split(",")}
    if args.field_error is not None:
        named.add("field")
    for name, having in (("displacement_perpendicular", ("cross-field",)), ("convection_perpendicular", ("cross-field",))):
        if name in named and not set(having) & set(models):
            raise InputError(f"{name} has no effect with {', '.join(models)}; it belongs to the model cross-field")
    freed = {name.strip() for name in (args.free or "").split(",")} | ({"field"} if args.field_error is not None else set())
    if "field" in freed and set(models) <= {"isotropic"}:
        raise InputError("a free field has no effect with isotropic; it belongs to the models parallel and cross-field")


def number(name: str, text, low: float = -np.inf, high: float = np.inf) -> float:
    """5/3 or 1.6667, within a range."""
    try:
        value = parse_number(str(text))  # bounded: a huge exponent costs nothing
    except (ValueError, ZeroDivisionError, OverflowError):
        raise InputError(f"{name} {text!r} is not a number; write it like 5/3 or 1.6667") from None
    if not low <= value <= high:
        raise InputError(f"{name} {text}: it must lie in {low:g} to {high:g}")
    return value


def _band(text: str) -> tuple[float, float, float]:
    parts = text.split(":")
    if len(parts) != 3:
        raise InputError(f"--noise-bands {text!r}: it must be SOUTH:NORTH:N_L, like -90:-40:5e-11")
    south, north, level = (number("--noise-bands", part) for part in parts)
    if not (-90 <= south < north <= 90 and level > 0):
        raise InputError(f"--noise-bands {text}: declinations must rise from -90 to 90 and N_l be above zero")
    return south, north, level
