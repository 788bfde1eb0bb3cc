"""Numbers among the arguments, checked before anything is sent."""

from __future__ import annotations

from hp_tui.registry.errors import ConfigurationError


def is_number(value: object, low: float, high: float) -> bool:
    """Whether it is a number, no bool, from ``low`` to ``high`` (NaN never is)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def check_seconds(name: str, value: object, low: float, high: float) -> None:
    """Raise :class:`ConfigurationError` unless ``value`` is that many seconds."""
    if not is_number(value, low, high):
        raise ConfigurationError(f"{name} is {value!r}; expected {low:g} to {high:g} seconds")
