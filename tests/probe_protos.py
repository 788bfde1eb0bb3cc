"""A service with every kind of method and of field, made at run time, for the tests of `hp_tui/calls`."""

from __future__ import annotations

from typing import Any

from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)

FILE = "probe/v1/probe.proto"
SERVICE = "probe.v1.Probe"
F = descriptor_pb2.FieldDescriptorProto


def probe_file() -> descriptor_pb2.FileDescriptorProto:
    """The file that declares ``probe.v1.Probe``."""
    proto = descriptor_pb2.FileDescriptorProto(name=FILE, package="probe.v1", syntax="proto3")
    for module in (timestamp_pb2, duration_pb2, struct_pb2, any_pb2, wrappers_pb2):
        proto.dependency.append(module.DESCRIPTOR.name)
    colour = proto.enum_type.add(name="Colour")
    for number, name in enumerate(("COLOUR_UNKNOWN", "RED", "GREEN")):
        colour.value.add(name=name, number=number)
    leaf = proto.message_type.add(name="Leaf")
    leaf.field.add(name="label", number=1, type=F.TYPE_STRING, label=F.LABEL_OPTIONAL)
    leaf.field.add(name="children", number=2, type=F.TYPE_MESSAGE, type_name=".probe.v1.Leaf", label=F.LABEL_REPEATED)
    _asked(proto.message_type.add(name="Asked"))
    answer = proto.message_type.add(name="Answer")
    answer.field.add(name="text", number=1, type=F.TYPE_STRING, label=F.LABEL_OPTIONAL)
    answer.field.add(name="number", number=2, type=F.TYPE_INT64, label=F.LABEL_OPTIONAL)
    answer.field.add(name="list_of_numbers", number=3, type=F.TYPE_INT32, label=F.LABEL_REPEATED)
    answer.field.add(name="leaves", number=4, type=F.TYPE_MESSAGE, type_name=".probe.v1.Leaf", label=F.LABEL_REPEATED)
    answer.field.add(
        name="anything", number=5, type=F.TYPE_MESSAGE, type_name=".google.protobuf.Any", label=F.LABEL_OPTIONAL
    )
    service = proto.service.add(name="Probe")
    for name, client, server in (
        ("Unary", False, False),
        ("Down", False, True),
        ("Up", True, False),
        ("Both", True, True),
    ):
        service.method.add(
            name=name,
            input_type=".probe.v1.Asked",
            output_type=".probe.v1.Answer",
            client_streaming=client,
            server_streaming=server,
        )
    return proto


def _asked(asked: descriptor_pb2.DescriptorProto) -> None:
    optional, repeated = F.LABEL_OPTIONAL, F.LABEL_REPEATED
    asked.field.add(name="text", number=1, type=F.TYPE_STRING, label=optional)
    asked.field.add(name="count", number=2, type=F.TYPE_INT32, label=optional)
    asked.field.add(name="colour", number=3, type=F.TYPE_ENUM, type_name=".probe.v1.Colour", label=optional)
    asked.field.add(name="leaf", number=4, type=F.TYPE_MESSAGE, type_name=".probe.v1.Leaf", label=optional)
    asked.field.add(name="leaves", number=5, type=F.TYPE_MESSAGE, type_name=".probe.v1.Leaf", label=repeated)
    asked.oneof_decl.add(name="choice")
    asked.field.add(name="by_name", number=6, type=F.TYPE_STRING, label=optional, oneof_index=0)
    asked.field.add(name="by_number", number=7, type=F.TYPE_INT64, label=optional, oneof_index=0)
    entry = asked.nested_type.add(name="LabelsEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=F.TYPE_STRING, label=optional)
    entry.field.add(name="value", number=2, type=F.TYPE_INT32, label=optional)
    asked.field.add(
        name="labels", number=8, type=F.TYPE_MESSAGE, type_name=".probe.v1.Asked.LabelsEntry", label=repeated
    )
    for number, (name, kind) in enumerate(
        (("at", "Timestamp"), ("lasting", "Duration"), ("free", "Struct"), ("any", "Any"), ("maybe", "StringValue")), 9
    ):
        asked.field.add(
            name=name, number=number, type=F.TYPE_MESSAGE, type_name=f".google.protobuf.{kind}", label=optional
        )
    asked.field.add(name="raw", number=14, type=F.TYPE_BYTES, label=optional)
    asked.field.add(name="sure", number=15, type=F.TYPE_BOOL, label=optional)


def probe_pool() -> Any:
    """A pool with the probe's file and what it imports."""
    pool = descriptor_pool.DescriptorPool()
    for module in (timestamp_pb2, duration_pb2, struct_pb2, any_pb2, wrappers_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(probe_file().SerializeToString())
    return pool


def message_class(pool: Any, name: str) -> Any:
    """The class of ``probe.v1.NAME``."""
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"probe.v1.{name}"))
