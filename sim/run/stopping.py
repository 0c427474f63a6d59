"""When an ensemble is large enough: after a number of realisations, or once its spectrum is precise enough."""

import numpy as np

from fluxtube.sim.config import Config
from fluxtube.sim.run.blocks import block_count
from fluxtube.sim.run.state import State

GROWTH = 1.1  # from one look at the precision to the next: at most a tenth more realisations than needed


def stopping_points(config: Config, block_size: int) -> list[int]:
    """Numbers of full blocks after which to look whether the run may stop; the last is all of them.

    They depend on the configuration alone, so that the run stops at the same realisation on any number of ranks and
    however often it was interrupted.
    """
    last = config.ensemble.realisations // block_size
    if config.ensemble.target_relative_error is None:
        return [last]
    looks, count = [], block_count(config.ensemble.minimum_realisations, block_size)
    while count < last:
        looks.append(count)
        count = max(count + 1, int(count * GROWTH))
    return [*looks, last]


def precise_enough(config: Config, state: State) -> bool:
    """Whether every C_l that was named has its relative error; one that is 0 or not a number never has.

    The error of C_l = sum_m <a_lm^2>/(2l + 1) is the standard error of its mean over realisations.
    """
    target = config.ensemble.target_relative_error
    sums = state.sums()
    if target is None or sums.count < max(2, config.ensemble.minimum_realisations):
        return False
    moments = sums.moments()
    degrees = np.array(config.ensemble.target_degrees or range(1, config.sky.l_max + 1))
    power, error = moments.power[degrees], moments.power_error[degrees]
    return bool(np.all((power > 0) & (error > 0) & (error <= target * power)))
