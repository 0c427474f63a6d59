"""Memory that a run takes, counted before it starts."""

from fluxtube.sim.config import Config
from fluxtube.sim.engine.engine import PARTICLE_BLOCK
from fluxtube.sim.engine.flows import FLOWS
from fluxtube.sim.engine.transport import transport

EXACT = 7 * 8  # bytes of an exact sum of one number
PROGRAM = 250 * 2**20  # interpreter, libraries, compiled code
PER_WAVE = {"modes": 7500, "fbm": 5000, "line": 64}  # bytes a wave, a grid step, a node, for a block of realisations


def numbers_held(config: Config) -> tuple[int, int, int]:
    """Numbers of an ensemble's sums, of one matrix over degrees, and of the single realisations that it keeps."""
    degrees, pixels = config.sky.l_max + 1, 12 * config.sky.nside**2
    turned = transport(config.transport).across or config.ensemble.field_directions == "random"
    orders, momenta = 2 * degrees - 1 if turned else 1, len(config.transport.seen_paths)
    matrix = orders * degrees**2
    sums = orders * degrees + 3 * matrix + degrees + (momenta**2 * matrix if momenta > 1 else 0)
    if config.sampling.estimator == "particles":
        sums += 5 * pixels
    total = config.ensemble.realisations
    multipoles = min(config.output.multipoles, total) + 4 * min(config.check.realisations, total)
    return sums, matrix, multipoles * orders * degrees + min(config.output.skies, total) * pixels


def memory_needed(config: Config) -> dict[str, int]:
    """Bytes that the root takes at the most, by the keys that ask for them; the other ranks take less.

    Single realisations are held six times while the output is made: as drawn, in units of Delta f/f, and twice each in the
    file's image and in what is written of it.
    """
    sums, matrix, kept = numbers_held(config)
    pixels = 12 * config.sky.nside**2
    size = _size_of_flow(config)
    by_particles = config.sampling.estimator == "particles"
    # While blocks are measured: sums of full blocks and of the last one, and a block's skies as they are made and added.
    measuring = 2 * EXACT * sums + (8 * PARTICLE_BLOCK * 7 * pixels if by_particles else 0)
    # While the output is made: the total too, its conversion to doubles, the maps, and the file twice.
    writing = 3 * EXACT * sums + 11 * 8 * matrix + 2 * (EXACT * sums // 3 + 4 * 8 * matrix) + 12 * 8 * pixels
    return {
        "output.multipoles, output.skies, check.realisations": 6 * 8 * kept,
        "sky.l_max, sky.nside": max(measuring, writing),
        "sampling.flow": PER_WAVE.get(config.sampling.flow, 0) * size,
        "the program": PROGRAM,
    }


def _size_of_flow(config: Config) -> int:
    """Waves, nodes or steps of a flow, where it says so."""
    given = config.sampling.flow_choice.size or 0
    size = getattr(FLOWS[config.sampling.flow], "size", None)
    return given if size is None else size(config)


def file_bytes(config: Config) -> int:
    """About how large the output is; the exact sums pack to a third or so."""
    sums, matrix, kept = numbers_held(config)
    return 8 * (4 * matrix + 2 * kept + 2 * 12 * config.sky.nside**2) + EXACT * sums * 2 // 3 + 30_000
