"""Rules of "Breaker", "Balancer" and "Retry" that only real calls can show."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import grpc
import pytest
from msgspec.structs import replace
from tenacity import wait_fixed

from hp_tui.balancer import CallFailedError, CircuitOpenError, LoadBalancerError, NoHealthyEndpointsError, RetryPolicy
from hp_tui.model.balancing import AttemptFinished, BreakerState, Picked
from hp_tui.model.health import Health
from tests.integration.grpc_servers import EchoStub, setup, who

ONCE = RetryPolicy(max_attempts=1)
UNLIMITED = RetryPolicy(wait=wait_fixed(0.001), jitter=0.0, budget=0)
FAILURES = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "DATA_LOSS"}


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


async def test_breaker_1_each_endpoint_has_its_own_and_keeps_it_over_new_answers(stack, eventually):
    servers, source, client, stub = await setup(stack, eventually, retry=ONCE, failure_threshold=2)
    servers[0].status = grpc.StatusCode.UNAVAILABLE
    await asyncio.gather(*(stub.Unary(b"x", timeout=5) for _ in range(6)), return_exceptions=True)

    def states() -> dict[str, BreakerState]:
        return {item.endpoint.instance_id: item.breaker.state for item in client.snapshot().endpoints}

    assert states() == {"echo-0": "open", "echo-1": "closed", "echo-2": "closed"}
    for answer in (
        [server.instance() for server in reversed(servers)],
        [servers[0].instance(Health.CRITICAL), servers[1].instance()],
        [server.instance() for server in servers],
    ):
        source.set(answer)
        await eventually(lambda answer=answer: len(client.snapshot().endpoints) == len(answer))
        assert states()["echo-0"] is BreakerState.OPEN
    # The same name at another address is another endpoint, with a past of its own.
    source.set([replace(servers[1].instance(), id="echo-0")])
    await eventually(lambda: len(client.snapshot().endpoints) == 1)
    assert states() == {"echo-0": "closed"}


@pytest.mark.parametrize("code", [code for code in grpc.StatusCode if code is not grpc.StatusCode.OK])
async def test_breaker_8_which_statuses_speak_against_an_endpoint(stack, eventually, code):
    (server,), _, client, stub = await setup(stack, eventually, count=1, retry=ONCE, deadline_floor=0.0)
    server.status = code
    with pytest.raises((CallFailedError, asyncio.CancelledError)):
        await stub.Unary(b"x", timeout=5)
    (endpoint,) = client.snapshot().endpoints
    assert endpoint.breaker.consecutive_failures == (code.name in FAILURES)
    assert endpoint.failures == (code.name in FAILURES)


@pytest.mark.parametrize(("floor", "counted"), [(0.0, 1), (0.1, 1), (0.5, 0)])
async def test_breaker_8_a_deadline_below_the_floor_blames_nobody(stack, eventually, floor, counted):
    (server,), _, client, stub = await setup(stack, eventually, count=1, retry=ONCE, deadline_floor=floor)
    server.gate.clear()
    with pytest.raises(CallFailedError, match="DEADLINE_EXCEEDED"):
        await stub.Unary(b"x", timeout=0.2)
    assert client.snapshot().endpoints[0].breaker.consecutive_failures == counted
    server.gate.set()


@pytest.mark.parametrize("permits", [1, 5])
async def test_breaker_4_a_thousand_callers_of_a_half_open_endpoint_are_its_permits_probes(stack, eventually, permits):
    (server,), _, client, stub = await setup(
        stack, eventually, count=1, retry=ONCE, failure_threshold=1, open_timeout=0.2, half_open_permits=permits
    )
    server.status = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(CallFailedError):
        await stub.Unary(b"x", timeout=5)
    server.status = None
    server.gate.clear()
    await eventually(lambda: client.snapshot().endpoints[0].breaker.state is BreakerState.HALF_OPEN)
    calls = [asyncio.ensure_future(_reply(stub.Unary(b"x", timeout=30))) for _ in range(1_000)]
    await eventually(lambda: server.calls == 1 + permits)
    assert client.snapshot().endpoints[0].in_flight == permits
    server.gate.set()
    assert Counter(await asyncio.gather(*calls)) == {"echo-0": 1_000}
    assert server.calls == 1 + 1_000


async def test_breaker_8_poison_requests_close_a_service_to_nobody_else(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, count=3, retry=ONCE)
    for code in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL):
        for server in servers:
            server.status = code
        for _ in range(15):
            with pytest.raises(CallFailedError):
                await stub.Unary(b"poison", timeout=5)
        for server in servers:
            server.status = None
        assert [who(await stub.Unary(b"good", timeout=5)) for _ in range(30)], "30 of 30"
    assert all(item.breaker.state is BreakerState.CLOSED for item in client.snapshot().endpoints)


async def _reply(call) -> str:
    return who(await call)


async def test_breaker_4_a_cancelled_probe_lets_the_next_caller_probe_at_once(stack, eventually):
    (server,), _, client, stub = await setup(
        stack, eventually, count=1, retry=ONCE, failure_threshold=1, open_timeout=0.1
    )
    server.status = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(CallFailedError):
        await stub.Unary(b"x", timeout=5)
    server.status = None
    server.gate.clear()
    await eventually(lambda: client.snapshot().endpoints[0].breaker.state is BreakerState.HALF_OPEN)
    probe = asyncio.ensure_future(_reply(stub.Unary(b"x", timeout=30)))
    await eventually(lambda: server.calls == 2)
    waiting = asyncio.ensure_future(_reply(stub.Unary(b"x", timeout=30)))
    await asyncio.sleep(0)
    probe.cancel()
    server.gate.set()
    assert await asyncio.wait_for(waiting, 5) == "echo-0"


async def test_balancer_7_every_error_has_one_base_and_lists_endpoints(stack, eventually):
    servers, source, client, stub = await setup(stack, eventually, count=2, first_wait=0.1)
    servers[0].status = servers[1].status = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(LoadBalancerError) as failed:
        await stub.Unary(b"x", timeout=5)
    assert isinstance(failed.value, CallFailedError)
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
    assert failed.value.details().endswith("says no")  # the server's own words
    for attempt in failed.value.attempts:
        assert f"{attempt.endpoint.instance_id} ({attempt.endpoint.address}) UNAVAILABLE after" in str(failed.value)
    client.trip("echo-0")
    client.trip("echo-1")
    with pytest.raises(LoadBalancerError, match=r"echo-0 \(127.0.0.1:\d+\): breaker opened by hand") as refused:
        await stub.Unary(b"x", timeout=5)
    assert isinstance(refused.value, CircuitOpenError)
    source.set([server.instance(Health.CRITICAL) for server in servers])
    await eventually(lambda: not client._rotation.picker.backends)
    with pytest.raises(LoadBalancerError, match=r"2 critical.*echo-1 \(127.0.0.1:\d+\): critical in Consul") as nobody:
        await stub.Unary(b"x")
    assert isinstance(nobody.value, NoHealthyEndpointsError)


async def test_retry_1_grpcs_own_retries_are_off_whatever_a_service_config_says(stack, eventually):
    config = (
        '{"methodConfig": [{"name": [{}], "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.01s", '
        '"maxBackoff": "0.01s", "backoffMultiplier": 1, "retryableStatusCodes": ["UNAVAILABLE"]}}]}'
    )
    (server,), _, _, stub = await setup(
        stack, eventually, count=1, retry=ONCE, channel_options=(("grpc.service_config", config),)
    )
    server.status = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(CallFailedError):
        await stub.Unary(b"x", timeout=5)
    assert server.calls == 1


async def test_balancer_1_a_bad_endpoint_does_not_upset_the_share_of_the_good_ones(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, count=4, failure_threshold=1_000, retry=UNLIMITED)
    servers[1].status = grpc.StatusCode.UNAVAILABLE
    picks: Counter[str] = Counter()
    client.subscribe(lambda event: picks.update([event.endpoint.instance_id]) if isinstance(event, Picked) else None)
    left = iter(range(240))

    async def caller() -> None:
        for _ in left:
            await stub.Unary(b"x", timeout=30)

    await asyncio.gather(*(caller() for _ in range(8)))
    good = [picks[name] for name in ("echo-0", "echo-2", "echo-3")]
    assert max(good) - min(good) <= 8  # one turn for each caller whose retry passed over somebody


async def test_wait_for_ready_waits_for_an_endpoint_and_never_sits_on_a_dead_one(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, count=2)
    await servers[0].stop(0)
    replies = [who(await stub.Unary(b"x", timeout=5, wait_for_ready=True)) for _ in range(10)]
    assert set(replies) == {"echo-1"}
    await servers[1].stop(0)
    await eventually(lambda: not client.has_ready())
    call = asyncio.ensure_future(_reply(stub.Unary(b"x", timeout=20, wait_for_ready=True)))
    await servers[1].start()
    assert await call == "echo-1"


async def test_compression_and_metadata_reach_the_server_for_all_four_kinds(stack, eventually):
    (server,), _, client, _ = await setup(stack, eventually, count=1)
    stub = client.stub(EchoStub)
    attempts: list[AttemptFinished] = []
    client.subscribe(lambda event: attempts.append(event) if isinstance(event, AttemptFinished) else None)
    passed = {"metadata": (("x-who", "me"),), "timeout": 5, "compression": grpc.Compression.Gzip}

    async def requests():
        yield b"a" * 2_000

    await stub.Unary(b"a" * 2_000, **passed)
    assert len([one async for one in stub.Down(b"2", **passed)]) == 2
    await stub.Up(requests(), **passed)
    assert len([one async for one in stub.Both(requests(), **passed)]) == 1
    assert len(server.metadata) == 4
    for sent, left in zip(server.metadata, server.deadlines, strict=True):
        assert ("x-who", "me") in sent
        assert 0 < left < 5.5
    assert [event.attempt.status for event in attempts] == ["OK"] * 4


async def test_compression_makes_the_request_smaller_on_the_wire(stack, eventually):
    (server,), source, client, stub = await setup(stack, eventually, count=1)
    passed = 0

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection to the server, its requests counted."""
        back, forth = await asyncio.open_connection("127.0.0.1", server.port)

        async def up() -> None:
            nonlocal passed
            while data := await reader.read(65_536):
                passed += len(data)
                forth.write(data)
            forth.close()

        async def down() -> None:
            while data := await back.read(65_536):
                writer.write(data)
            writer.close()

        await asyncio.gather(up(), down(), return_exceptions=True)

    listening = await asyncio.start_server(relay, "127.0.0.1", 0)
    stack.callback(listening.close)
    port = listening.sockets[0].getsockname()[1]
    source.set([replace(server.instance(), port=port)])
    await eventually(
        lambda: (
            [item.endpoint.address for item in client.snapshot().endpoints if not item.excluded]
            == [f"127.0.0.1:{port}"]
        )
    )
    sizes = []
    for compression in (None, grpc.Compression.Gzip):
        before = passed
        await stub.Unary(b"a" * 50_000, timeout=5, compression=compression)
        sizes.append(passed - before)
    plain, small = sizes
    assert plain > 50_000
    assert small < 5_000


async def test_retry_6_answers_the_server_chose_leave_the_budget_alone(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, count=2)
    for server in servers:
        server.status = grpc.StatusCode.NOT_FOUND
    for _ in range(20):
        with pytest.raises(CallFailedError, match="NOT_FOUND"):
            await stub.Unary(b"x", timeout=5)
    assert client.snapshot().retry_tokens == 10
    servers[0].status, servers[1].status = grpc.StatusCode.UNAVAILABLE, None
    assert {who(await stub.Unary(b"x", timeout=5)) for _ in range(3)} == {"echo-1"}


async def test_retry_6_a_lost_connection_is_one_failure_however_many_calls_it_carried(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, count=2, failure_threshold=1_000)
    servers[0].gate.clear()
    calls = [asyncio.ensure_future(_reply(stub.Unary(b"x", timeout=30))) for _ in range(40)]
    await eventually(lambda: servers[0].calls == 20)
    await servers[0].stop(0)
    assert Counter(await asyncio.gather(*calls)) == {"echo-1": 40}
    assert client.snapshot().retry_tokens >= 9
