"""What a test enters into the registries is taken out again: other tests look at what comes with the package."""

import pytest


@pytest.fixture(autouse=True)
def registries_as_they_were():
    """Choices, flows, transports and plug-ins after a test are those from before."""
    from fluxtube.plugins import LOADED
    from fluxtube.sim.config.flows import ESTIMATORS
    from fluxtube.sim.config.flows import FLOWS as FLOW_KEYS
    from fluxtube.sim.config.free_paths import FREE_PATHS
    from fluxtube.sim.config.pitch_angles import PITCH_ANGLES
    from fluxtube.sim.config.spectra import SPECTRA
    from fluxtube.sim.config.transports import TRANSPORTS as TRANSPORT_KEYS
    from fluxtube.sim.engine.flows import FLOWS
    from fluxtube.sim.engine.transport import TRANSPORTS

    registries = (ESTIMATORS, FLOW_KEYS, FREE_PATHS, PITCH_ANGLES, SPECTRA, TRANSPORT_KEYS)
    tables = [LOADED, FLOWS, TRANSPORTS, *(registry._choices for registry in registries)]
    held = [(table, dict(table)) for table in tables]
    yield
    for table, before in held:
        if table != before:
            table.clear()
            table.update(before)
