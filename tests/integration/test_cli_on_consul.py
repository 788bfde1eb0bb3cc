"""The command line on a real Consul with real instances, as a person or a script uses it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from hp_tui.calls.saved import SavedRequests
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.fleet import DemoFleet
from hp_tui.model.calls import CallSpec
from hp_tui.registry import ConsulServiceRegistry
from tests.integration.fleet_processes import passing

CRITIQUE = "heartpulse.v1.CriticAgent/Critique"


@dataclass
class Done:
    status: int
    out: str
    complaint: str


class Shell:
    """Runs ``hp-tui`` against one Consul."""

    def __init__(self, address: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CONSUL_")}
        self.environ = {**clean, "CONSUL_HTTP_ADDR": address}

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hp_tui", *arguments), stdin=pipe, stdout=pipe, stderr=pipe, env=self.environ
        )

    async def __call__(self, *arguments: str, given: str = "") -> Done:
        process = await self.start(*arguments)
        out, complaint = await asyncio.wait_for(process.communicate(given.encode()), 60)
        assert process.returncode is not None
        assert b"Traceback" not in complaint, complaint.decode()
        return Done(process.returncode, out.decode(), complaint.decode())


@pytest.fixture
async def shell(consul: ConsulAgent) -> Shell:
    return Shell(consul.http_addr)


@pytest.fixture
async def critics(consul: ConsulAgent, tmp_path, eventually) -> AsyncIterator[DemoFleet]:
    fleet = DemoFleet(consul.http_addr, tmp_path / "fleet", check_interval=0.5, sizes={"critic-agent": 3})
    await fleet.start()
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        await passing(registry, "critic-agent", eventually, 3)
    yield fleet
    await fleet.kill()


async def test_status_and_calls(shell, critics, tmp_path):
    done = await shell("status", "--json")
    assert done.status == 0
    picture = json.loads(done.out)
    assert list(picture) == ["datacenter", "leader", "consul_version", "services"]
    (critic,) = [service for service in picture["services"] if service["name"] == "critic-agent"]
    assert list(critic) == ["name", "tags", "instances"]
    assert critic["tags"] == ["agent", "critic", "llm"]
    assert [one["id"] for one in critic["instances"]] == ["critic-agent-1", "critic-agent-2", "critic-agent-3"]
    one = critic["instances"][0]
    assert list(one) == ["id", "node", "address", "port", "health", "version", "tags", "checks"]
    assert (one["health"], one["version"], one["port"]) == ("passing", "1.0.0", critics.members["critic-agent-1"].port)
    assert all(list(check) == ["id", "name", "status", "output"] for check in one["checks"])

    done = await shell("status")
    assert done.status == 0
    assert "critic-agent-3" in done.out

    done = await shell("call", "critic-agent", "-n", "30", "--json")
    assert done.status == 0, done.complaint
    *lines, last = map(json.loads, done.out.splitlines())
    attempts = [line for line in lines if "attempt" in line]
    assert len(attempts) == 30
    assert all(list(line) == ["call", "attempt", "instance", "endpoint", "status", "ms"] for line in attempts)
    replies = [line for line in lines if "attempt" not in line]
    assert [(line["call"], line["status"], line["reply"]) for line in replies] == [
        (number, "OK", {"status": "SERVING"}) for number in range(1, 31)
    ]
    summary = last["summary"]
    assert list(summary) == ["calls", "ok", "failed", "picks", "breakers"]
    assert (summary["calls"], summary["ok"], summary["failed"]) == (30, 30, 0)
    assert set(summary["picks"].values()) == {10}
    assert set(summary["breakers"].values()) == {"closed"}

    text = tmp_path / "request.json"
    text.write_text('{"text": "one two"}')
    for data, given in (("@" + str(text), ""), ("-", '{"text": "one two"}'), ('{"text": "one two"}', "")):
        done = await shell("call", "critic-agent", "--method", CRITIQUE, "--data", data, given=given)
        assert done.status == 0, done.complaint
        assert '"score"' in done.out

    done = await shell("call", "critic-agent", "--method", CRITIQUE, "--data", '{"text": "one two"}', "--json")
    reply = json.loads(done.out.splitlines()[-2])
    assert reply["reply"]["score"] > 0
    assert reply["reply"]["served_by"].startswith("critic-agent-")
    assert (reply["messages"], reply["shown"], reply["cut"]) == (1, 1, 0)
    assert isinstance(reply["headers"], list)
    assert isinstance(reply["trailers"], list)

    each = CRITIQUE.replace("/Critique", "/CritiqueEach")
    texts = json.dumps([{"text": f"text {number}"} for number in range(25)])
    done = await shell("call", "critic-agent", "--method", each, "--data", texts, "--json")
    reply = json.loads(done.out.splitlines()[-2])
    assert (reply["messages"], reply["shown"]) == (25, 20), "the newest twenty"
    assert len(reply["reply"]) == 20
    one = await shell("call", "critic-agent", "--method", each, "--data", '[{"text": "alone"}]', "--json")
    assert len(json.loads(one.out.splitlines()[-2])["reply"]) == 1, "a stream is a list, however short"

    shell.environ["HP_TUI_REQUESTS"] = str(tmp_path / "requests.json")
    metadata = (("x-trace", "7"), ("authorization", "s3cret"))
    spec = CallSpec("critic-agent", CRITIQUE, '{"text": "one two"}', count=6, metadata=metadata)
    SavedRequests(tmp_path / "requests.json").save("two words", spec)
    done = await shell("call", "--saved", "two words")
    assert done.status == 2
    assert "the value of authorization is not saved with 'two words'" in done.complaint
    done = await shell("call", "--saved", "two words", "-H", "authorization: Bearer 7", "--json")
    assert done.status == 0, done.complaint
    assert json.loads(done.out.splitlines()[-1])["summary"]["calls"] == 6
    done = await shell("call", "--saved", "two words", "-H", "authorization: 7", "-n", "1", "--data", '{"txt": 1}')
    assert done.status == 1
    assert "has no field 'txt'" in done.complaint

    for arguments, said in (
        (("--method", CRITIQUE, "--data", '{"txt": 1}'), "has no field 'txt'; did you mean text?"),
        (("--method", CRITIQUE, "--data", "{"), "not JSON at line 1"),
        (("--method", "heartpulse.v1.CriticAgent/Critic"), "did you mean Critique or"),
        (("--method", "nope.Nope/Nope"), "heartpulse.v1.CriticAgent"),
    ):
        done = await shell("call", "critic-agent", *arguments)
        assert done.status == 1
        assert said in done.complaint
        assert len(done.complaint.strip().splitlines()) == 1

    done = await shell("call", "critic")
    assert done.status == 1
    assert "'critic' has no instances" in done.complaint
    assert "critic-agent" in done.complaint


async def test_a_dead_instance_costs_no_call_and_is_seen(shell, critics, eventually):
    running = await shell.start("call", "critic-agent", "-n", "60", "--rate", "30", "--json")
    assert running.stdout is not None
    lines = [json.loads(await running.stdout.readline()) for _ in range(6)]
    os.kill(critics.pid("critic-agent-2"), signal.SIGKILL)
    rest = (await running.communicate())[0].decode().splitlines()
    lines += [json.loads(line) for line in rest]
    summary = lines.pop()["summary"]
    assert running.returncode == 0
    assert (summary["calls"], summary["failed"]) == (60, 0)
    assert summary["picks"]["critic-agent-1"] > summary["picks"]["critic-agent-2"]

    async def critical() -> bool:
        return (await shell("status", "--json")).status == 1

    await eventually(critical)
    assert "✖ critical" in (await shell("status")).out


async def test_ctrl_c_ends_a_run_with_its_summary(shell, critics):
    running = await shell.start("call", "critic-agent", "-n", "1000", "--rate", "20")
    listening = await shell.start("call", "critic-agent", "-n", "1000", "--rate", "20", "--json")
    assert listening.stdout is not None
    for _ in range(3):
        await listening.stdout.readline()
    for process in (running, listening):
        process.send_signal(signal.SIGINT)
        out, complaint = await asyncio.wait_for(process.communicate(), 20)
        assert process.returncode == 130
        assert b"Traceback" not in complaint
    summary = json.loads(out.decode().splitlines()[-1])["summary"]
    assert 3 <= summary["calls"] < 1000


async def test_a_reader_that_leaves_is_no_failure_of_ours(shell, critics):
    process = await asyncio.create_subprocess_shell(
        f"{sys.executable} -m hp_tui call critic-agent -n 200 --json | head -n 1; exit ${{PIPESTATUS[0]}}",
        executable="/bin/bash",
        env=shell.environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaint = await process.communicate()
    assert len(out.splitlines()) == 1
    assert (process.returncode, complaint) == (141, b"")


async def test_kv_writes_by_check_and_set(shell, tmp_path):
    done = await shell("kv", "put", "config/a", "1", "--create")
    assert done.status == 0
    index = done.out.split()[-1]
    assert (await shell("kv", "get", "config/a")).out == "1"
    assert (await shell("kv", "put", "config/a", "2", "--cas", index)).status == 0
    stale = await shell("kv", "put", "config/a", "99", "--cas", index)
    assert stale.status == 1
    assert "99" in stale.complaint
    assert "2" in stale.complaint
    assert (await shell("kv", "get", "config/a")).out == "2"
    assert (await shell("kv", "put", "config/a", "x", "--create")).status == 1

    big = tmp_path / "big"
    big.write_bytes(b"x" * (512 * 1024 + 1))
    refused = await shell("kv", "put", "config/big", f"@{big}")
    assert refused.status in {1, 2}
    assert "at most 524288" in refused.complaint
    missing = await shell("kv", "get", "config/big")
    assert (missing.status, missing.out) == (1, "")


async def test_a_refused_token_is_said_with_what_to_do(make_consul, eventually):
    consul = make_consul(acl={"enabled": True, "default_policy": "deny"})
    await consul.start(wait=False)

    async def bootstrapped() -> bool:
        async with aiohttp.ClientSession(f"http://{consul.http_addr}") as http:
            try:
                async with http.put("/v1/acl/bootstrap") as answer:
                    return answer.status == 200
            except aiohttp.ClientConnectionError:
                return False

    await eventually(bootstrapped)
    shell = Shell(consul.http_addr)
    for arguments in (("status",), ("kv", "put", "a", "1"), ("call", "critic-agent")):
        done = await shell("--token", "11111111-2222-3333-4444-555555555555", *arguments)
        assert done.status == 1, (arguments, done)
        assert "token" in done.complaint.lower()
        assert "11111111-2222" not in done.complaint
        assert len(done.complaint.strip().splitlines()) == 1
