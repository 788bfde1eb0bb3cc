"""From what was typed into the composer to a run of calls, or to what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache

from hp_tui.console.calls.rows.lanes import RunLine
from hp_tui.console.calls.rows.runs import refusal
from hp_tui.console.shared.rows.text import count
from hp_tui.model.calls import BodyVerdict, CallSpec, MethodInfo, MethodKind
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.secrets import withheld
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Tone

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

    def spec(self, *, gaps: bool = False) -> CallSpec:
        """The run as typed. ``gaps``: a credential may be without its value, as in a file.

        Raises :class:`FormError` for the first field that does not fit.
        """
        check_json(self.body)
        metadata = parse_metadata(self.metadata)
        for name in () if gaps else withheld(metadata):
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
    problem = _json_problem(body)
    if problem:
        raise FormError("body", problem)


@lru_cache(maxsize=2)  # asked again at every picture, while only a key changes the answer
def _json_problem(body: str) -> str:
    if not body.strip():
        return ""
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        return f"body is not JSON, line {error.lineno}, column {error.colno}: {error.msg}"
    except ValueError as error:  # a number of thousands of digits
        return f"body is not JSON: {error}"
    except RecursionError:
        return "body is nested too deeply"
    return ""


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


CLIENT_STREAMS = {MethodKind.STREAM_UNARY, MethodKind.STREAM_STREAM}


def skeleton(method: MethodInfo) -> str:
    """What the body begins with: an array of one message where the client streams."""
    return f"[{method.skeleton}]" if method.kind in CLIENT_STREAMS else method.skeleton


def verdict_line(snapshot: FleetSnapshot, form: Form, verdict: BodyVerdict | None) -> RunLine:
    """What the composer says about the fields: what is wrong, else what will be sent.

    ``verdict`` is on the body as it stands, None while that is not known.
    """
    try:
        spec = form.spec()
    except FormError as error:
        return RunLine(visible(str(error)), Tone.BAD)
    known = verdict is not None and verdict.known
    wrong = verdict.error if known and verdict is not None else refusal(snapshot.runs, spec)
    if wrong:
        return RunLine(visible(wrong), Tone.BAD)
    if snapshot.loaded and form.service not in snapshot.services:
        where = f" in {snapshot.cluster.datacenter}" if snapshot.cluster.datacenter else ""
        return RunLine(visible(f"{form.service} is not registered{where} now; a call would wait for it"), Tone.WARN)
    view = snapshot.methods.get(form.service)
    if view is None or view.loading:
        return RunLine(f"asking {visible(form.service)} for its methods…", Tone.MUTED)
    info = next((item for item in view.methods if item.name == form.method), None)
    if info is None and view.methods and not view.note:
        return RunLine(visible(f"{form.service} has no method {form.method} now"), Tone.WARN)
    if view.note or info is None:
        return RunLine(visible(view.note), Tone.MUTED)
    return RunLine(visible(_will_send(info, verdict if known else None)), Tone.MUTED)


def _will_send(info: MethodInfo, verdict: BodyVerdict | None) -> str:
    types = f"{info.input_type} → {info.output_type}"
    if info.kind not in CLIENT_STREAMS:
        return f"fits {types}" if verdict else types
    if verdict is None:
        return f"[ {{…}}, {{…}} ]: an array of {types}"
    return f"[ {{…}}, {{…}} ]: fits, {count(verdict.messages, 'message')} of {types}"
