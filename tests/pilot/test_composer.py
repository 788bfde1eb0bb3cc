"""Composing calls: what does not fit is told where it is typed, the body is kept, what fires is what was typed."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace
from textual.widgets import Input, Select, Static

from hp_tui.model.calls import HEALTH_METHOD, BodyVerdict, CallSpec, MethodInfo, MethodKind, MethodsView
from hp_tui.model.commands import CheckBody, DescribeMethods, StartRun
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.codearea import CodeArea
from tests import fleets
from tests.pilot.desk import Desk, desk

CRITIQUE = "heartpulse.v1.CriticAgent/Critique"


def fresh(**changes: object) -> FleetSnapshot:
    """The fleet before any call."""
    return replace(fleets.healthy(), runs=(), **changes)


def verdict(it: Desk) -> str:
    return str(it.app.screen.query_one("#verdict", Static).render())


async def fill(it: Desk, **fields: str) -> None:
    for name, value in fields.items():
        if name == "body":
            it.one(CodeArea).load_text(value)
        elif name in {"service", "method"}:
            it.app.screen.query_one(f"#{name}", Select).value = value
        else:
            it.app.screen.query_one(f"#{name}", Input).value = value
        await it.settle()


def fired(it: Desk) -> list[CallSpec]:
    return [command.spec for command in it.sent(StartRun)]


async def test_it_fires_exactly_what_was_typed() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        assert it.screen == "ComposerScreen"
        await fill(it, method=CRITIQUE)
        assert '"strictness": 0' in it.one(CodeArea).text, "prefilled from the descriptor"
        body = '{"text": "grüße", "strictness": 2}'
        await fill(it, body=body, count="40", rate="2.5", deadline="0.75", metadata="X-Trace: abc:1; user: é")
        await it.press("ctrl+s")
        await it.until(lambda: fired(it))
        metadata = (("x-trace", "abc:1"), ("user", "é"))
        assert fired(it) == [CallSpec("critic-agent", CRITIQUE, body, 40, 2.5, 0.75, metadata)]
        assert it.screen == "MainScreen"


async def test_by_keys_alone() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C", "tab", "ctrl+u")
        focused = it.app.focused
        assert isinstance(focused, Input)
        await it.press("end", "ctrl+u", *"12", "tab", "end", "ctrl+u", *"5", "tab", "end", "ctrl+u", *"1.5", "ctrl+s")
        await it.until(lambda: fired(it))
        assert fired(it) == [CallSpec("critic-agent", HEALTH_METHOD, "{}", 12, 5.0, 1.5)]


OUT_OF_RANGE = [
    ("count", "0", "count is 0; expected a whole number from 1 to 100000"),
    ("count", "100001", "count is 100001; expected"),
    ("count", "", "count is ''; expected a whole number"),
    ("rate", "-1", "rate is -1; expected a number from 0 to 500"),
    ("rate", "501", "rate is 501; expected"),
    ("rate", "nan", "rate is nan; expected"),
    ("rate", "fast", "rate is 'fast'; expected a number"),
    ("deadline", "0", "deadline is 0; expected a number from 0.001 to 600"),
    ("deadline", "inf", "deadline is inf; expected"),
    ("deadline", "1e9", "deadline is 1e9; expected"),
    ("metadata", "no colon", "metadata 'no colon'; expected key: value"),
    ("metadata", "grpc-timeout: 1", "metadata 'grpc-timeout: 1'; expected"),
    ("body", "{", "body is not JSON, line 1, column 2"),
    ("body", '{"a": 1,,}', "body is not JSON, line 1, column 9"),
]


@pytest.mark.parametrize(("name", "value", "told"), OUT_OF_RANGE)
async def test_a_field_that_does_not_fit_is_named_and_nothing_fires(name: str, value: str, told: str) -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        await fill(it, **{name: value})
        assert verdict(it).startswith(told)
        assert told.split(";")[0] in " ".join(it.text.split())
        await it.press("ctrl+s")
        assert it.screen == "ComposerScreen"
        assert it.sent(StartRun) == []
        assert it.app.focused is it.app.screen.query_one(f"#{name}"), "the keys go where there is something to mend"


async def test_what_was_typed_is_kept_when_it_is_closed_also_when_it_does_not_fit() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        await fill(it, body='{"text": ', count="7", rate="3", metadata="a: b")
        await it.press("escape", "C")
        assert it.one(CodeArea).text == '{"text": '
        await fill(it, body='{"text": ""}')
        values = [it.app.screen.query_one(f"#{name}", Input).value for name in ("count", "rate", "metadata")]
        assert values == ["7", "3", "a: b"]


async def test_a_body_that_does_not_fit_the_message_is_told_and_can_be_mended() -> None:
    """Only the server's descriptors can tell; the sentence comes back with the run, the body is there again."""
    failed = replace(
        fleets.run_done(),
        id="run-9",
        state=fleets.RunState.FAILED,
        spec=CallSpec("critic-agent", CRITIQUE, '{"txt": 1}'),
        error='JSON does not fit heartpulse.v1.CritiqueRequest: it has no field "txt"',
    )
    async with desk(replace(fresh(), runs=(failed,))) as it:
        await it.press("3")
        assert 'it has no field "txt"' in " ".join(it.main.calls.query_one("#run-head", Static).render().plain.split())
        await it.press("C")
        assert it.one(CodeArea).text == '{"txt": 1}'
        assert 'it has no field "txt"' in verdict(it)
        await fill(it, body='{"text": "1"}')
        assert "no field" not in verdict(it)


async def checked(it: Desk, **facts: object) -> None:
    """The engine answers the newest check."""
    await it.until(lambda: it.sent(CheckBody) and it.sent(CheckBody)[-1].body == it.one(CodeArea).text)
    verdict = BodyVerdict(it.sent(CheckBody)[-1].id, known=True, **facts)  # type: ignore[arg-type]
    await it.show(replace(it.engine.snapshot, verdict=verdict))


async def test_a_body_is_checked_as_it_is_typed_and_what_does_not_fit_is_not_fired() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        await fill(it, method=CRITIQUE, body='{\n  "text": "a",\n  "strictnes": 2\n}')
        told = "line 3: heartpulse.v1.CritiqueRequest has no field 'strictnes'; did you mean strictness?"
        await checked(it, error=told, line=3)
        assert verdict(it) == told
        it.app.screen.query_one("#count", Input).focus()
        await it.press("ctrl+s")
        assert fired(it) == []
        assert it.app.focused is it.one(CodeArea)
        assert it.one(CodeArea).cursor_location[0] == 2, "on the line that is to be mended"
        await fill(it, body='{"text": "a"}')
        await checked(it)
        assert verdict(it) == "fits heartpulse.v1.CritiqueRequest → heartpulse.v1.CritiqueReply"
        await it.press("ctrl+s")
        await it.until(lambda: fired(it))


async def test_an_answer_on_what_stood_there_before_keeps_nothing_from_being_fired() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        await fill(it, method=CRITIQUE, body='{"txt": 1}')
        await checked(it, error="it has no field txt")
        it.one(CodeArea).load_text('{"text": "1"}')
        await it.press("ctrl+s")
        await it.until(lambda: fired(it))
        assert fired(it)[0].body == '{"text": "1"}'


async def test_typing_fast_asks_once() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        await fill(it, method=CRITIQUE, body="")
        await it.type('{"text": "abcdefgh"}')
        await checked(it)
        bodies = [command.body for command in it.sent(CheckBody)]
        assert bodies[-1] == '{"text": "abcdefgh"}'
        assert len(bodies) < len('{"text": "abcdefgh"}') / 2


async def test_json_that_is_broken_is_told_here_and_asked_of_nobody() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        await fill(it, method=CRITIQUE)
        await checked(it)
        before = len(it.sent(CheckBody))
        await fill(it, body='{"text": ')
        assert "body is not JSON, line 1" in verdict(it)
        await fill(it, body='{"text": "x"}')
        await checked(it)
        assert [command.body for command in it.sent(CheckBody)[before:]] == ['{"text": "x"}']


async def test_where_the_client_streams_the_body_is_an_array_and_that_is_said() -> None:
    method = MethodInfo("heartpulse.v1.CriticAgent/Chat", MethodKind.STREAM_STREAM, "v1.Word", "v1.Word", '{"w": ""}')
    view = MethodsView("critic-agent", (method,))
    async with desk(fresh(methods=MappingProxyType({"critic-agent": view}))) as it:
        await it.press("2", "down", "C")
        await fill(it, method=method.name)
        assert it.one(CodeArea).text == '[{"w": ""}]'
        assert verdict(it) == "[ {…}, {…} ]: an array of v1.Word → v1.Word"
        await fill(it, body='[{"w": "a"}, {"w": "b"}]')
        await checked(it, messages=2)
        assert verdict(it) == "[ {…}, {…} ]: fits, 2 messages of v1.Word → v1.Word"


async def test_methods_are_asked_for_and_appear_without_losing_what_was_typed() -> None:
    async with desk(fresh(methods=MappingProxyType({}))) as it:
        await it.press("2", "down", "C")
        await it.until_sent(DescribeMethods("critic-agent"))
        assert "asking critic-agent for its methods" in verdict(it)
        await fill(it, body='{"service": "mine"}')
        await it.show(fresh())
        names = [value for _, value in it.app.screen.query_one("#method", Select)._options]
        assert CRITIQUE in names
        assert it.one(CodeArea).text == '{"service": "mine"}'
        await fill(it, method=CRITIQUE)
        assert it.one(CodeArea).text == '{"service": "mine"}', "a typed body is not replaced by the skeleton"


async def test_another_service_asks_for_its_methods() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        await fill(it, service="aol-core")
        await it.until_sent(DescribeMethods("aol-core"))
        await it.press("ctrl+s")
        await it.until(lambda: fired(it))
        assert fired(it)[0].service == "aol-core"
        assert fired(it)[0].method == HEALTH_METHOD


async def test_a_server_without_reflection_says_so() -> None:
    view = MethodsView("critic-agent", (), note="critic-agent has no reflection: only the health check can be called")
    async with desk(fresh(methods=MappingProxyType({"critic-agent": view}))) as it:
        await it.press("2", "down", "C")
        assert "has no reflection" in verdict(it)


async def test_streams_begin_with_an_array_and_say_what_they_are() -> None:
    async with desk(fresh()) as it:
        await it.press("2", "down", "C")
        options = [str(prompt) for prompt, _ in it.app.screen.query_one("#method", Select)._options]
        assert any("server stream" in option for option in options)


async def test_the_last_run_is_where_composing_begins() -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("2", "down", "C", "ctrl+s")
        await it.until(lambda: fired(it))
        assert fired(it) == [fleets.run_done().spec]


async def test_without_a_service_there_is_nothing_to_compose() -> None:
    async with desk(fleets.empty_datacenter()) as it:
        await it.press("C")
        assert it.screen == "MainScreen"
        assert "there is no service to call yet" in it.toasts
