"""JSON to protobuf and back, with errors that say where and what."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from hp_tui.calls.errors import RequestDoesNotFitError

REPLY_LIMIT = 256 * 1024
"""Characters of a reply's JSON kept for showing."""


def parse_requests(body: str, message: Descriptor, pool: Any, *, many: bool) -> list[Message]:
    """The request message of ``body``; with ``many``, those of a JSON array (one object counts as one message).

    Raises :class:`RequestDoesNotFitError` naming the line and column, or the field and what was expected.
    """
    try:
        value = json.loads(body or "{}")
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        what = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"
        raise RequestDoesNotFitError(f"the request is not JSON{where}: {what}") from None
    values = value if many and isinstance(value, list) else [value]
    return [_parse(one, message, pool) for one in values]


def _parse(value: Any, message: Descriptor, pool: Any) -> Message:
    if not isinstance(value, dict) and not message.full_name.startswith("google.protobuf."):
        raise RequestDoesNotFitError(
            f"the request is a JSON {type(value).__name__}; expected an object for {message.full_name}"
        )
    made: Message = message_factory.GetMessageClass(message)()
    try:
        json_format.ParseDict(value, made, descriptor_pool=pool, max_recursion_depth=100)
    except json_format.ParseError as error:
        raise RequestDoesNotFitError(
            f"the request does not fit {message.full_name}: {_plain(str(error), message)}"
        ) from None
    return made


def _plain(text: str, message: Descriptor) -> str:
    """The library's sentence, with the nearest field names where one is unknown."""
    unknown = re.search(r'no field named "([^"]+)"', text)
    if unknown is None:
        return text.strip().rstrip(".")
    known = [field.name for field in message.fields]
    near = difflib.get_close_matches(unknown.group(1), known, n=3)
    named = ", ".join(near or known) or "no fields at all"
    return f'no field named "{unknown.group(1)}"; {"nearest: " if near else "it has "}{named}'


def to_json(message: Message, pool: Any = None) -> tuple[str, int]:
    """Pretty JSON with the proto's own field names, and how many characters of it were left out."""
    try:
        text = json_format.MessageToJson(message, preserving_proto_field_name=True, descriptor_pool=pool, indent=2)
    except (TypeError, ValueError) as error:
        text = f"(this reply cannot be shown as JSON: {error})"
    return text[:REPLY_LIMIT], max(0, len(text) - REPLY_LIMIT)
