"""Arguments checked at construction: a bad one is named with its value and what is allowed."""

from __future__ import annotations

import math


def in_range(name: str, value: object, low: float, high: float, unit: str = "") -> None:
    """Raise ``ValueError`` unless ``low <= value <= high`` (NaN never is)."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high:
        return
    top = "" if math.isinf(high) else f" to {high:g}"
    bounds = f"from {low:g}{top}" if top else f"{low:g} or more"
    raise ValueError(f"{name} is {value!r}; expected a number {bounds}{' ' + unit if unit else ''}")


def whole(name: str, value: object, low: int, high: int) -> None:
    """Raise ``ValueError`` unless ``value`` is a whole number from ``low`` to ``high``."""
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"{name} is {value!r}; expected a whole number from {low} to {high}")
