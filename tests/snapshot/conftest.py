"""Goldens live in snapshots/ at the root, and only the pinned Textual may draw them."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import pytest_textual_snapshot
import textual

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "snapshots"


def pinned() -> str:
    """The Textual version of pyproject.toml."""
    found = re.search(r'"textual==([\d.]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert found is not None
    return found.group(1)


class GoldenExtension(pytest_textual_snapshot.SVGImageExtension):
    """One SVG a test, all in one folder: ``snapshots/<test name>.svg``."""

    @classmethod
    def dirname(cls, *, test_location) -> str:
        return str(GOLDENS)


@pytest.fixture(autouse=True)
def _drawn_by_the_pinned_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert version("textual") == textual.__version__ == pinned(), "goldens are drawn by the pinned Textual only"
    monkeypatch.setattr(pytest_textual_snapshot, "SVGImageExtension", GoldenExtension)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture(params=[(80, 24), (120, 40)], ids=["80x24", "120x40"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """The two sizes every screen must look right at."""
    return request.param


@pytest.fixture
def golden(snap_compare: Callable[..., bool], size: tuple[int, int]) -> Callable[..., bool]:
    """``golden(app, press=…, run_before=…)`` compares at the size of the test."""

    def compare(app, **kwargs) -> bool:
        return snap_compare(app, terminal_size=size, **kwargs)

    return compare
