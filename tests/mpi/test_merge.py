"""Parts of a run joined have the bits of a run in one go."""

import pytest
from launching import launch, launch_several, results

SETS = ("--set", "sampling.flow=modes", "--set", "ensemble.realisations=500")


@pytest.fixture
def parts(tmp_path, config):
    """The run in one go and in three parts, one of them made on two ranks."""
    commands = [["run", config, "-o", tmp_path / f"part-{i}.h5", "--part", f"{i}/3", *SETS, "-q"] for i in (1, 2)]
    outcome = launch_several(0, [*commands, ["run", config, "-o", tmp_path / "once.h5", *SETS, "-q"]])
    assert outcome.status == 0, outcome.err
    outcome = launch(2, "run", config, "-o", tmp_path / "part-3.h5", "--part", "3/3", *SETS)
    assert outcome.status == 0, outcome.err
    return [tmp_path / f"part-{i}.h5" for i in (3, 1, 2)]


@pytest.mark.mpi
def test_parts_make_the_whole(tmp_path, config, parts):
    merged = tmp_path / "merged.h5"
    assert launch(0, "merge", *parts, "-o", merged).status == 0
    assert results(merged) == results(tmp_path / "once.h5")

    alone = launch(0, "validate", parts[0])
    assert alone.status == 2
    assert "part 3 of 3" in alone.err

    missing = launch(0, "merge", *parts[:2], "-o", tmp_path / "other.h5")
    assert missing.status == 2
    assert "part 2 of 3 is missing" in missing.err

    other = tmp_path / "other-part.h5"
    assert launch(0, "run", config, "-o", other, "--part", "1/2", *SETS).status == 0
    overlap = launch(0, "merge", other, *parts, "-o", tmp_path / "other.h5")
    assert overlap.status == 2
    assert "other-part.h5" in overlap.err
    assert "overlap" in overlap.err

    foreign = tmp_path / "foreign.h5"
    assert launch(0, "run", config, "-o", foreign, "--part", "2/3", *SETS, "--set", "ensemble.seed=3").status == 0
    mixed = launch(0, "merge", parts[0], parts[1], foreign, "-o", tmp_path / "other.h5")
    assert mixed.status == 2
    assert "ensemble.seed = 20250626 there, 3 here" in mixed.err
    assert not (tmp_path / "other.h5").exists()
