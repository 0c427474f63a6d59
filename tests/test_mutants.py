"""`make test-mutants` can be run: there is one place in the code for each of its mistakes, and the test that is to notice it."""

import dataclasses
import re
import shutil

import mutants
import pytest


@pytest.mark.parametrize("mutant", mutants.MUTANTS, ids=lambda mutant: re.sub(r"\W+", "-", mutant.wrong))
def test_a_mutant_has_its_place_and_its_test(mutant, tmp_path):
    copy = tmp_path / mutant.file
    copy.parent.mkdir(parents=True)
    shutil.copyfile(mutants.ROOT / mutant.file, copy)
    mutants.apply(mutant, tmp_path)
    assert copy.read_text() != (mutants.ROOT / mutant.file).read_text()
    assert (mutants.ROOT / mutant.test.split()[0]).exists()


def test_code_that_has_moved_on_is_said(tmp_path):
    shutil.copytree(mutants.ROOT / "theory", tmp_path / "theory")
    mutant = dataclasses.replace(mutants.MUTANTS[0], file="theory/panels.py", old="nothing of the kind")
    with pytest.raises(ValueError, match="0 places to change, not one"):
        mutants.apply(mutant, tmp_path)
