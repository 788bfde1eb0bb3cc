"""The filter line: plain text, ``re:`` a regular expression, a leading ``!`` inverts."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

PATTERN_LIMIT = 200
"""Characters of a regular expression; more is surely a paste."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as typed. ``error`` says in a phrase why it cannot be used; then everything matches."""

    text: str = ""
    error: str = ""
    _matches: Callable[[str], bool] = field(default=lambda _: True, compare=False)

    def __bool__(self) -> bool:
        return bool(self.text) and not self.error

    def __call__(self, *texts: str) -> bool:
        """Whether any of ``texts`` holds what was asked for (or, inverted, none of them does).

        ``^`` and ``$`` of a regular expression mean the ends of each text.
        """
        return self._matches("\n".join(texts))


def parse_filter(text: str) -> Filter:
    """Plain text is found anywhere, whatever its case. Never raises: a broken pattern is in the result's ``error``."""
    wanted = text.strip()
    inverted = wanted.startswith("!")
    body = wanted[1:].lstrip() if inverted else wanted
    if not body:
        return Filter(text)
    if not body.startswith("re:"):
        return Filter(text, _matches=_holding(body.casefold(), inverted))
    source = body[3:]
    if len(source) > PATTERN_LIMIT:
        return Filter(text, f"the pattern has {len(source)} characters; expected at most {PATTERN_LIMIT}")
    try:
        with warnings.catch_warnings(action="ignore"):  # of a meaning some later Python may give it
            pattern = re.compile(source, re.IGNORECASE | re.MULTILINE)
    except re.error as error:
        where = f" at character {error.pos + 1}" if error.pos is not None else ""
        return Filter(text, f"not a regular expression: {error.msg}{where}")
    return Filter(text, _matches=_fitting(pattern, inverted))


def _holding(needle: str, inverted: bool) -> Callable[[str], bool]:
    return lambda line: (needle in line.casefold()) is not inverted


def _fitting(pattern: re.Pattern[str], inverted: bool) -> Callable[[str], bool]:
    return lambda line: (pattern.search(line) is not None) is not inverted


EVERYTHING = Filter()
