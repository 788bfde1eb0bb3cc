"""argparse for hp-tui: readable help, and values whose errors name their flag."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Protocol

EXIT_STATUS = "Exit status: 0 ok, 1 the answer is bad, 2 usage, 3 Consul not reachable."


class Help(argparse.HelpFormatter):
    """Two columns; the second begins right of most flags."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "Usage: " if prefix is None else prefix)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        """``-n, --count COUNT`` instead of ``-n COUNT, --count COUNT``."""
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        return f"{', '.join(action.option_strings)} {self._format_args(action, str(action.dest).upper())}"


class Parser(argparse.ArgumentParser):
    """One command's. Flags are never guessed from their beginnings: a later version may have another of that beginning.

    ``fill`` adds its flags and arguments when the command is the one that was given: those of the others are not made.
    """

    def __init__(self, *, fill: Callable[[Parser], None] | None = None, **options: Any) -> None:
        super().__init__(**{"formatter_class": Help, "epilog": EXIT_STATUS, "allow_abbrev": False, **options})
        self._fill = fill

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._fill is not None:
            fill, self._fill = self._fill, None
            fill(self)
        return super().parse_known_args(args, namespace)


class Commands(Protocol):
    """Where the parsers of a parser's commands are added; argparse has no public name for it."""

    def add_parser(self, name: str, **options: Any) -> Parser:
        """A parser for the command ``name``."""
        ...


def whole(low: int | None = None, high: int | None = None) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``, as far as they are given."""

    def convert(text: str) -> int:
        try:
            value: int | None = int(text)
        except ValueError:
            value = None
        if value is None or (low is not None and value < low) or (high is not None and value > high):
            raise argparse.ArgumentTypeError(f"{text!r} given; expected a whole number {_range(low, high)}".rstrip())
        return value

    return convert


def number(low: float | None = None) -> Callable[[str], float]:
    """A number, at least ``low`` where it is given."""

    def convert(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} given; expected a number {_range(low)}".rstrip()) from None
        if low is not None and not value >= low:
            raise argparse.ArgumentTypeError(f"{text} given; expected a number {_range(low)}")
        return value

    return convert


def _range(low: float | None, high: float | None = None) -> str:
    if low is None:
        return ""
    return f"from {low:g} to {high:g}" if high is not None else f"from {low:g} on"
