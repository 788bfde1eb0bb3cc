"""Calls on the real screen, with a real engine, Consul and gRPC server: composed, streamed, kept, gone wrong."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.widgets import Input, Select, Static

from hp_tui.console.app import HpTuiApp
from hp_tui.console.drafts import DraftStore
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.engine import Engine
from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry
from hp_tui.settings import Settings
from hp_tui.widgets.codearea import CodeArea
from tests.integration.probe_server import ProbeServer
from tests.integration.test_calls_reflection import hang
from tests.pilot.desk import Desk
from tests.probe_protos import SERVICE

FOREVER = '{"text": "forever"}'


@dataclass
class Place:
    """Where consoles run: one after another on the same Consul and the same files."""

    address: str
    state: Path

    @property
    def requests(self) -> Path:
        return self.state / "requests.json"

    @contextlib.asynccontextmanager
    async def console(self) -> AsyncIterator[Desk]:
        settings = Settings(address=self.address, requests=str(self.requests))
        engine = Engine(settings, state=self.state)
        app = HpTuiApp(engine, settings, drafts=DraftStore())
        async with app.run_test(size=(120, 40)) as pilot:
            it = Desk(app, engine, pilot, time.time)  # type: ignore[arg-type]  # a real engine and the real time
            await it.until(lambda: (view := app.snapshot.services.get("probe")) and view.instances)
            yield it


@pytest.fixture
def place(consul: ConsulAgent, tmp_path: Path) -> Place:
    return Place(consul.http_addr, tmp_path / "state")


@contextlib.asynccontextmanager
async def serving(place: Place, server: ProbeServer) -> AsyncIterator[ProbeServer]:
    """The server as the service ``probe`` in Consul."""
    async with server, ConsulServiceRegistry(place.address) as registry:
        host, _, port = server.target.partition(":")
        await registry.register(ServiceDefinition("probe", "probe-1", host, int(port)))
        yield server


def verdict(it: Desk) -> str:
    return str(it.app.screen.query_one("#verdict", Static).render())


async def compose(it: Desk, method: str, body: str, **fields: str) -> None:
    """The composer, filled in."""
    await it.press("C")
    it.app.screen.query_one("#service", Select).value = "probe"
    await it.until(lambda: (view := it.app.snapshot.methods.get("probe")) and not view.loading)
    await it.settle()
    it.app.screen.query_one("#method", Select).value = f"{SERVICE}/{method}"
    await it.settle()
    it.one(CodeArea).load_text(body)
    for name, value in fields.items():
        it.app.screen.query_one(f"#{name}", Input).value = value
    await it.settle()


async def test_a_body_is_judged_while_it_is_typed_and_a_stream_is_seen_and_cancelled(place):
    async with serving(place, ProbeServer()) as server, place.console() as it:
        await compose(it, "Down", '{"text": "hold",\n "count": "x"}', deadline="600")
        await it.until(lambda: verdict(it).startswith("line 2: count is 'x'; expected a whole number"))
        await it.press("ctrl+s")
        assert it.screen == "ComposerScreen"
        assert server.received == [], "nothing was sent"
        it.one(CodeArea).load_text('{"text": "hold", "count": 2}')
        await it.until(lambda: verdict(it) == "fits probe.v1.Asked → probe.v1.Answer")
        await it.press("ctrl+s", "3")
        await it.until("message 2")
        assert '"number": "2"' in it.text
        await it.press("escape")
        await it.until("cancelled in")
        await it.until("CANCELLED")
        assert '"number": "2"' in it.app.snapshot.runs[-1].reply.body, "what had come stays"
        await it.until(server.cancelled.is_set)

        await compose(it, "Both", '[{"text": "a"}, {"text": "hold"}]', deadline="600")
        await it.until(lambda: verdict(it) == "[ {…}, {…} ]: fits, 2 messages of probe.v1.Asked → probe.v1.Answer")
        await it.press("ctrl+s", "3")
        await it.until('"text": "HOLD"')
        await it.press("escape")
        await it.until("CANCELLED")


async def test_a_stream_without_end_moves_on_screen_and_everything_else_goes_on(place):
    async with serving(place, ProbeServer()) as server, place.console() as it:
        await compose(it, "Down", FOREVER, deadline="600")
        await it.press("ctrl+s", "3")
        await it.until("message ")
        seen = it.text
        await it.until(lambda: "message " in it.text and it.text != seen)
        await it.press("2", "slash", *"pro", "escape", "3", "escape")
        await it.until("cancelled")
        await it.until(server.cancelled.is_set)


async def test_a_restart_keeps_what_was_fired_and_saved_and_no_credential(place, eventually):
    async with serving(place, ProbeServer()) as server:
        async with place.console() as it:
            await compose(it, "Unary", '{"text": "before"}', metadata="authorization: Bearer s3cret; x-trace: 7")
            await it.press("ctrl+t")
            await it.type("as before\n")
            await it.until(lambda: place.requests.exists())
            await it.press("ctrl+s")
            await it.until(lambda: server.received)
            assert ("authorization", "Bearer s3cret") in server.metadata
            await it.until(lambda: it.app.snapshot.runs and it.app.snapshot.runs[-1].finished)
        # The timeline, the runs, the saved requests; a program ends when they are written, a test's loop goes on meanwhile.
        files = await eventually(lambda: kept if len(kept := kept_in(place)) == 3 else [])
        assert all(b"s3cret" not in path.read_bytes() and not path.stat().st_mode & 0o077 for path in files)
        assert json.loads(place.requests.read_text())["requests"]["as before"]["body"] == {"text": "before"}

        async with place.console() as it:
            await it.press("3")
            await it.until("H  1 run of earlier sessions")
            await it.press("H", "R")
            assert it.screen == "ComposerScreen"
            assert "metadata authorization has no value" in verdict(it)
            it.app.screen.query_one("#metadata", Input).value = "x-trace: 8"
            await it.press("ctrl+s")
            await it.until(lambda: len(server.received) == 2)
            assert server.received[1].text == "before"
            await it.until(lambda: it.app.snapshot.runs[-1].finished)

        async with place.console() as it:
            await it.until(lambda: len(it.app.snapshot.past_runs) == 2)
            await it.press("3", "H", "R")
            await it.until(lambda: len(server.received) == 3)
            assert ("x-trace", "8") in server.metadata, "nothing is missing from that one"
            await it.press("o")
            await it.until("as before")
            await it.press("enter")
            assert it.screen == "ComposerScreen"
            assert '"before"' in it.one(CodeArea).text


def kept_in(place) -> list[Path]:
    return [path for path in place.state.rglob("*") if path.is_file()]


async def test_json_that_does_not_fit_and_a_huge_reply_are_lines_in_the_panel(place):
    async with serving(place, ProbeServer()), place.console() as it:
        await compose(it, "Unary", '{"txt": 1}')
        await it.press("ctrl+s")  # faster than the check, or not
        await it.until(lambda: it.screen != "ComposerScreen" or "has no field 'txt'" in verdict(it))
        if it.screen == "ComposerScreen":
            await it.press("escape", "3")
        else:
            await it.press("3")
            await it.until("not started:")
        await compose(it, "Unary", f'{{"text": "big", "count": {50 * 1024 * 1024}}}')
        await it.press("ctrl+s", "3")
        await it.until("RESOURCE_EXHAUSTED × 1")
        await it.press("c")
        await it.until(lambda: len(it.app.snapshot.runs) >= 2)


@pytest.mark.parametrize(
    ("lie", "said"),
    [(hang, "reflection did not finish within 5 s"), (lambda _: b"\xff\xff\xff\xff", "no reflection message")],
    ids=["hangs", "lies"],
)
async def test_a_reflection_that_hangs_or_lies_is_a_line_in_the_composer(place, lie, said):
    async with serving(place, ProbeServer(lie=lie)), place.console() as it:
        await it.press("C")
        it.app.screen.query_one("#service", Select).value = "probe"
        await it.until(lambda: "asking probe for its methods" in verdict(it) or said in verdict(it))
        it.one(CodeArea).load_text("")
        await it.type('{"service": "x"}')
        assert '"service": "x"' in it.text, "typing goes on meanwhile"
        await it.until(lambda: said in " ".join(verdict(it).split()))
        await it.press("escape", "2")
        assert it.screen == "MainScreen"
