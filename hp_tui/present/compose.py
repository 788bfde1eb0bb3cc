"""From what was typed into the composer to a run of calls, or to what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from hp_tui.model.calls import CallSpec, MethodInfo, MethodKind
from hp_tui.model.secrets import withheld

MAX_COUNT = 100_000
MAX_RATE = 500.0
"""Calls a second."""
MAX_TIMEOUT = 600.0
"""Seconds."""


class FormError(ValueError):
    """A field that cannot be used: ``field`` is its name; the message says what was given and what is expected."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the composer's fields, whether or not it fits."""

    service: str
    method: str
    body: str
    count: str
    rate: str
    deadline: str
    metadata: str

    @classmethod
    def of(cls, spec: CallSpec) -> Form:
        """The fields of a run."""
        return cls(
            spec.service,
            spec.method,
            spec.body,
            str(spec.count),
            f"{spec.rate:g}",
            f"{spec.timeout:g}",
            metadata_text(spec.metadata),
        )

    def spec(self) -> CallSpec:
        """The run as typed. Raises :class:`FormError` for the first field that does not fit."""
        check_json(self.body)
        metadata = parse_metadata(self.metadata)
        for name in withheld(metadata):
            raise FormError(
                "metadata", f"metadata {name} has no value: files keep no credentials; type it or take it out"
            )
        return CallSpec(
            self.service,
            self.method,
            self.body.strip() or "{}",
            int(_number("count", self.count, 1, MAX_COUNT, whole=True)),
            _number("rate", self.rate, 0, MAX_RATE),
            _number("deadline", self.deadline, 0.001, MAX_TIMEOUT),
            metadata,
        )


def check_json(body: str) -> None:
    """Raises :class:`FormError` unless ``body`` is empty or JSON."""
    if not body.strip():
        return
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FormError("body", f"body is not JSON, {where}: {error.msg}") from None
    except RecursionError:
        raise FormError("body", "body is nested too deeply") from None


def _number(field: str, text: str, low: float, high: float, *, whole: bool = False) -> float:
    wanted = "a whole number" if whole else "a number"
    try:
        value = float(int(text)) if whole else float(text)
    except ValueError:
        raise FormError(field, f"{field} is {text!r}; expected {wanted} from {low:g} to {high:g}") from None
    if not low <= value <= high:
        raise FormError(field, f"{field} is {text}; expected {wanted} from {low:g} to {high:g}")
    return value


def parse_metadata(text: str) -> tuple[tuple[str, str], ...]:
    """``key: value; key: value`` as pairs; keys in lower case, as gRPC has them."""
    pairs = []
    for part in text.split(";"):
        if not part.strip():
            continue
        key, colon, value = part.partition(":")
        name = key.strip().lower()
        good = name and all(letter.isascii() and (letter.isalnum() or letter in "-_.") for letter in name)
        if not colon or not good or name.startswith("grpc-"):
            raise FormError(
                "metadata",
                f"metadata {part.strip()!r}; expected key: value, keys of a-z 0-9 - _ . not starting with grpc-",
            )
        pairs.append((name, value.strip()))
    return tuple(pairs)


def metadata_text(metadata: tuple[tuple[str, str], ...]) -> str:
    """Pairs as :func:`parse_metadata` reads them."""
    return "; ".join(f"{key}: {value}" for key, value in metadata)


def skeleton(method: MethodInfo) -> str:
    """What the body begins with: an array of one message where the client streams."""
    streams = method.kind in {MethodKind.STREAM_UNARY, MethodKind.STREAM_STREAM}
    return f"[{method.skeleton}]" if streams else method.skeleton
