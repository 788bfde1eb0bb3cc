"""The validator's rules. They are deterministic; no language model is involved.

===================== =====================================================================
rule                  a text breaks it when
===================== =====================================================================
``not-empty``         there is nothing but white space in it
``max-length``        it has more than 4000 characters
``no-control``        it has control characters other than tab and line breaks
``balanced-brackets`` a round, square or curly bracket has no partner
``no-placeholder``    it contains TODO, TBD, FIXME, lorem ipsum or {{ … }}
``required-terms``    a term the caller requires is not in it (whatever the case)
===================== =====================================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAX_LENGTH = 4000

_PLACEHOLDER = re.compile(r"\b(?:TODO|TBD|FIXME)\b|\blorem ipsum\b|\{\{.*?\}\}", re.IGNORECASE | re.DOTALL)
_CLOSES = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule that a text breaks, and where."""

    rule: str
    comment: str


def violations(text: str, required_terms: Sequence[str] = ()) -> tuple[Violation, ...]:
    """Every rule ``text`` breaks, in the order of the table; () for a valid text."""
    found = {
        "not-empty": "" if text.strip() else "there is nothing in it",
        "max-length": _too_long(text),
        "no-control": _control(text),
        "balanced-brackets": _brackets(text),
        "no-placeholder": _placeholder(text),
        "required-terms": _missing(text, required_terms),
    }
    return tuple(Violation(rule, comment) for rule, comment in found.items() if comment)


def _too_long(text: str) -> str:
    return f"{len(text)} characters; at most {MAX_LENGTH}" if len(text) > MAX_LENGTH else ""


def _control(text: str) -> str:
    for position, char in enumerate(text):
        if unicodedata.category(char) == "Cc" and char not in "\t\n\r":
            return f"U+{ord(char):04X} at character {position + 1}"
    return ""


def _brackets(text: str) -> str:
    opened: list[tuple[str, int]] = []
    for position, char in enumerate(text, start=1):
        if char in _CLOSES.values():
            opened.append((char, position))
        elif char in _CLOSES and (not opened or opened.pop()[0] != _CLOSES[char]):
            return f"{char!r} at character {position} closes nothing"
    return f"{opened[-1][0]!r} at character {opened[-1][1]} is not closed" if opened else ""


def _placeholder(text: str) -> str:
    match = _PLACEHOLDER.search(text)
    return f"{match.group()[:40]!r} at character {match.start() + 1}" if match else ""


def _missing(text: str, required_terms: Sequence[str]) -> str:
    folded = text.casefold()
    missing = [term for term in required_terms if term.casefold() not in folded]
    return f"lacks {', '.join(map(repr, missing))}" if missing else ""
