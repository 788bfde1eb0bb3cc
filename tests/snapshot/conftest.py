"""Goldens live in snapshots/ at the root, and only the pinned Textual may draw them.

Nothing of this machine may show in a golden: no clock (``fleets.NOW``), no time zone, no blinking cursor, no draft of the user.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import pytest_textual_snapshot
import textual
from textual.widgets import Input, TextArea

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "snapshots"
SIZE = re.compile(r"\d+x\d+")


def pinned() -> str:
    """The Textual version of pyproject.toml."""
    found = re.search(r'"textual==([\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert found is not None
    return found.group(1)


def golden_name(test: str) -> str:
    """``test_main[80x24-no_data_yet]`` draws ``main-no-data-yet-80x24``."""
    name, _, ids = test.removeprefix("test_").rstrip("]").partition("[")
    parts = sorted(filter(None, ids.split("-")), key=lambda part: bool(SIZE.fullmatch(part)))
    return "-".join([name, *parts]).replace("_", "-")


class GoldenExtension(pytest_textual_snapshot.SVGImageExtension):
    """One SVG a test, all in one folder."""

    @classmethod
    def dirname(cls, *, test_location) -> str:
        return str(GOLDENS)

    @classmethod
    def get_snapshot_name(cls, *, test_location, index=0) -> str:
        assert index == 0, "one golden a test"
        return golden_name(test_location.testname)

    @classmethod
    def write_snapshot(cls, **kwargs) -> None:
        with warnings.catch_warnings():
            # Our names leave out "test_" and brackets, which Syrupy finds worth a warning.
            warnings.filterwarnings("ignore", message=r"\s*Can not relate snapshot")
            super().write_snapshot(**kwargs)


@pytest.fixture(autouse=True)
def _drawn_alike_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    assert version("textual") == textual.__version__ == pinned(), "goldens are drawn by the pinned Textual only"
    monkeypatch.setattr(pytest_textual_snapshot, "SVGImageExtension", GoldenExtension)
    for name in ("NO_COLOR", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TZ": "UTC"}.items():
        monkeypatch.setenv(name, value)
    time.tzset()
    for area in (Input, TextArea):
        monkeypatch.setattr(area.cursor_blink, "_default", False)
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(params=[(80, 24), (120, 40)], ids=["80x24", "120x40"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """The two sizes every screen must look right at."""
    return request.param


@pytest.fixture
def golden(snap_compare: Callable[..., bool], size: tuple[int, int]) -> Callable[..., bool]:
    """``golden(app, press=…, run_before=…)`` compares at the size of the test, or at ``terminal_size``."""

    def compare(app, **kwargs) -> bool:
        return snap_compare(app, **{"terminal_size": size, **kwargs})

    return compare
