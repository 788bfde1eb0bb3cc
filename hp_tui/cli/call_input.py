"""The flags of `hp-tui call`, alone or over a saved request, as a run of calls."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from hp_tui.calls.runner import MAX_RATE
from hp_tui.calls.saved import SavedRequests
from hp_tui.model.calls import CallSpec
from hp_tui.model.secrets import withheld

MAX_TIMEOUT = 3600.0


@dataclass(frozen=True, slots=True)
class Given:
    """The flags; None for those not given."""

    service: str | None = None
    saved: str | None = None
    method: str | None = None
    data: str | None = None
    count: int | None = None
    rate: float | None = None
    timeout: float | None = None
    metadata: tuple[str, ...] = ()

    def spec(self, saved: SavedRequests) -> CallSpec:
        """The run to fire.

        Raises ``ValueError`` naming the option, what was given and what is expected, and
        :class:`~hp_tui.calls.saved_format.SavedRequestsError` for a name that is not in the file.
        """
        if self.saved is None and not self.service:
            raise ValueError("a service is missing; expected `hp-tui call SERVICE` or `hp-tui call --saved NAME`")
        base = CallSpec(self.service or "") if self.saved is None else saved.get(self.saved)
        spec = CallSpec(
            self.service or base.service,
            base.method if self.method is None else self.method,
            base.body if self.data is None else read_data(self.data),
            base.count if self.count is None else self.count,
            base.rate if self.rate is None else self.rate,
            base.timeout if self.timeout is None else self.timeout,
            merged(base.metadata, tuple(split_header(line) for line in self.metadata)),
        )
        check_numbers(spec.count, spec.rate, spec.timeout)
        names = withheld(spec.metadata)
        if self.saved is not None and names:
            raise ValueError(
                f"the value of {', '.join(names)} is not saved with {self.saved!r}: give it, as in -H '{names[0]}: …'"
            )
        return spec


def merged(base: tuple[tuple[str, str], ...], given: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The metadata of a saved request, in which given pairs replace those of the same name."""
    names = {name.lower() for name, _ in given}
    return (*(pair for pair in base if pair[0].lower() not in names), *given)


def check_numbers(count: int, rate: float, timeout: float) -> None:
    """Raise ``ValueError`` naming the option, its value and what is expected."""
    if count < 1:
        raise ValueError(f"--count is {count}; expected 1 or more")
    if not 0 <= rate <= MAX_RATE:
        raise ValueError(f"--rate is {rate:g}; expected 0 to {MAX_RATE:g} calls a second")
    if not 0 < timeout <= MAX_TIMEOUT:
        raise ValueError(f"--timeout is {timeout:g}; expected more than 0 and at most {MAX_TIMEOUT:g} seconds")


def read_data(data: str) -> str:
    """The request text of ``--data``: JSON itself, ``@file``, or ``-`` for standard input."""
    if data == "-":
        return sys.stdin.read()
    if not data.startswith("@"):
        return data
    try:
        return Path(data[1:]).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"--data {data!r}: the file cannot be read ({error}); expected a UTF-8 file with JSON"
        ) from None


def split_header(line: str) -> tuple[str, str]:
    """``name: value`` as a pair."""
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise ValueError(f"--metadata {line!r}: expected 'name: value'")
    return name.strip(), value.strip()
