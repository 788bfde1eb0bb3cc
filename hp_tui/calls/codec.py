"""JSON to protobuf and back, with errors that name the place and what was expected."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from google.protobuf import json_format, message_factory, text_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message

from hp_tui.calls.errors import LISTED, RequestDoesNotFitError
from hp_tui.calls.json_path import JSONPath, line_of
from hp_tui.calls.request_validation import check
from hp_tui.calls.shorten import shorten

REPLY_LIMIT = 256 * 1024
"""Characters of a reply's JSON that are shown."""
WIRE_LIMIT = 64 * 1024
"""Bytes of a serialized reply that are made into JSON: at most about 20 ms of work, so that the screen never waits."""


def parse_requests(body: str, message: Descriptor, pool: Any, *, many: bool) -> list[Message]:
    """The request message of ``body``; with ``many``, those of a JSON array (one object counts as one message).

    Raises :class:`RequestDoesNotFitError` naming the line and column, or the path of the field and what was expected, with
    its line where the body has several.
    """
    value = _value(body)
    try:
        if not (many and isinstance(value, list)):
            return [_parse(value, message, pool, JSONPath())]
        return [_parse(one, message, pool, JSONPath().item(number)) for number, one in enumerate(value)]
    except RequestDoesNotFitError as error:
        line = line_of(body, error.steps) if error.steps is not None else None
        if line is None:
            raise
        where = f"line {line}: " if "\n" in body.rstrip() else ""
        raise RequestDoesNotFitError(f"{where}{error}", error.steps, line) from None


def _value(body: str) -> Any:
    """The body's JSON value."""
    try:
        # Not stripped: line numbers refer to the body as typed.
        return json.loads(body if body.strip() else "{}", object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise RequestDoesNotFitError(
            f"the request is not JSON at line {error.lineno}, column {error.colno}: {error.msg}", line=error.lineno
        ) from None
    except RecursionError:
        raise RequestDoesNotFitError("the request is not JSON: nested too deep") from None
    except RequestDoesNotFitError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise RequestDoesNotFitError(f"the request is not JSON: {error}") from None


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. A name given twice is refused: one of the two values would be lost."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise RequestDoesNotFitError(f"{name!r} is in the same object twice; expected each field once")
        found[name] = value
    return found


def _parse(value: Any, message: Descriptor, pool: Any, place: JSONPath) -> Message:
    check(value, message, pool, place)
    made: Message = message_factory.GetMessageClass(message)()
    try:
        json_format.ParseDict(value, made, descriptor_pool=pool, max_recursion_depth=100)
    except (json_format.ParseError, TypeError, ValueError, AttributeError) as error:
        said = " ".join(str(error).split())
        raise RequestDoesNotFitError(f"the request does not fit {message.full_name}: {said}") from None
    missing: list[str] = made.FindInitializationErrors()  # type: ignore[attr-defined]  # the stubs leave it out
    if missing:
        raise RequestDoesNotFitError(f"{message.full_name} needs {', '.join(missing[:LISTED])}", place.steps)
    return made


def to_json(raw: bytes, message: Descriptor, pool: Any) -> tuple[str, int]:
    """Pretty JSON of a serialized ``message`` with the proto's own names, and how many of its bytes were left out.

    Valid JSON also when cut. Raises ``DecodeError`` for bytes that are no such message.
    """
    made_from = message_factory.GetMessageClass(message)
    limit = WIRE_LIMIT
    while True:
        shown = shorten(raw, message, limit)
        text = _text(made_from.FromString(shown), pool)
        if len(text) <= REPLY_LIMIT or limit < 1024:
            return text[:REPLY_LIMIT], len(raw) - len(shown)
        limit = min(limit, len(shown)) // 4


def _text(message: Message, pool: Any) -> str:
    try:
        return json_format.MessageToJson(
            message,
            preserving_proto_field_name=True,
            always_print_fields_with_no_presence=True,
            descriptor_pool=pool,
            ensure_ascii=False,
        )
    except (TypeError, ValueError, AttributeError, json_format.Error):
        # An Any of an unknown type, or a Timestamp out of range: protobuf's text format shows both.
        return json.dumps({"(no JSON)": text_format.MessageToString(message).splitlines()}, indent=2)


__all__ = ["REPLY_LIMIT", "WIRE_LIMIT", "DecodeError", "parse_requests", "to_json"]
