"""Runs of test calls against a real server: every kind, every ending, and nothing that stops the screen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from hp_tui.balancer.status import NOT_THE_SERVERS
from hp_tui.calls import CallError, CallRunner
from hp_tui.calls.progress import MESSAGE_LIMIT, SHOWN_EVERY
from hp_tui.calls.runner import MAX_IN_FLIGHT, MAX_MESSAGES
from hp_tui.model.calls import CallSpec, Reply
from tests.integration.probe_server import ProbeServer
from tests.probe_protos import SERVICE


@pytest.fixture
async def server() -> AsyncIterator[ProbeServer]:
    async with ProbeServer() as server:
        yield server


async def fire(server: ProbeServer, method: str, body: str, *, limit: int | None = None, **numbers) -> list[Reply]:
    """The replies of a run, in the order in which they were reported."""
    replies: list[Reply] = []
    async with server.channel(limit=limit) as channel:
        spec = CallSpec("probe", f"{SERVICE}/{method}", body, **{"timeout": 10.0, **numbers})
        await CallRunner(channel, spec).run(lambda received: replies.append(received.reply))
    return replies


async def test_a_unary_reply_with_headers_trailers_and_timing(server):
    (reply,) = await fire(server, "Unary", '{"text": "hi"}', metadata=(("x-id", "7"), ("k-bin", "aGk=")))
    assert (reply.ok, reply.status) == (True, "OK")
    assert '"text": "hi"' in reply.body
    assert ("head", "er") in reply.headers
    assert ("trail", "er") in reply.trailers
    assert ("raw-bin", "00ff") in reply.trailers
    assert reply.ms > 0
    assert {("x-id", "7"), ("k-bin", b"hi")} <= set(server.metadata)


async def test_streams_of_every_kind(server):
    (down,) = (reply for reply in await fire(server, "Down", '{"count": 3}') if reply.status != "STREAMING")
    assert (down.ok, down.messages) == (True, 3)
    (up,) = await fire(server, "Up", '[{"text": "a"}, {"text": "b"}]')
    assert '"text": "a,b"' in up.body
    both = (await fire(server, "Both", '[{"text": "a"}, {"text": "b"}]'))[-1]
    assert both.messages == 2
    assert '"A"' in both.body
    assert '"B"' in both.body


async def with_the_servers_status(server, method: str, body: str) -> Reply:
    """The end of a call. It is fired again where gRPC itself lost the server's status.

    That happens, seldom, when a message is written to a call that has just ended: see ``NOT_THE_SERVERS``.
    """
    for _ in range(10):
        reply = (await fire(server, method, body))[-1]
        if NOT_THE_SERVERS not in reply.details:
            break
    return reply


@pytest.mark.parametrize(
    ("method", "body", "status", "details", "messages"),
    [
        ("Unary", '{"text": "fail"}', "FAILED_PRECONDITION", "not today", 0),
        ("Down", '{"text": "break", "count": 2}', "ABORTED", "broken off", 2),
        ("Up", '[{"text": "fail"}, {"text": "b"}]', "INVALID_ARGUMENT", "stop it", 0),
        ("Both", '[{"text": "a"}, {"text": "fail"}, {"text": "c"}]', "INVALID_ARGUMENT", "stop it", 1),
    ],
)
async def test_a_call_that_fails_keeps_its_status_and_what_had_come(server, method, body, status, details, messages):
    reply = await with_the_servers_status(server, method, body)
    assert (reply.ok, reply.status, reply.messages) == (False, status, messages)
    assert details in reply.details


async def test_the_trailers_of_a_failure_are_kept(server):
    (reply,) = await fire(server, "Unary", '{"text": "fail"}')
    assert ("why", "tuesday") in reply.trailers


@pytest.mark.parametrize("method", ["Unary", "Down"])
async def test_a_deadline_ends_a_call_that_hangs_or_streams_for_ever(server, method):
    body = '{"text": "hang"}' if method == "Unary" else '{"text": "forever"}'
    reply = (await fire(server, method, body, timeout=0.4))[-1]
    assert (reply.ok, reply.status) == (False, "DEADLINE_EXCEEDED")
    await asyncio.wait_for(server.cancelled.wait(), 10)


@pytest.mark.parametrize(
    ("method", "body", "messages", "newest"),
    [
        ("Down", '{"text": "hold", "count": 1}', 1, '"number": "1"'),
        ("Down", '{"text": "hold", "count": 7}', 7, '"number": "7"'),
        ("Both", '[{"text": "a"}, {"text": "hold"}, {"text": "never"}]', 2, '"HOLD"'),
    ],
)
async def test_what_a_stream_sent_is_shown_while_it_goes_on_and_a_pause_hides_nothing(
    server, eventually, method, body, messages, newest
):
    replies: list[Reply] = []
    async with server.channel() as channel:
        spec = CallSpec("probe", f"{SERVICE}/{method}", body, timeout=60.0)
        run = asyncio.create_task(CallRunner(channel, spec).run(lambda received: replies.append(received.reply)))
        await eventually(lambda: replies and replies[-1].messages == messages)
        assert (replies[-1].status, replies[-1].shown) == ("STREAMING", 1)
        assert newest in replies[-1].body
        run.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await run
    assert (replies[-1].status, replies[-1].ok, replies[-1].messages) == ("CANCELLED", False, messages)
    assert newest in replies[-1].body, "what had come stays"
    await asyncio.wait_for(server.cancelled.wait(), 10)


async def test_an_endless_stream_is_reported_at_its_pace_and_not_at_the_server_s(server):
    replies = await fire(server, "Down", '{"text": "fast"}', timeout=30)
    seconds = replies[-1].ms / 1000
    assert replies[-1].messages == MAX_MESSAGES
    assert (replies[-1].shown, replies[-1].body.count('"number"')) == (MESSAGE_LIMIT, MESSAGE_LIMIT)
    assert len(replies) <= seconds / SHOWN_EVERY + 2


async def test_a_stream_without_end_is_cut(server):
    reply = (await fire(server, "Down", '{"text": "fast"}', timeout=30))[-1]
    assert (reply.ok, reply.messages) == (True, MAX_MESSAGES)
    assert f"cut after {MAX_MESSAGES} messages" in reply.details
    await asyncio.wait_for(server.cancelled.wait(), 10)


async def test_a_reply_of_fifty_megabytes_is_a_line_and_stops_nobody(server):
    size = 50 * 1024 * 1024
    (refused,) = await fire(server, "Unary", f'{{"text": "big", "count": {size}}}')
    assert (refused.ok, refused.status) == (False, "RESOURCE_EXHAUSTED")
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0)
            longest = max(longest, loop.time() - before)

    beating = asyncio.create_task(beat())
    (taken,) = await fire(server, "Unary", f'{{"text": "big", "count": {size}}}', limit=-1)
    beating.cancel()
    assert taken.ok
    assert taken.truncated > size - 1024 * 1024
    assert len(taken.body) <= 256 * 1024
    assert longest < taken.ms / 1000, "the loop went round while the reply came"


async def test_a_reply_that_does_not_parse_is_said(server):
    (reply,) = await fire(server, "Unary", '{"text": "garbage"}')
    assert (reply.ok, reply.status) == (False, "INTERNAL")
    assert "does not parse as probe.v1.Answer" in reply.details


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"count": 0}, "count is 0; expected 1 or more"),
        ({"rate": -1.0}, "rate is -1; expected 0 to 500"),
        ({"rate": 501.0}, "rate is 501; expected 0 to 500"),
        ({"timeout": 0.0}, "timeout is 0; expected seconds above 0"),
        ({"metadata": (("bad name", "x"),)}, "metadata name 'bad name'"),
    ],
)
async def test_numbers_out_of_range_are_named_and_nothing_is_sent(server, facts, said):
    with pytest.raises(CallError) as refused:
        await fire(server, "Unary", "{}", **facts)
    assert said in str(refused.value)
    assert server.received == []


async def test_calls_leave_on_schedule_however_long_others_take(server):
    now = 0.0
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        waits.append(seconds)
        now += seconds
        await asyncio.sleep(0)

    replies: list[Reply] = []
    async with server.channel() as channel:
        spec = CallSpec("probe", f"{SERVICE}/Unary", '{"text": "x"}', count=11, rate=4.0, timeout=10.0)
        await CallRunner(channel, spec, clock=lambda: now, sleep=sleep).run(lambda got: replies.append(got.reply))
    assert len(replies) == 11
    assert waits == pytest.approx([0.25] * 10)


async def test_a_service_that_hangs_does_not_pile_calls_up(server):
    async with server.channel() as channel:
        spec = CallSpec(
            "probe", f"{SERVICE}/Unary", '{"text": "hang"}', count=MAX_IN_FLIGHT + 50, rate=500.0, timeout=60
        )
        run = asyncio.create_task(CallRunner(channel, spec).run(lambda _: None))
        async with asyncio.timeout(30):
            while len(server.received) < MAX_IN_FLIGHT:
                await asyncio.sleep(0.01)
        assert len(server.received) == MAX_IN_FLIGHT
        run.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await run
        await asyncio.wait_for(server.cancelled.wait(), 10)
