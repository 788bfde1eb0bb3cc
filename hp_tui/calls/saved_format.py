"""A saved request as JSON that a person can read, and back."""

from __future__ import annotations

import json
from typing import Any

from hp_tui.calls.errors import CallError
from hp_tui.model.calls import CallSpec, SavedRequest
from hp_tui.model.secrets import without_credentials

Raw = dict[str, Any]


class SavedRequestsError(CallError):
    """The file of saved requests, or what is asked of it, is not possible; nothing was written."""


def order(name: str) -> tuple[str, str]:
    """Sort key of names."""
    return name.casefold(), name


def entry_of(spec: CallSpec) -> Raw:
    """The request as JSON for the file. Raises :class:`SavedRequestsError` for a body that is not JSON."""
    entry: Raw = {"service": spec.service, "method": spec.method, "body": _body(spec.body), "timeout": spec.timeout}
    if spec.count != 1:
        entry["count"] = spec.count
    if spec.rate:
        entry["rate"] = spec.rate
    for name in ("timeout", "rate"):
        if name in entry and entry[name] == int(entry[name]):
            entry[name] = int(entry[name])
    if spec.metadata:
        entry["metadata"] = [f"{name}: {value}".rstrip() for name, value in without_credentials(spec.metadata)]
    return entry


def _body(text: str) -> Any:
    try:
        return json.loads(text.strip() or "{}", object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise SavedRequestsError(f"the body cannot be saved: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> Raw:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is in the same object twice")
    return found


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def request_of(name: str, entry: Any) -> SavedRequest:
    """The request of an entry of the file; a damaged one has a ``problem``."""
    try:
        return SavedRequest(name, _spec(entry))
    except ValueError as error:
        return SavedRequest(name, CallSpec("", "", ""), problem=str(error))


def _spec(entry: Any) -> CallSpec:
    if not isinstance(entry, dict):
        raise ValueError(f"it is {str(entry)[:40]!r}; expected an object")
    metadata = _field(entry, "metadata", list, [])
    pairs = []
    for line in metadata:
        if not isinstance(line, str) or ":" not in line:
            raise ValueError(f"metadata has {str(line)[:40]!r}; expected text 'name: value'")
        key, _, value = line.partition(":")
        pairs.append((key.strip().lower(), value.strip()))
    return CallSpec(
        _field(entry, "service", str),
        _field(entry, "method", str),
        json.dumps(entry.get("body", {}), indent=2, ensure_ascii=False),
        _field(entry, "count", int, 1),
        float(_field(entry, "rate", (int, float), 0)),
        float(_field(entry, "timeout", (int, float), CallSpec("").timeout)),
        tuple(pairs),
    )


_WORDS = {str: "text", int: "a whole number", (int, float): "a number", list: "an array"}


def _field(entry: Raw, name: str, kind: Any, default: Any = None) -> Any:
    value = entry.get(name, default)
    if not isinstance(value, kind) or isinstance(value, bool) or value == "":
        given = f"{name} is {str(value)[:40]!r}" if name in entry else f"it has no {name}"
        raise ValueError(f"{given}; expected {_WORDS[kind]}")
    return value
