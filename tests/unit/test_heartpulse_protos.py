"""The committed stubs are those of the committed protos."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

ROOT = Path(__file__).parents[2]
FOLDER = Path("hp_tui/heartpulse/protos")


def test_every_stub_describes_what_its_proto_says(tmp_path: Path) -> None:
    protos = sorted(str(path.relative_to(ROOT)) for path in (ROOT / FOLDER).glob("*.proto"))
    out = tmp_path / "protos.bin"
    command = [sys.executable, "-m", "grpc_tools.protoc", "--proto_path=.", f"--descriptor_set_out={out}", *protos]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    described = FileDescriptorSet.FromString(out.read_bytes()).file
    assert {file.name for file in described} == set(protos)
    for file in described:
        assert file.package == "heartpulse.v1"
        module = import_module(file.name.removesuffix(".proto").replace("/", ".") + "_pb2")
        committed = FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(committed)
        assert committed.service == file.service, f"{file.name} changed; run `make protos`"
        assert committed.enum_type == file.enum_type, f"{file.name} changed; run `make protos`"
        assert committed.message_type == _without_json_names(file).message_type, f"{file.name}; run `make protos`"


def _without_json_names(file: FileDescriptorProto) -> FileDescriptorProto:
    """protoc writes each field's JSON name, generated modules leave it out."""
    for message in file.message_type:
        for part in (message, *message.nested_type):
            for field in part.field:
                field.ClearField("json_name")
    return file
