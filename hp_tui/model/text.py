"""Short texts made from long ones."""

from __future__ import annotations


def first_line(text: str) -> str:
    """The first line that says something, without blanks around it; '' where none does."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
