"""A JSON body to start from, made from a message's descriptor."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

MAX_DEPTH = 4
"""Messages inside messages shown; deeper and recursive ones are left empty."""

_WELL_KNOWN: dict[str, Any] = {
    "google.protobuf.Timestamp": "2026-01-01T00:00:00Z",
    "google.protobuf.Duration": "1s",
    "google.protobuf.FieldMask": "",
    "google.protobuf.Struct": {},
    "google.protobuf.Value": None,
    "google.protobuf.ListValue": [],
    "google.protobuf.Any": {"@type": ""},
    "google.protobuf.Empty": {},
    "google.protobuf.StringValue": "",
    "google.protobuf.BytesValue": "",
    "google.protobuf.BoolValue": False,
    **{f"google.protobuf.{kind}Value": 0 for kind in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32")},
}


def skeleton(message: Descriptor) -> str:
    """Pretty JSON with every field at its default: first enum value, first arm of a oneof, one element a list."""
    return json.dumps(_message(message, ()), indent=2)


def _message(message: Descriptor, above: tuple[str, ...]) -> Any:
    if message.full_name in _WELL_KNOWN:
        return _WELL_KNOWN[message.full_name]
    if message.full_name in above or len(above) >= MAX_DEPTH:
        return {}
    inside = (*above, message.full_name)
    body: dict[str, Any] = {}
    chosen: set[str] = set()
    for field in message.fields:
        oneof = field.containing_oneof
        if oneof is not None and len(oneof.fields) > 1:
            if oneof.full_name in chosen:
                continue
            chosen.add(oneof.full_name)
        body[field.name] = _field(field, inside)
    return body


def _field(field: FieldDescriptor, above: tuple[str, ...]) -> Any:
    message = field.message_type
    if message is not None and message.GetOptions().map_entry:
        entry = message.fields_by_name
        return {str(_text(entry["key"])): _value(entry["value"], above)}
    value = _value(field, above)
    return [value] if field.is_repeated else value


def _text(key: FieldDescriptor) -> str:
    return "false" if key.type == FieldDescriptor.TYPE_BOOL else ("key" if _is_text(key) else "0")


def _value(field: FieldDescriptor, above: tuple[str, ...]) -> Any:
    if field.message_type is not None:
        return _message(field.message_type, above)
    if field.enum_type is not None:
        return field.enum_type.values[0].name
    if field.type == FieldDescriptor.TYPE_BOOL:
        return False
    return "" if _is_text(field) else 0


def _is_text(field: FieldDescriptor) -> bool:
    return field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}
