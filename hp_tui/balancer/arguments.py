"""Arguments checked before anything is sent: a bad one is named with its value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


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


def service_name(value: object) -> None:
    """Raise ``ValueError`` unless ``value`` can be the name of a service in Consul's catalog."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or value in {".", ".."}:
        raise ValueError(f"service is {value!r}; expected the name of a service in Consul, such as 'critic-agent'")


def a(name: str, value: object, kind: type[Any] | tuple[type[Any], ...], expected: str) -> None:
    """Raise ``ValueError`` unless ``value`` is a ``kind``; ``expected`` says so in words."""
    if not isinstance(value, kind):
        raise ValueError(f"{name} is {value!r}; expected {expected}")


def every(name: str, values: object, holds: Callable[[object], bool], expected: str) -> None:
    """Raise ``ValueError`` unless ``values`` is a set and each of it ``holds``."""
    if not isinstance(values, (frozenset, set)) or not all(holds(value) for value in values):
        raise ValueError(f"{name} is {values!r}; expected {expected}")
