"""The balanced client against real gRPC servers. Names follow the rules of "Balancer" and "Retry"."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from contextlib import AsyncExitStack

import grpc
import pytest
from tenacity import wait_fixed

from hp_tui.balancer import (
    CallFailedError,
    CircuitOpenError,
    LoadBalancedGRPCClient,
    NoHealthyEndpointsError,
    RetryPolicy,
    StaticEndpoints,
)
from hp_tui.model.balancing import AttemptFinished, AttemptOutcome, BreakerState, EndpointBreakerChanged, RetryScheduled
from hp_tui.model.health import Health
from tests.integration.grpc_servers import EchoServer, EchoStub, client_of, servers_of, setup, who


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


@pytest.mark.parametrize("callers", [1, 8, 64])
async def test_balancer_1_even_to_within_one_under_concurrent_callers(stack, eventually, callers):
    _, _, _, stub = await setup(stack, eventually)
    left = iter(range(300))

    async def caller() -> list[str]:
        return [who(await stub.Unary(b"x", timeout=10)) for _ in left]

    picks = Counter(name for names in await asyncio.gather(*(caller() for _ in range(callers))) for name in names)
    assert sum(picks.values()) == 300
    assert max(picks.values()) - min(picks.values()) <= 1


async def test_balancer_2_a_change_makes_a_new_picker_and_no_change_keeps_it(stack, eventually):
    servers, source, client, _ = await setup(stack, eventually)
    before = client._rotation.picker
    source.set([server.instance() for server in servers])
    await asyncio.sleep(0)
    assert client._rotation.picker is before
    source.set([server.instance() for server in servers[:2]])
    await eventually(lambda: len(client._rotation.picker.backends) == 2)
    assert len(before.backends) == 3


async def test_balancer_3_members_come_and_go_under_load_without_a_failed_call(stack, eventually):
    servers, source, client, stub = await setup(stack, eventually)
    kept = {
        item.endpoint: backend.channel
        for item, backend in zip(client.snapshot().endpoints, client._endpoints.backends.values(), strict=True)
    }
    done = asyncio.Event()
    served: Counter[str] = Counter()

    async def caller() -> None:
        while not done.is_set():
            served[who(await stub.Unary(b"x", timeout=10))] += 1

    callers = [asyncio.create_task(caller()) for _ in range(16)]
    for _ in range(20):
        chosen = random.Random(len(served)).sample(servers, 2)
        source.set([server.instance() for server in chosen])
        await asyncio.sleep(0.01)
        source.set([server.instance() for server in servers])
        await asyncio.sleep(0.01)
    done.set()
    await asyncio.gather(*callers)
    assert set(served) == {"echo-0", "echo-1", "echo-2"}
    assert client.snapshot().failed == 0
    assert len(kept) == 3


async def test_balancer_3_an_unchanged_endpoints_channel_is_never_rebuilt(stack, eventually):
    servers, source, client, _ = await setup(stack, eventually)
    channel = {endpoint: backend.channel for endpoint, backend in client._endpoints.backends.items()}
    source.set([servers[0].instance(Health.WARNING), servers[1].instance(Health.CRITICAL), servers[2].instance()])
    await eventually(lambda: len(client._rotation.picker.backends) == 2)
    assert {endpoint: backend.channel for endpoint, backend in client._endpoints.backends.items()} == channel


async def test_balancer_3_a_call_in_flight_outlives_its_endpoints_removal(stack, eventually):
    (server, *_), source, client, stub = await setup(stack, eventually, count=1)
    server.gate.clear()
    call = asyncio.ensure_future(stub.Unary(b"x", timeout=10))
    await eventually(lambda: server.calls == 1)
    source.set([])
    await eventually(lambda: not client.snapshot().endpoints)
    server.gate.set()
    assert await call == b"echo-0:x"


async def test_all_four_kinds_work_through_a_generated_style_stub(stack, eventually):
    _, _, _, stub = await setup(stack, eventually)
    down = [message async for message in stub.Down(b"3")]
    assert [message.split(b":")[1] for message in down] == [b"0", b"1", b"2"]
    up = stub.Up()
    for part in (b"a", b"b"):
        await up.write(part)
    await up.done_writing()
    assert (await up).endswith(b":a,b")
    both = stub.Both()
    for part in (b"a", b"b"):
        await both.write(part)
        assert (await both.read()).endswith(b":" + part)
    await both.done_writing()
    assert await both.read() is grpc.aio.EOF


async def test_metadata_timeout_and_compression_pass_through(stack, eventually):
    (server,), _, _, stub = await setup(stack, eventually, count=1)
    await stub.Unary(b"x" * 2_000, timeout=5, metadata=(("x-who", "me"),), compression=grpc.Compression.Gzip)
    assert ("x-who", "me") in server.metadata[0]
    server.gate.clear()
    with pytest.raises(CallFailedError) as late:
        await stub.Unary(b"x", timeout=0.2)
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    server.gate.set()


async def test_retry_3_a_killed_server_moves_calls_on_at_once_and_its_breaker_opens(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, retry=RetryPolicy())
    events: list = []
    client.subscribe(events.append)
    await servers[0].stop(0)
    await eventually(
        lambda: any(item.connectivity.value == "transient failure" for item in client.snapshot().endpoints)
    )
    picks = Counter([who(await stub.Unary(b"x", timeout=1.5)) for _ in range(60)])
    assert set(picks) == {"echo-1", "echo-2"}
    assert not [event for event in events if isinstance(event, RetryScheduled)]
    (opened,) = [event for event in events if isinstance(event, EndpointBreakerChanged)]
    assert (opened.endpoint.instance_id, opened.new.value) == ("echo-0", "open")


async def test_a_server_that_comes_back_is_probed_once_and_picked_again(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, open_timeout=0.3)
    changes: list[tuple[str, str]] = []
    client.subscribe(
        lambda event: (
            changes.append((event.old.value, event.new.value)) if isinstance(event, EndpointBreakerChanged) else None
        )
    )
    await servers[0].stop(0)
    await eventually(
        lambda: any(item.connectivity.value == "transient failure" for item in client.snapshot().endpoints)
    )
    for _ in range(30):
        await stub.Unary(b"x", timeout=5)
    await servers[0].start()

    async def healed() -> bool:
        await stub.Unary(b"x", timeout=5)
        return changes[-1] == ("half-open", "closed")

    await eventually(healed)
    assert changes[0] == ("closed", "open")
    picks = Counter([who(await stub.Unary(b"x", timeout=5)) for _ in range(30)])
    assert picks == {"echo-0": 10, "echo-1": 10, "echo-2": 10}


async def test_breaker_3_half_open_is_heard_within_a_tenth_of_a_second_when_nobody_calls(stack, eventually):
    servers, _, client, stub = await setup(stack, eventually, open_timeout=0.5, failure_threshold=1)
    servers[0].status = grpc.StatusCode.UNAVAILABLE
    loop = asyncio.get_running_loop()
    happened: list[str] = []

    def hear(event: object) -> None:
        if isinstance(event, EndpointBreakerChanged):
            happened.append(event.new.value)
            if (
                event.new is BreakerState.OPEN
            ):  # the loop's own timers are the clock: a stalled machine delays all alike
                loop.call_later(0.5, happened.append, "0.5 s")
                loop.call_later(0.6, happened.append, "0.6 s")

    client.subscribe(hear)
    for _ in range(3):
        await asyncio.gather(stub.Unary(b"x", timeout=5), return_exceptions=True)
    await eventually(lambda: "0.6 s" in happened)
    assert happened == ["open", "0.5 s", "half-open", "0.6 s"]


async def test_retry_4_unavailable_is_tried_elsewhere_and_says_how_often(stack, eventually):
    unlimited = RetryPolicy(wait=wait_fixed(0.05), jitter=0.0, budget=0)
    servers, _, client, stub = await setup(stack, eventually, retry=unlimited)
    servers[0].status = servers[1].status = grpc.StatusCode.UNAVAILABLE
    attempts: list = []
    client.subscribe(lambda event: attempts.append(event.attempt) if isinstance(event, AttemptFinished) else None)
    for _ in range(2):
        assert who(await stub.Unary(b"x", timeout=5)) == "echo-2"
    retried = [item for item in attempts if item.outcome is AttemptOutcome.RETRIED]
    assert {item.status for item in retried} == {"UNAVAILABLE"}
    previous = [value for call in servers[2].metadata for key, value in call if key == "grpc-previous-rpc-attempts"]
    assert previous
    for earlier, later in itertools.pairwise(attempts):
        if earlier.outcome is AttemptOutcome.RETRIED:
            assert later.endpoint != earlier.endpoint


async def test_retry_2_at_most_five_attempts_and_each_is_listed(stack, eventually):
    servers, _, _, stub = await setup(stack, eventually, count=2, failure_threshold=100)
    for server in servers:
        server.status = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(CallFailedError) as failed:
        await stub.Unary(b"x", timeout=5)
    assert [attempt.number for attempt in failed.value.attempts] == [1, 2, 3, 4, 5]
    assert "echo-0" in str(failed.value)
    assert "echo-1" in str(failed.value)
    assert sum(server.calls for server in servers) == 5


async def test_retry_2_other_codes_only_when_declared_idempotent(stack, eventually):
    unlimited = RetryPolicy(wait=wait_fixed(0.05), jitter=0.0, budget=0)
    servers, _, client, stub = await setup(stack, eventually, count=2, retry=unlimited)
    servers[0].status = grpc.StatusCode.INTERNAL
    results = await asyncio.gather(*(stub.Unary(b"x", timeout=5) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, CallFailedError) for result in results) == 2
    client.reset("echo-0")
    assert {who(await stub.Unary(b"x", timeout=5, idempotent=True)) for _ in range(4)} == {"echo-1"}


async def test_a_servers_own_status_is_never_swallowed_nor_held_against_it(stack, eventually):
    (server,), _, client, stub = await setup(stack, eventually, count=1)
    server.status = grpc.StatusCode.NOT_FOUND
    server.trailers = (("x-why", "gone"),)
    for _ in range(7):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.Unary(b"x", timeout=5)
    assert (error.value.code(), error.value.details()) == (grpc.StatusCode.NOT_FOUND, "echo-0 says no")
    assert ("x-why", "gone") in tuple(error.value.trailing_metadata())
    assert client.snapshot().endpoints[0].breaker.consecutive_failures == 0


async def test_retry_5_a_retry_that_does_not_fit_the_deadline_is_not_begun(stack, eventually):
    (server,), _, _, stub = await setup(stack, eventually, count=1, retry=RetryPolicy(jitter=0.0))
    server.status = grpc.StatusCode.UNAVAILABLE
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(CallFailedError, match="does not fit") as failed:
        await stub.Unary(b"x", timeout=1.5)
    assert loop.time() - started < 1.0
    assert len(failed.value.attempts) == 1


@pytest.mark.parametrize(("said", "calls"), [("-1", 1), ("nonsense", 1), ("10", 5)])
async def test_retry_5_pushback_is_honoured(stack, eventually, said, calls):
    (server,), _, _, stub = await setup(stack, eventually, count=1, retry=RetryPolicy(jitter=0.0), failure_threshold=99)
    server.status = grpc.StatusCode.UNAVAILABLE
    server.trailers = (("grpc-retry-pushback-ms", said),)
    with pytest.raises(CallFailedError):
        await stub.Unary(b"x", timeout=10)
    assert server.calls == calls


async def test_retry_6_the_budget_ends_retries(stack, eventually):
    (server,), _, _, stub = await setup(stack, eventually, count=1, failure_threshold=1_000)
    server.status = grpc.StatusCode.UNAVAILABLE
    for _ in range(10):
        with pytest.raises(CallFailedError):
            await stub.Unary(b"x", timeout=10)
    assert server.calls < 20
    with pytest.raises(CallFailedError, match="budget is used up"):
        await stub.Unary(b"x", timeout=10)


async def test_retry_7_a_cancelled_call_is_not_tried_again_and_blames_nobody(stack, eventually):
    (server,), _, client, stub = await setup(stack, eventually, count=1)
    server.gate.clear()
    call = asyncio.ensure_future(stub.Unary(b"x", timeout=10))
    await eventually(lambda: server.calls == 1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    server.gate.set()
    endpoint = client.snapshot().endpoints[0]
    assert (endpoint.in_flight, endpoint.breaker.consecutive_failures) == (0, 0)
    await stub.Unary(b"x", timeout=5)
    assert server.calls == 2


async def test_balancer_6_the_error_says_whether_unknown_empty_or_critical(stack, eventually):
    server = (await servers_of(stack, 1))[0]
    source = StaticEndpoints()
    client = LoadBalancedGRPCClient("echo", source, first_wait=0.1, panic_threshold=None)
    await stack.enter_async_context(client)
    with pytest.raises(NoHealthyEndpointsError, match="not known to Consul"):
        await client.call(EchoStub, "Unary", b"x", timeout=0.2)
    source.set([server.instance(Health.CRITICAL)])
    with pytest.raises(NoHealthyEndpointsError, match=r"none of its 1 instances is passing \(1 critical\)") as error:
        await client.call(EchoStub, "Unary", b"x")
    assert "echo-0" in str(error.value)
    assert "critical in Consul" in str(error.value)


async def test_balancer_6_a_call_waits_for_the_first_endpoint_within_its_deadline(stack):
    server = (await servers_of(stack, 1))[0]
    source = StaticEndpoints()
    client = await stack.enter_async_context(LoadBalancedGRPCClient("echo", source))
    call = asyncio.ensure_future(client.call(EchoStub, "Unary", b"x", timeout=20))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not call.done()
    source.set([server.instance()])
    assert await call == b"echo-0:x"


async def test_breaker_9_all_open_fails_at_once_with_the_shortest_wait_and_reset_heals(stack, eventually):
    _, _, client, stub = await setup(stack, eventually, count=2)
    client.trip("echo-0", "by hand")
    client.trip("echo-1", "by hand")
    with pytest.raises(CircuitOpenError, match="every endpoint of 'echo'") as refused:
        await stub.Unary(b"x", timeout=5)
    assert len(refused.value.reasons) == 2
    client.release("echo-0")
    assert who(await stub.Unary(b"x", timeout=5)) == "echo-0"
    client.reset("echo-1")
    assert {who(await stub.Unary(b"x", timeout=5)) for _ in range(4)} == {"echo-0", "echo-1"}
    with pytest.raises(ValueError, match="'echo-9' is not one of 'echo'; known: echo-0, echo-1"):
        client.reset("echo-9")


async def test_breaker_9_when_none_is_healthy_in_consul_any_connected_endpoint_is_better_than_none(stack, eventually):
    servers, source, client, stub = await setup(stack, eventually, count=4)
    health = [Health.CRITICAL, Health.CRITICAL, Health.CRITICAL, Health.MAINTENANCE]
    source.set([server.instance(state) for server, state in zip(servers, health, strict=True)])
    await eventually(lambda: not client.has_ready())
    client.trip("echo-1")
    assert {who(await stub.Unary(b"x", timeout=5)) for _ in range(8)} == {"echo-0", "echo-2"}, (
        "neither maintenance nor tripped"
    )


async def test_breaker_9_one_healthy_endpoint_is_reason_enough_not_to_panic(stack, eventually):
    servers, source, client, stub = await setup(stack, eventually, count=2)
    source.set([servers[0].instance(), servers[1].instance(Health.CRITICAL)])
    await eventually(lambda: client.snapshot().endpoints[1].health is Health.CRITICAL)
    client.trip("echo-0")
    with pytest.raises(CircuitOpenError):
        await stub.Unary(b"x", timeout=5)
    assert servers[1].calls == 0


async def test_breaker_9_a_higher_threshold_panics_earlier(stack, eventually):
    servers, source, client, stub = await setup(stack, eventually, count=2, panic_threshold=0.5)
    source.set([servers[0].instance(), servers[1].instance(Health.CRITICAL)])
    await eventually(lambda: client.snapshot().endpoints[1].health is Health.CRITICAL)
    client.trip("echo-0")
    assert who(await stub.Unary(b"x", timeout=5)) == "echo-1"


async def test_balancer_4_a_subset_connects_to_so_many_and_no_more(stack, eventually):
    servers = await servers_of(stack, 5)
    source = StaticEndpoints([server.instance() for server in servers])
    client = await client_of(stack, source, 2, eventually, max_endpoints=2, client_id="me")
    stub = client.stub(EchoStub)
    assert len({who(await stub.Unary(b"x", timeout=5)) for _ in range(20)}) == 2
    assert sum(item.excluded == "outside the subset" for item in client.snapshot().endpoints) == 3


async def test_a_server_that_accepts_and_never_answers_costs_the_deadline_and_opens_its_breaker(stack, eventually):
    good = (await servers_of(stack, 1))[0]
    silent = await EchoServer("silent").start()
    stack.push_async_callback(silent.stop, 0)
    silent.gate.clear()
    source = StaticEndpoints([good.instance(), silent.instance()])
    client = await client_of(stack, source, 2, eventually, failure_threshold=2)
    stub = client.stub(EchoStub)
    await asyncio.gather(*(stub.Unary(b"x", timeout=0.3) for _ in range(4)), return_exceptions=True)
    state = {item.endpoint.instance_id: item.breaker.state.value for item in client.snapshot().endpoints}
    assert state == {"echo-0": "closed", "silent": "open"}
    assert {who(await stub.Unary(b"x", timeout=0.5)) for _ in range(6)} == {"echo-0"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"service": ""}, "service is ''"),
        ({"failure_threshold": 0}, "failure_threshold is 0"),
        ({"open_timeout": -1}, "open_timeout is -1"),
        ({"max_endpoints": 0}, "max_endpoints is 0"),
        ({"panic_threshold": 1.5}, "panic_threshold is 1.5"),
        ({"grace": -1}, "grace is -1"),
    ],
)
async def test_a_bad_argument_is_refused_at_construction(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        LoadBalancedGRPCClient(**{"service": "echo", "source": StaticEndpoints(), **arguments})


async def test_a_bad_call_sends_nothing(stack, eventually):
    (server,), _, client, stub = await setup(stack, eventually, count=1)
    with pytest.raises(ValueError, match=r"'Unry' is not one of EchoStub's .* did you mean 'Unary'"):
        await client.call(EchoStub, "Unry", b"x")
    with pytest.raises(ValueError, match="timeout is -1"):
        stub.Unary(b"x", timeout=-1)
    assert server.calls == 0


async def test_closing_leaves_no_task_and_no_connection_behind(eventually):
    before = asyncio.all_tasks()
    async with AsyncExitStack() as stack:
        _, _, client, stub = await setup(stack, eventually)
        for _ in range(30):
            await stub.Unary(b"x", timeout=5)
        await client.close()
        assert client.snapshot().endpoints == ()
    await eventually(lambda: {task for task in asyncio.all_tasks() if "endpoints of" in task.get_name()} == set())
    assert not [task for task in asyncio.all_tasks() - before if "connectivity" in task.get_name()]
