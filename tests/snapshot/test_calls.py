"""Calls: the history of earlier sessions, saved requests, what does not fit, streams."""

from __future__ import annotations

from msgspec.structs import replace

from hp_tui.model.calls import STREAMING, BodyVerdict, CallRun, CallSpec, Reply, RunState
from hp_tui.model.commands import CheckBody
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.codearea import CodeArea
from tests import fleets
from tests.snapshot.console import console


def demo() -> FleetSnapshot:
    return fleets.one_critical()


def restarted() -> FleetSnapshot:
    """Calls were fired in earlier sessions, none in this one yet."""
    return replace(fleets.one_critical(), runs=(), past_runs=fleets.past_runs())


def test_calls_after_restart(golden):
    assert golden(console(restarted()), press=["3"])


def test_calls_history(golden):
    """One run of this session, three of earlier ones; the cursor on one of those."""
    snapshot = replace(fleets.one_critical(), past_runs=fleets.past_runs())
    assert golden(console(snapshot), press=["3", "enter", "down", "down", "down"])


def test_calls_gap(golden):
    """A repeated run whose credential is not on disk."""
    assert golden(console(restarted()), press=["3", "H", "R"])


def stocked(**changes: object) -> FleetSnapshot:
    return replace(fleets.one_critical(), saved=replace(fleets.saved(), **changes))


def test_calls_saved(golden):
    """The cursor on a request for a service that is not there."""
    assert golden(console(stocked()), press=["3", "o", "down"])


def test_calls_saved_unreadable(golden):
    why = f"{fleets.SAVED_PATH} is no file of saved requests (Expecting value: line 7 column 3 (char 212)); expected JSON with "
    why += "format 'hp-tui requests 1' and requests by name. It is left as it is: mend it, or move it away."
    assert golden(console(stocked(requests=(), problem=why)), press=["3", "o"])


def test_calls_saved_replace(golden):
    """Saving under a name that is taken."""
    assert golden(console(stocked()), press=["C", "ctrl+t", *"slow", "enter"])


def test_calls_does_not_fit(golden):
    """A body that the method's message does not take."""
    app = console(demo())

    async def check(pilot) -> None:
        while pilot.app._engine._publish is None:
            await pilot.pause()
        await pilot.press("C")
        await pilot.pause()
        body = '{\n  "text": "hello",\n  "strictnes": 2\n}'
        pilot.app.screen.query_one(CodeArea).load_text(body)
        engine = pilot.app._engine
        while not [asked for asked in engine.of(CheckBody) if asked.body == body]:
            await pilot.pause()
        told = (
            "line 3: heartpulse.v1.CritiqueRequest has no field 'strictnes'; did you mean strictness? There is taskId, "
        )
        told += "text, strictness"
        verdict = BodyVerdict(engine.of(CheckBody)[-1].id, known=True, error=told, line=3)
        engine.show(replace(engine.snapshot, verdict=verdict))
        await pilot.press("ctrl+s")

    assert golden(app, run_before=check)


def test_calls_streaming(golden):
    """A server stream that goes on."""
    reply = Reply(1, True, STREAMING, 3210.0, '{\n  "word": "seventh"\n}', messages=7, shown=1)
    watch = CallSpec("critic-agent", "heartpulse.v1.CriticAgent/Watch", "{}", timeout=600.0)
    run = CallRun("run-3", watch, RunState.RUNNING, started=fleets.NOW - 3.2, reply=reply)
    assert golden(console(replace(demo(), runs=(fleets.run_done(), run))), press=["3"])
