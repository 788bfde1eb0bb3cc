"""Cuts a serialized message without parsing it, so that a huge reply takes no more time than a small one.

Wire format: protobuf.dev, "Encoding".
"""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {
    **dict.fromkeys((FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FIXED64, FieldDescriptor.TYPE_SFIXED64), 8),
    **dict.fromkeys((FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_FIXED32, FieldDescriptor.TYPE_SFIXED32), 4),
}
MAX_DEPTH = 100
"""Messages inside messages, protobuf's own limit: what is deeper would not parse."""
_TEXT = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES}


def shorten(raw: bytes, message: Descriptor, limit: int, depth: int = 0) -> bytes:
    """At most ``limit`` bytes that parse as the beginning of ``raw``, a serialized ``message``.

    It has whole fields as long as they fit, and the beginning of the first that does not. Bytes that are not protobuf are cut
    at ``limit``; parsing them fails as it would have before.
    """
    if len(raw) <= limit:
        return raw
    if depth > MAX_DEPTH:
        return b""
    at = 0
    try:
        while at < len(raw):
            start = at
            at = _skip(raw, at)
            if at > limit:
                return raw[:start] + _beginning(raw, start, message, limit - start, depth)
    except IndexError:
        return raw[:limit]
    return raw[:limit]


def _skip(raw: bytes, at: int) -> int:
    """Where the field that starts at ``at`` ends. IndexError for what is no field."""
    tag, at = _read_varint(raw, at)
    kind = tag & 7
    if kind == _VARINT:
        _, at = _read_varint(raw, at)
    elif kind == _LENGTH:
        size, at = _read_varint(raw, at)
        at += size
    elif kind in {_FIXED64, _FIXED32}:
        at += 8 if kind == _FIXED64 else 4
    else:
        raise IndexError  # groups: proto3 has none
    if at > len(raw):
        raise IndexError
    return at


def _beginning(raw: bytes, start: int, message: Descriptor, room: int, depth: int) -> bytes:
    """The field at ``start`` in at most ``room`` bytes; nothing where it cannot be divided."""
    tag, at = _read_varint(raw, start)
    field = message.fields_by_number.get(tag >> 3)
    if tag & 7 != _LENGTH or field is None:
        return b""
    size, body = _read_varint(raw, at)
    head = raw[start:at]
    inner = room - len(head) - 5  # a length takes at most 5 bytes here
    if inner <= 0:
        return b""
    part = _inside(raw[body : body + size], field, inner, depth)
    return head + _varint(len(part)) + part if part else b""


def _inside(part: bytes, field: FieldDescriptor, room: int, depth: int) -> bytes:
    if field.message_type is not None:
        return shorten(part, field.message_type, room, depth + 1)
    if field.type in _TEXT:
        cut = part[:room]
        return cut if field.type == FieldDescriptor.TYPE_BYTES else cut.decode("utf-8", "ignore").encode("utf-8")
    width = _WIDTHS.get(field.type)
    if width:
        return part[: room - room % width]
    while room and part[room - 1] & 0x80:  # packed numbers: not in the middle of one
        room -= 1
    return part[:room]


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
    raise IndexError


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
