"""Server reflection against honest servers and lying ones: a sentence each time, never a hang, never a traceback."""

from __future__ import annotations

import asyncio

import pytest
from google.protobuf import descriptor_pb2
from grpc_reflection.v1alpha import reflection_pb2

from hp_tui.calls.describe import describe
from hp_tui.calls.errors import ReflectionError, UnknownMethodError
from hp_tui.calls.reflection import reflect
from hp_tui.model.calls import HEALTH_METHOD, MethodKind
from tests.integration.probe_server import ProbeServer
from tests.probe_protos import FILE, SERVICE, probe_file

Response = reflection_pb2.ServerReflectionResponse


def listing(*names: str) -> Response:
    services = [reflection_pb2.ServiceResponse(name=name) for name in names]
    return Response(list_services_response=reflection_pb2.ListServiceResponse(service=services))


def files(*blobs: bytes) -> Response:
    return Response(file_descriptor_response=reflection_pb2.FileDescriptorResponse(file_descriptor_proto=blobs))


def chain(length: int, *, last: str = "") -> dict[str, bytes]:
    """Files that import each other one after another; the last imports ``last``."""
    made = {}
    for number in range(length):
        proto = descriptor_pb2.FileDescriptorProto(name=f"f{number}.proto", package="deep", syntax="proto3")
        wanted = f"f{number + 1}.proto" if number + 1 < length else last
        if wanted:
            proto.dependency.append(wanted)
        if number == 0:
            proto.service.add(name="Deep")
        made[proto.name] = proto.SerializeToString()
    return made


def serving(made: dict[str, bytes], first: str, *services: str):
    """A reflection that has these files."""

    def answer(request):
        if request.HasField("list_services"):
            return listing(*services)
        if request.HasField("file_containing_symbol"):
            return files(made[first])
        blob = made.get(request.file_by_filename)
        return (
            files(blob) if blob else Response(error_response=reflection_pb2.ErrorResponse(error_message="no such file"))
        )

    return answer


async def hang(_=None):
    await asyncio.Event().wait()


@pytest.mark.parametrize("versions", [("v1", "v1alpha"), ("v1",), ("v1alpha",)], ids="+".join)
async def test_an_honest_server_tells_its_methods(versions):
    async with ProbeServer(versions=versions) as server, server.channel() as channel:
        view = (await describe(channel, "probe", timeout=5)).view
        found = {method.name: method.kind for method in view.methods}
        assert found == {
            f"{SERVICE}/Unary": MethodKind.UNARY_UNARY,
            f"{SERVICE}/Down": MethodKind.UNARY_STREAM,
            f"{SERVICE}/Up": MethodKind.STREAM_UNARY,
            f"{SERVICE}/Both": MethodKind.STREAM_STREAM,
            HEALTH_METHOD: MethodKind.UNARY_UNARY,
        }
        assert '"by_name"' in view.methods[0].skeleton
        assert view.note == ""


async def test_no_reflection_leaves_the_health_check_and_says_so():
    async with ProbeServer(versions=()) as server, server.channel() as channel:
        view = (await describe(channel, "probe", timeout=5)).view
        assert [method.name for method in view.methods] == [HEALTH_METHOD]
        assert "serves no reflection" in view.note


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (f"{SERVICE}/Unry", "did you mean Unary"),
        ("probe.v1.Prob/Unary", f"did you mean {SERVICE}"),
        ("Unary", "pkg.Service/Method"),
        ("", "pkg.Service/Method"),
    ],
)
async def test_an_unknown_method_lists_what_there_is(name, said):
    async with ProbeServer() as server, server.channel() as channel:
        with pytest.raises(UnknownMethodError) as unknown:
            async with reflect(channel, timeout=5) as reflection:
                await reflection.method(name)
        assert said in str(unknown.value)


BROKEN = probe_file()
BROKEN.message_type[0].field[0].type_name = ".no.Such"
BROKEN.message_type[0].field[0].type = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE

LIES = {
    "raw garbage": (lambda _: b"\xff\xff\xff\xff", "no reflection message"),
    "an empty answer": (lambda _: Response(), "answered with nothing"),
    "another kind of answer": (lambda _: files(b""), "expected list_services_response"),
    "an error": (
        lambda _: Response(error_response=reflection_pb2.ErrorResponse(error_message="go away")),
        "go away",
    ),
    "files that are none": (serving({"x": b"\xff\xff"}, "x", SERVICE), "no file descriptor"),
    "a file without the service": (serving(chain(1), "f0.proto", SERVICE), "do not define it"),
    "a missing import": (serving(chain(3, last="gone.proto"), "f0.proto", "deep.Deep"), "no such file"),
    "files that import each other": (serving(chain(3, last="f0.proto"), "f0.proto", "deep.Deep"), "import each other"),
    "a file that does not build": (serving({FILE: BROKEN.SerializeToString()}, FILE, SERVICE), "does not build"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_reflection_costs_a_sentence_and_leaves_the_health_check(lie):
    answer, said = LIES[lie]
    async with ProbeServer(lie=answer) as server, server.channel() as channel:
        view = (await describe(channel, "probe", timeout=5)).view
        assert [method.name for method in view.methods] == [HEALTH_METHOD]
        assert said in view.note


async def test_imports_that_go_deep_are_followed_without_recursion():
    async with ProbeServer(lie=serving(chain(1_500), "f0.proto", "deep.Deep")) as server, server.channel() as channel:
        view = (await describe(channel, "probe", timeout=20)).view
        assert view.note == ""


async def test_more_files_than_any_server_has_are_not_held():
    async with ProbeServer(lie=serving(chain(2_100), "f0.proto", "deep.Deep")) as server, server.channel() as channel:
        view = (await describe(channel, "probe", timeout=30)).view
        assert "more than 2000 files" in view.note


async def test_one_broken_service_does_not_take_the_others_down():
    def answer(request):
        if request.HasField("list_services"):
            return listing("broken.Service", SERVICE)
        if request.file_containing_symbol == "broken.Service":
            return files(b"\xff\xff")
        if request.file_containing_symbol == SERVICE:
            return files(probe_file().SerializeToString())
        return Response(error_response=reflection_pb2.ErrorResponse(error_message="no"))

    async with ProbeServer(lie=answer) as server, server.channel() as channel:
        view = (await describe(channel, "probe", timeout=5)).view
        assert f"{SERVICE}/Unary" in [method.name for method in view.methods]
        assert "no file descriptor" in view.note


async def test_names_that_are_no_names_are_left_out():
    def answer(request):
        if request.HasField("list_services"):
            return listing("a\x1b[31m.B", "../x", "", SERVICE)
        return files(probe_file().SerializeToString())

    async with ProbeServer(lie=answer) as server, server.channel() as channel:
        view = (await describe(channel, "probe", timeout=5)).view
        assert {method.name.partition("/")[0] for method in view.methods} == {SERVICE, "grpc.health.v1.Health"}


@pytest.mark.parametrize("after", [0, 1], ids=["at once", "after the first answer"])
async def test_a_reflection_that_hangs_is_given_up_in_time(after):
    asked = 0

    def answer(request):
        nonlocal asked
        asked += 1
        return hang() if asked > after else listing(SERVICE)

    async with ProbeServer(lie=answer) as server, server.channel() as channel:
        with pytest.raises(ReflectionError, match="did not finish within"):
            async with reflect(channel, timeout=0.3) as reflection:
                await reflection.service(SERVICE)
