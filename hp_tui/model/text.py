"""Shortens texts."""

from __future__ import annotations


def first_line(text: str) -> str:
    """The first line that is not blank, stripped; '' where all are."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
