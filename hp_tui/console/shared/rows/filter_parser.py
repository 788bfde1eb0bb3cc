"""The filter line: words, ``field:value`` terms, ``re:`` a regular expression; ``!`` before any of them inverts it.

All terms must hold. ``re:`` takes the rest of the line, so it comes last. ``"…"`` is one word, spaces, colons and all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hp_tui.model.timeline import Severity, TimelineKind

PATTERN_LIMIT = 200
"""Characters of a regular expression; more is surely a paste."""
VALUES: dict[str, tuple[str, ...]] = {
    "status": ("passing", "warning", "critical", "maintenance"),
    "breaker": ("closed", "open", "half-open", "forced", "none"),
    "kind": tuple(TimelineKind),
    "severity": tuple(Severity),
}
"""Fields with a few values only; a value may be typed in part, from its beginning."""
_TERM = re.compile(r'\s*(?P<not>!?)\s*(?:(?P<re>re:.*)|(?P<word>(?:[^\s"]|"[^"]*"?)+))')
_FIELD = re.compile(r"([A-Za-z_]+):(.*)", re.DOTALL)

Values = Callable[[str], Iterable[str]]
"""What stands in a field of the thing that is asked about."""
Matcher = Callable[[str, str, Values], bool]
"""Is given all texts as they are, the same casefolded, and the fields."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter as typed. ``error`` says in a phrase why it cannot be used; then everything matches.

    ``fields`` maps the field terms that are asked for (not the inverted ones) to their values.
    """

    text: str = ""
    error: str = ""
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    _terms: tuple[Matcher, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self._terms) and not self.error

    def __call__(self, *texts: str, of: Values = lambda _: ()) -> bool:
        """Whether every term holds: a word or pattern for any of ``texts`` (inverted: for none), a field for ``of`` it.

        ``^`` and ``$`` of a regular expression mean the ends of each text.
        """
        text = "\n".join(texts)
        return self.holds(text, text.casefold(), of)

    def holds(self, text: str, folded: str, of: Values) -> bool:
        """The same for texts that are already joined by line breaks, and casefolded: for who asks often."""
        terms = self._terms
        if len(terms) == 1:
            return terms[0](text, folded, of)
        return all(term(text, folded, of) for term in terms)


def parse_filter(text: str, known: Sequence[str] = ()) -> Filter:
    """What was typed, where the fields ``known`` can be asked for; without any, a colon is a letter like others.

    Words are found anywhere, whatever their case. Never raises: what cannot be used is in the result's ``error``.
    """
    terms: list[Matcher] = []
    asked: dict[str, tuple[str, ...]] = {}
    for found in _TERM.finditer(text.strip()):
        try:
            matcher = _matcher(found, known, asked)
        except ValueError as error:
            return Filter(text, str(error))
        if matcher is not None:
            terms.append(_inverted(matcher) if found["not"] else matcher)
    return Filter(text, fields=tuple(asked.items()), _terms=tuple(terms))


def _matcher(found: re.Match[str], known: Sequence[str], asked: dict[str, tuple[str, ...]]) -> Matcher | None:
    """The test of one term, None where nothing was asked yet. Raises ``ValueError`` with a phrase for the user."""
    if found["re"]:
        return _pattern(found["re"][3:])
    word = found["word"] if found["word"] != "!" else ""
    named = _FIELD.fullmatch(word) if known and not word.startswith('"') else None
    if named is None or _is_address(named[1], named[2], known):
        needle = word.replace('"', "").casefold()
        return (lambda _, folded, __: needle in folded) if needle else None
    name, wanted = named[1].lower(), tuple(part for part in named[2].replace('"', "").casefold().split(",") if part)
    if name not in known:
        raise ValueError(f"no field “{name}”; there are {', '.join(known)}. In quotes it is plain text")
    _check(name, wanted)
    if not wanted:
        return None
    if not found["not"]:
        asked[name] = wanted
    test = _prefix if name in VALUES else _pair if name == "meta" else _holds
    return lambda _, __, of: any(test(value.casefold(), part) for value in of(name) for part in wanted)


def _is_address(name: str, value: str, known: Sequence[str]) -> bool:
    """``localhost:8080`` and ``http://…`` are text, not fields."""
    return name.lower() not in known and (value.isdigit() or value.startswith("//"))


def _check(name: str, wanted: tuple[str, ...]) -> None:
    values = VALUES.get(name)
    wrong = [part for part in wanted if values and not any(value.startswith(part) for value in values)]
    if values and wrong:
        raise ValueError(f"{name} is never “{wrong[0]}”; expected {', '.join(values)}")


def _prefix(value: str, part: str) -> bool:
    return value.startswith(part)


def _holds(value: str, part: str) -> bool:
    return part in value


def _pair(value: str, part: str) -> bool:
    """``key=value``: that key, whose value holds the text. Without ``=``: a key that holds it."""
    key, _, content = value.partition("=")
    wanted, given, text = part.partition("=")
    return key == wanted and text in content if given else wanted in key


def _pattern(source: str) -> Matcher | None:
    if not source:
        return None
    if len(source) > PATTERN_LIMIT:
        raise ValueError(f"the pattern has {len(source)} characters; expected at most {PATTERN_LIMIT}")
    search = _compiled(source)
    return lambda text, _, __: search(text) is not None


def _compiled(source: str) -> Callable[[str], Any]:
    """By RE2, which takes time in proportion to the text whatever the pattern; ``re`` may backtrack for ever."""
    import re2  # not before somebody types a pattern

    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        # As bytes: names from a network may hold half of a surrogate pair, which UTF-8 has no place for.
        search: Callable[[bytes], Any] = re2.compile(f"(?m){source}".encode("utf-8", "replace"), options).search
    except re2.error as error:
        said = error.args[0] if error.args else error
        said = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        raise ValueError(f"not a regular expression: {said.replace('(?m)', '')}") from None
    return lambda text: search(text.encode("utf-8", "replace"))


def _inverted(matcher: Matcher) -> Matcher:
    return lambda text, folded, of: not matcher(text, folded, of)


EVERYTHING = Filter()
