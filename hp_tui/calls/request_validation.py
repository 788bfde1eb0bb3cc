"""Why a JSON value does not fit a message, said as a path into the JSON and what was expected there.

protobuf's parser still decides. This check runs before it, because protobuf's messages have neither the whole path nor the
nearest names.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from hp_tui.calls.errors import RequestDoesNotFitError, nearest
from hp_tui.calls.json_path import JSONPath

MAX_DEPTH = 100

_SIGNED32 = {FieldDescriptor.TYPE_INT32, FieldDescriptor.TYPE_SINT32, FieldDescriptor.TYPE_SFIXED32}
_SIGNED64 = {FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_SINT64, FieldDescriptor.TYPE_SFIXED64}
_UNSIGNED32 = {FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_FIXED32}
_UNSIGNED64 = {FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64}
_FLOATS = {FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE}
_FLOAT_WORDS = {"NaN", "Infinity", "-Infinity"}
_RANGES = (
    *((kind, -(2**31), 2**31 - 1) for kind in _SIGNED32),
    *((kind, -(2**63), 2**63 - 1) for kind in _SIGNED64),
    *((kind, 0, 2**32 - 1) for kind in _UNSIGNED32),
    *((kind, 0, 2**64 - 1) for kind in _UNSIGNED64),
)
_INTEGERS = {kind: (low, high) for kind, low, high in _RANGES}


def check(value: Any, message: Descriptor, pool: Any, path: JSONPath, depth: int = 0) -> None:
    """Raise :class:`RequestDoesNotFitError` for the first thing in ``value`` that is wrong for ``message``."""
    if depth > MAX_DEPTH:
        raise RequestDoesNotFitError(f"{path.text[:60]}…: nested deeper than {MAX_DEPTH} messages")
    if message.full_name.startswith("google.protobuf."):
        _check_well_known(value, message, pool, path)
        return
    if not isinstance(value, dict):
        raise _wrong(path, value, f"an object, {message.full_name}")
    chosen: dict[str, str] = {}
    for name, inner in value.items():
        field = message.fields_by_name.get(name) or message.fields_by_camelcase_name.get(name)
        if field is None:
            if name.startswith("["):  # an extension of proto2
                continue
            known = [one.name for one in message.fields]
            where = f"{path.text}: " if path.text else ""
            raise RequestDoesNotFitError(
                f"{where}{message.full_name} has no field {name!r}; {nearest(name, known)}", path.field(name).steps
            )
        if inner is None:
            continue
        if field.containing_oneof is not None:
            other = chosen.setdefault(field.containing_oneof.name, name)
            if other != name:
                oneof = field.containing_oneof.name
                place = path.field(name)
                raise RequestDoesNotFitError(
                    f"{place.text}: only one of {oneof!r} can be set, and {other!r} is", place.steps
                )
        _check_field(inner, field, pool, path.field(name), depth)


def _check_field(value: Any, field: FieldDescriptor, pool: Any, path: JSONPath, depth: int) -> None:
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        if not isinstance(value, dict):
            raise _wrong(path, value, "an object, the map's keys and values")
        inner = message.fields_by_name["value"]
        for key, one in value.items():
            _check_one(one, inner, pool, path.key(key), depth)
    elif field.is_repeated:
        if not isinstance(value, list):
            raise _wrong(path, value, "an array")
        for number, one in enumerate(value):
            _check_one(one, field, pool, path.item(number), depth)
    else:
        _check_one(value, field, pool, path, depth)


def _check_one(value: Any, field: FieldDescriptor, pool: Any, path: JSONPath, depth: int) -> None:
    if field.message_type is not None:
        check(value, field.message_type, pool, path, depth + 1)
    elif field.enum_type is not None:
        _check_enum(value, field.enum_type, path)
    elif field.type == FieldDescriptor.TYPE_BOOL:
        if not isinstance(value, bool):
            raise _wrong(path, value, "true or false")
    elif field.type in _INTEGERS:
        _check_integer(value, *_INTEGERS[field.type], path)
    elif field.type in _FLOATS:
        _check_float(value, path)
    else:
        _check_text(value, field, path)


def _check_enum(value: Any, enum: EnumDescriptor, path: JSONPath) -> None:
    if isinstance(value, str) and value not in enum.values_by_name:
        raise RequestDoesNotFitError(
            f"{path.text}: {enum.full_name} has no value {value!r}; {nearest(value, enum.values_by_name)}", path.steps
        )
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _wrong(path, value, f"a name or number of {enum.full_name}")


def _check_integer(value: Any, low: int, high: int, path: JSONPath) -> None:
    expected = f"a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise _wrong(path, value, expected)
    try:
        number = int(value) if isinstance(value, str) else value
        fits = number == int(number) and low <= number <= high
    except (ValueError, OverflowError):
        fits = False
    if not fits:
        raise _wrong(path, value, expected)


def _check_float(value: Any, path: JSONPath) -> None:
    try:
        fits = not isinstance(value, (bool, list, dict)) and (value in _FLOAT_WORDS or float(value) is not None)
    except (ValueError, OverflowError):
        fits = False
    if not fits:
        raise _wrong(path, value, "a number")


def _check_text(value: Any, field: FieldDescriptor, path: JSONPath) -> None:
    if not isinstance(value, str):
        raise _wrong(path, value, "text in quotes")
    if field.type != FieldDescriptor.TYPE_BYTES:
        return
    try:
        padded = value.replace("-", "+").replace("_", "/").rstrip("=")
        base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(path, value, "bytes in base64") from None


def _check_well_known(value: Any, message: Descriptor, pool: Any, path: JSONPath) -> None:
    try:
        json_format.ParseDict(value, message_factory.GetMessageClass(message)(), descriptor_pool=pool)
    except (json_format.ParseError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(path, value, f"{message.full_name} ({' '.join(str(error).split())})") from None


def _wrong(path: JSONPath, value: Any, expected: str) -> RequestDoesNotFitError:
    given = repr(value)
    shown = given if len(given) <= 60 else f"{given[:57]}…"
    return RequestDoesNotFitError(f"{path.text or 'the request'} is {shown}; expected {expected}", path.steps)
