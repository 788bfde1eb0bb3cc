"""JSON to messages and back: what does not fit is named by its path, what is huge is cut first."""

from __future__ import annotations

import json

import pytest
from google.protobuf import descriptor_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from hp_tui.calls.checking import RequestChecker
from hp_tui.calls.codec import REPLY_LIMIT, DecodeError, parse_requests, to_json
from hp_tui.calls.errors import CallError, RequestDoesNotFitError
from hp_tui.calls.grpcurl import as_grpcurl
from hp_tui.calls.json_path import line_of
from hp_tui.calls.metadata import parse_metadata
from hp_tui.calls.shorten import shorten
from hp_tui.calls.skeleton import skeleton
from hp_tui.model.calls import HEALTH_METHOD, CallSpec
from tests.probe_protos import message_class, probe_pool

POOL = probe_pool()
ASKED = message_class(POOL, "Asked")
ANSWER = message_class(POOL, "Answer")
LEAF = message_class(POOL, "Leaf")


def parse(body: str, *, many: bool = False):
    return parse_requests(body, ASKED.DESCRIPTOR, POOL, many=many)


def test_every_kind_of_field_is_taken():
    body = {
        "text": "a",
        "count": "7",
        "colour": "RED",
        "leaf": {"label": "l", "children": [{"label": "m"}]},
        "by_name": "x",
        "labels": {"k": 1},
        "at": "2026-01-01T00:00:00Z",
        "lasting": "1.5s",
        "free": {"any": [1, None]},
        "maybe": "m",
        "raw": "aGk=",
        "sure": True,
    }
    (message,) = parse(json.dumps(body))
    assert (message.text, message.count, message.colour, message.raw) == ("a", 7, 1, b"hi")
    assert message.leaf.children[0].label == "m"
    assert message.lasting.nanos == 500_000_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{", "not JSON at line 1, column 2"),
        ("[1]", "the request is [1]; expected an object, probe.v1.Asked"),
        ('{"txt": 1}', "probe.v1.Asked has no field 'txt'; did you mean text?"),
        ('{"text": 1}', "text is 1; expected text in quotes"),
        ('{"count": 1.5}', "count is 1.5; expected a whole number"),
        ('{"count": 99999999999}', "expected a whole number from -2147483648 to 2147483647"),
        ('{"count": true}', "count is True; expected a whole number"),
        ('{"colour": "RAD"}', "colour: probe.v1.Colour has no value 'RAD'; did you mean RED?"),
        ('{"leaf": {"children": [{"label": "a"}, {"label": 3}]}}', "leaf.children[1].label is 3; expected text"),
        ('{"leaves": {}}', "leaves is {}; expected an array"),
        ('{"labels": {"k": "x"}}', "labels['k'] is 'x'; expected a whole number"),
        ('{"by_name": "a", "by_number": 1}', "by_number: only one of 'choice' can be set, and 'by_name' is"),
        ('{"at": "yesterday"}', "at is 'yesterday'; expected google.protobuf.Timestamp"),
        ('{"raw": "%"}', "raw is '%'; expected bytes in base64"),
        ('{"sure": "yes"}', "sure is 'yes'; expected true or false"),
        ('{"text": "a", "text": "b"}', "'text' is in the same object twice"),
        ("[" * 100_000, "nested too deep"),
        ('{"leaf":' + '{"children":[' * 150 + "]}" * 150 + "}", "nested deeper than"),
        ('{"count": ' + "9" * 5_000 + "}", "not JSON"),
        ('{"any": {"@type": "type.googleapis.com/who.Knows"}}', "who.Knows"),
    ],
)
def test_what_does_not_fit_is_one_sentence_naming_where_and_what(body, said):
    with pytest.raises(RequestDoesNotFitError) as refused:
        parse(body)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 600
    assert "\n" not in str(refused.value)


LINES = [
    ('{\n  "text": "a",\n  "txt": 1\n}', "line 3: probe.v1.Asked has no field 'txt'", 3),
    ('\n\n{"leaf": {\n "label":\n 5}}', "line 4: leaf.label is 5; expected text", 4),
    ('{"leaves": [\n{"label": "a"},\n{"label": [",]}{",\n 1]}]}', "line 3: leaves[1].label is [", 3),
    ('{"labels": {\n"a\\"}]":\n 1,\n "k": "x"}}', "line 4: labels['k'] is 'x'", 4),
    ('{"by_name": "a",\n"byNumber": 1}', "line 2: byNumber: only one of 'choice'", 2),
    ('{"at":\n"yesterday"}', "line 1: at is 'yesterday'", 1),
    ('{"count": 1,\n"colour": "RAD"}', "line 2: colour: probe.v1.Colour has no value 'RAD'", 2),
    ('{"text": "a",\n"leaf": {}\n,,}', "not JSON at line 3, column 2", 3),
    ("\n[1]", "line 2: the request is [1]; expected an object", 2),
]


@pytest.mark.parametrize(("body", "said", "line"), LINES)
def test_what_does_not_fit_is_named_with_its_line(body, said, line):
    with pytest.raises(RequestDoesNotFitError) as refused:
        parse(body)
    assert said in str(refused.value)
    assert refused.value.line == line


def test_in_a_stream_the_message_is_named_too():
    with pytest.raises(RequestDoesNotFitError, match=r"line 2: \[1\]\.text is 3; expected text") as refused:
        parse('[{"text": "a"},\n{"text": 3}]', many=True)
    assert refused.value.line == 2


def test_a_required_field_that_is_missing_is_named():
    """proto2; its messages cannot be sent without."""
    part = descriptor_pb2.UninterpretedOption.DESCRIPTOR
    with pytest.raises(RequestDoesNotFitError, match=r"needs name\[0\]\.name_part, name\[0\]\.is_extension") as refused:
        parse_requests('{"name": [{}]}', part, None, many=False)
    assert refused.value.line == 1


places = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


def paths(value, steps=()):
    yield steps
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from paths(inner, (*steps, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from paths(inner, (*steps, number))


@given(places)
@settings(max_examples=200)
def test_every_place_in_a_body_is_found_on_its_line(value):
    text = json.dumps(value, indent=1)
    order = list(paths(value))  # pretty JSON has a place a line, but for closing brackets
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.strip().rstrip(",") not in {"}", "]"}]
    assert [line_of(text, steps) for steps in order] == lines
    assert line_of(text, ("no such place", 99)) is None


@pytest.mark.parametrize(
    ("method", "body", "known", "said"),
    [
        (HEALTH_METHOD, '{"service": ""}', True, ""),
        (HEALTH_METHOD, '{"servis": ""}', True, "did you mean service?"),
        ("/probe.v1.Probe/Unary", '{"text": 1}', True, "text is 1"),
        ("probe.v1.Probe/Both", '{"text": "one alone"}', True, ""),
        ("probe.v1.Probe/Gone", '{"anything": 1}', False, ""),
    ],
)
def test_a_body_is_checked_for_the_methods_that_are_known(method, body, known, said):
    service = POOL.FindServiceByName("probe.v1.Probe")
    checker = RequestChecker({f"probe.v1.Probe/{one.name}": one for one in service.methods}, POOL)
    verdict = checker.check("7", method, body)
    assert (verdict.id, verdict.known, bool(verdict.error)) == ("7", known, bool(said))
    assert said in verdict.error


def test_the_messages_of_a_stream_are_counted():
    checker = RequestChecker({"a/B": POOL.FindServiceByName("probe.v1.Probe").methods_by_name["Up"]}, POOL)
    assert checker.check("1", "a/B", '[{"text": "a"}, {}, {}]').messages == 3


def test_a_stream_takes_an_array_and_one_object_counts_as_one():
    assert [message.text for message in parse('[{"text": "a"}, {"text": "b"}]', many=True)] == ["a", "b"]
    assert len(parse('{"text": "a"}', many=True)) == 1
    assert parse("[]", many=True) == []


def test_the_skeleton_is_a_request_that_can_be_sent():
    body = skeleton(ASKED.DESCRIPTOR)
    assert list(json.loads(body))[:3] == ["text", "count", "colour"]
    assert "by_name" in json.loads(body)
    assert "by_number" not in json.loads(body), "one arm of a oneof"
    without_any = {name: value for name, value in json.loads(body).items() if name != "any"}
    parse(json.dumps(without_any))


def test_a_reply_is_json_with_the_proto_s_own_names():
    text, cut = to_json(ANSWER(text="é", list_of_numbers=[1]).SerializeToString(), ANSWER.DESCRIPTOR, POOL)
    assert json.loads(text)["list_of_numbers"] == [1]
    assert "é" in text
    assert cut == 0


def test_a_reply_with_an_unknown_any_is_shown_all_the_same():
    message = ANSWER(text="t", anything={"type_url": "type.googleapis.com/who.Knows", "value": b"\x08\x01"})
    assert "who.Knows" in to_json(message.SerializeToString(), ANSWER.DESCRIPTOR, POOL)[0]


@pytest.mark.parametrize(
    "huge",
    [
        ANSWER(text="x" * 5_000_000),
        ANSWER(text="é" * 2_500_000),
        ANSWER(list_of_numbers=[300] * 2_000_000),
        ANSWER(leaves=[LEAF(label="l" * 100)] * 40_000),
    ],
    ids=["text", "two-byte text", "numbers", "messages"],
)
def test_a_huge_reply_is_cut_to_valid_json_that_says_how_much_is_missing(huge):
    raw = huge.SerializeToString()
    text, cut = to_json(raw, ANSWER.DESCRIPTOR, POOL)
    assert json.loads(text)
    assert len(text) <= REPLY_LIMIT
    assert 0 < len(raw) - cut <= REPLY_LIMIT


def test_bytes_that_are_no_such_message_are_told():
    with pytest.raises(DecodeError):
        to_json(b"\xff\xff\xff\xff", ANSWER.DESCRIPTOR, POOL)


leaves = st.recursive(
    st.builds(lambda label: LEAF(label=label), st.text(max_size=40)),
    lambda inner: st.builds(
        lambda label, children: LEAF(label=label, children=children), st.text(max_size=40), st.lists(inner, max_size=4)
    ),
    max_leaves=20,
)
answers = st.builds(
    lambda text, number, numbers, found: ANSWER(text=text, number=number, list_of_numbers=numbers, leaves=found),
    st.text(max_size=200),
    st.integers(-(2**63), 2**63 - 1),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=60),
    st.lists(leaves, max_size=6),
)


@given(answers, st.integers(0, 400))
@settings(max_examples=300)
def test_a_shortened_message_still_parses_and_keeps_its_beginning(message, limit):
    raw = message.SerializeToString()
    short = shorten(raw, ANSWER.DESCRIPTOR, limit)
    assert len(short) <= max(limit, len(raw) if len(raw) <= limit else limit)
    seen = ANSWER.FromString(short)
    assert message.text.startswith(seen.text)
    assert list(message.list_of_numbers)[: len(seen.list_of_numbers)] == list(seen.list_of_numbers)


@given(st.binary(max_size=300), st.integers(0, 100))
def test_shortening_any_bytes_fails_in_no_way_of_its_own(raw, limit):
    assert len(shorten(raw, ANSWER.DESCRIPTOR, limit)) <= max(limit, 0) or len(raw) <= limit


def test_shortening_follows_no_nesting_without_end():
    raw = b""
    for _ in range(20_000):
        raw = b"\x12" + _length(len(raw)) + raw
    assert len(shorten(raw, LEAF.DESCRIPTOR, 1000)) <= 1000


def _length(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("na me", "x", "lower-case letters"),
        ("", "x", "lower-case letters"),
        ("grpc-timeout", "1S", "gRPC's own"),
        ("x-bin", "%", "base64"),
        ("x", "é", "printable ASCII"),
        ("x", "a\r\nb", "printable ASCII"),
    ],
)
def test_bad_metadata_is_named(name, value, said):
    with pytest.raises(CallError) as refused:
        parse_metadata([(name, value)])
    assert said in str(refused.value)


def test_metadata_is_lower_case_and_binary_where_the_name_says_so():
    assert parse_metadata([("X-Id", " 7 "), ("k-bin", "aGk=")]) == (("x-id", "7"), ("k-bin", b"hi"))


def test_a_grpcurl_command_survives_the_shell():
    spec = CallSpec("svc", "/a.B/C", '{"text": "it\'s $HOME"}', timeout=2.5, metadata=(("k", "v w"),))
    command = as_grpcurl(spec, "127.0.0.1:50051")
    assert command.startswith("grpcurl -plaintext -max-time 2.5 -H 'k: v w' -d ")
    assert command.endswith(" 127.0.0.1:50051 a.B/C")
    assert "'\"'\"'" in command
