"""Whether the installed Textual is one whose private parts are known here; with any other the console starts in plain mode.

Plain mode uses Textual's own driver, compositor and handling of keys: everything works, and is slower on a slow line.
``HP_TUI_PLAIN=1`` chooses it with any Textual; for tests, and to find out whether a fault is ours or Textual's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import textual

SUPPORTED = ("8.2.5", "8.2.6", "8.2.7", "8.2.8")
"""Textual versions in which every name of :mod:`~hp_tui.widgets.textual_internals.relied_upon` is the same."""
VARIABLE = "HP_TUI_PLAIN"


def installed() -> str:
    """The version of the Textual that is loaded."""
    beside = Path(textual.__file__).parents[1]
    # importlib.metadata takes 10 ms to load, as much as a panel takes to draw; pip leaves one such folder a package.
    known = [version for version in SUPPORTED if (beside / f"textual-{version}.dist-info").is_dir()]
    return known[0] if len(known) == 1 else textual.__version__


def plain_mode(environ: Mapping[str, str], version: str) -> bool:
    """Whether to leave Textual's private parts alone: the version is unknown here, or the user says so."""
    return environ.get(VARIABLE, "") not in {"", "0"} or version not in SUPPORTED


def notice(version: str) -> str:
    """What the user is told about a Textual of this version; '' where it is a supported one."""
    if version in SUPPORTED:
        return ""
    return (
        f"Textual {version} is not known to hp-tui: the screen runs in plain mode, slower over a slow line. "
        f"pip install textual=={SUPPORTED[-1]} ends that."
    )


PLAIN = plain_mode(os.environ, installed())
"""Decided once, when the console is loaded."""
