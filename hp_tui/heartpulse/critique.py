"""The critic's rules. They are deterministic; no language model is involved.

A text starts with the score 1.0. Each rule may subtract a penalty:

================= ============================================================ =====================
rule              breaks it                                                    penalty
================= ============================================================ =====================
``empty``         no word at all                                               1.0
``too-short``     fewer than 4 words [1]_                                      0.3
``long-sentence`` a sentence of more than 30 words [1]_                         0.1 each, at most 0.3
``repetition``    a word directly after itself                                 0.1 each, at most 0.3
``filler``        very, really, just, basically, actually, simply, quite       0.05 each, at most 0.2
``shouting``      at least 10 letters, more than half of them capitals         0.2
================= ============================================================ =====================

.. [1] Can be changed while the service runs: :class:`~hp_tui.heartpulse.live_settings.CriticSettings`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from hp_tui.heartpulse.live_settings import CriticSettings

DEFAULTS = CriticSettings()
FILLERS = frozenset({"very", "really", "just", "basically", "actually", "simply", "quite"})

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Remark:
    """One rule that a text breaks, and its penalty."""

    rule: str
    comment: str
    penalty: float


@dataclass(frozen=True, slots=True)
class Critique:
    """``score`` is 0 to 1 with two decimals; ``remarks`` explain what was subtracted."""

    score: float
    remarks: tuple[Remark, ...]


def critique(text: str, settings: CriticSettings = DEFAULTS) -> Critique:
    """Judge ``text`` by every rule."""
    words = _WORD.findall(text)
    if not words:
        return Critique(0.0, (Remark("empty", "there is no word in it", 1.0),))
    remarks = tuple(remark for rule in _RULES if (remark := rule(text, words, settings)) is not None)
    return Critique(round(max(0.0, 1.0 - sum(remark.penalty for remark in remarks)), 2), remarks)


def _too_short(text: str, words: Sequence[str], settings: CriticSettings) -> Remark | None:
    if len(words) >= settings.min_words:
        return None
    return Remark("too-short", f"{len(words)} words; at least {settings.min_words} say something", 0.3)


def _long_sentences(text: str, words: Sequence[str], settings: CriticSettings) -> Remark | None:
    lengths = [len(_WORD.findall(sentence)) for sentence in _SENTENCE_END.split(text)]
    long = [length for length in lengths if length > settings.max_sentence_words]
    if not long:
        return None
    comment = f"{len(long)} of more than {settings.max_sentence_words} words, the longest has {max(long)}"
    return Remark("long-sentence", comment, _capped(len(long), 0.1, 0.3))


def _repetition(text: str, words: Sequence[str], settings: CriticSettings) -> Remark | None:
    doubled = [second for first, second in pairwise(words) if first.lower() == second.lower()]
    if not doubled:
        return None
    return Remark("repetition", f"repeated at once: {_named(doubled)}", _capped(len(doubled), 0.1, 0.3))


def _filler(text: str, words: Sequence[str], settings: CriticSettings) -> Remark | None:
    found = [word.lower() for word in words if word.lower() in FILLERS]
    if not found:
        return None
    return Remark("filler", f"says nothing: {_named(found)}", _capped(len(found), 0.05, 0.2))


def _shouting(text: str, words: Sequence[str], settings: CriticSettings) -> Remark | None:
    letters = [char for char in text if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    if len(letters) < 10 or capitals * 2 <= len(letters):
        return None
    return Remark("shouting", f"{capitals} of {len(letters)} letters are capitals", 0.2)


_RULES: tuple[Callable[[str, Sequence[str], CriticSettings], Remark | None], ...] = (
    _too_short,
    _long_sentences,
    _repetition,
    _filler,
    _shouting,
)


def _capped(times: int, each: float, most: float) -> float:
    return round(min(times * each, most), 2)


def _named(words: Sequence[str]) -> str:
    """The distinct words, at most five, in the order they appear."""
    distinct = list(dict.fromkeys(words))
    return ", ".join(distinct[:5]) + (" …" if len(distinct) > 5 else "")
