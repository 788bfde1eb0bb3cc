"""The extra that the screen needs, and what to say where it is missing."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = ("textual", "pygments", "re2")
"""Modules that the extra ``console`` brings."""
ADD_IT = "pip install 'hp-tui[console]'"


def without_screen() -> str:
    """Why this installation has no screen, with the command that adds it, in one sentence; '' where it has one."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if not missing:
        return ""
    return f"this installation has no screen ({', '.join(missing)} missing); add it with: {ADD_IT}"
