"""The folder of goldens itself."""

from __future__ import annotations

from pathlib import Path

from tests.snapshot.conftest import GOLDENS, golden_name


def test_every_golden_has_its_test(request):
    """A golden that no test draws would never be looked at again."""
    if request.config.option.keyword or not all(Path(path).is_dir() for path in request.config.args):
        return  # only some of the tests were collected
    drawn = {golden_name(item.name) for item in request.session.items if item.path.parent.name == "snapshot"}
    assert {path.stem for path in GOLDENS.glob("*.svg")} <= drawn
