"""Configuration: TOML -> Config (typed, units, hash)."""

from fluxtube.sim.config.load import load_config
from fluxtube.sim.config.model import Config

__all__ = ["Config", "load_config"]
