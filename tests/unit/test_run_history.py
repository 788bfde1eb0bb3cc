"""Runs of calls over restarts: what is kept of them, what is not, several consoles, bounds, damage."""

from __future__ import annotations

import asyncio
import contextlib
from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.engine.events import RunSeen, RunsLoaded
from hp_tui.engine.history.runs import BODY_LIMIT, CELLS, REPLY_LIMIT, SAVED_RUNS, RunHistoryFile, RunHistoryWriter
from hp_tui.engine.publisher import Publisher
from hp_tui.engine.reducers.calls import PAST_LIMIT, RUN_LIMIT
from hp_tui.engine.store import reduce
from hp_tui.model.calls import CallRun, CallSpec, Reply, RunState
from hp_tui.model.fleet import Cluster, FleetSnapshot, Link
from hp_tui.model.secrets import is_credential
from tests import fleets


def run(number: int, **changes: object) -> CallRun:
    return replace(fleets.run_done(), id=f"run-{number}", started=float(number), finished=number + 1.0, **changes)


def kept(path, *runs: CallRun) -> tuple[CallRun, ...]:
    """The runs as the next console reads them."""
    one = RunHistoryFile(path)
    one.open()
    one.append(runs)
    one.close()
    return RunHistoryFile(path).open()


def test_what_one_console_fired_the_next_one_shows(tmp_path):
    whole = fleets.run_done()
    failed = replace(
        fleets.run_failing(), id="f", state=RunState.FAILED, finished=fleets.NOW, error="no such method", backoff=None
    )
    first, second = kept(tmp_path / "a", whole, failed)
    for old, new in ((whole, first), (failed, second)):
        for name in (
            "id",
            "spec",
            "state",
            "started",
            "finished",
            "done",
            "ok",
            "failed",
            "picks",
            "statuses",
            "error",
        ):
            assert getattr(new, name) == getattr(old, name), name
        assert (new.p50_ms, new.p99_ms, new.reply, new.earlier) == (old.p50_ms, old.p99_ms, old.reply, True)
        marks = {name: [cell.attempt.outcome for cell in cells] for name, cells in old.lanes.items()}
        assert {name: [cell.attempt.outcome for cell in cells] for name, cells in new.lanes.items()} == marks


def test_no_credential_is_written_and_its_name_stays(tmp_path):
    metadata = (("x-trace", "abc"), ("Authorization", "Bearer s3cret"), ("x-api-key", "s3cret"), ("cookie", "s3cret"))
    reply = Reply(1, True, "OK", 1.0, headers=(("set-cookie", "s3cret"),), trailers=(("session-token", "s3cret"),))
    (read,) = kept(tmp_path / "a", run(1, spec=replace(fleets.run_done().spec, metadata=metadata), reply=reply))
    assert "s3cret" not in (tmp_path / "a").read_text()
    assert read.spec.metadata == (("x-trace", "abc"), ("Authorization", ""), ("x-api-key", ""), ("cookie", ""))
    assert read.reply is not None
    assert read.reply.trailers == (("session-token", ""),)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        *(
            (name, True)
            for name in ("authorization", "Proxy-Authorization", "cookie", "x-auth-token", "API-Key", "token")
        ),
        *((name, True) for name in ("grpc_session", "x-user.secret", "auth-token-bin", "db-password", "apikey")),
        *((name, False) for name in ("x-trace", "user-agent", "tokens-used", "keyboard", "author", "monkey")),
    ],
)
def test_a_credential_is_told_by_its_name(name, secret):
    assert is_credential(name) is secret


def test_it_is_readable_by_its_owner_only_also_when_it_was_not(tmp_path):
    path = tmp_path / "state" / "a"
    kept(path, run(1))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    path.chmod(0o644)
    RunHistoryFile(path).open()
    assert path.stat().st_mode & 0o077 == 0


def test_two_consoles_at_once_keep_each_others(tmp_path):
    first, second = RunHistoryFile(tmp_path / "a"), RunHistoryFile(tmp_path / "a")
    assert (first.open(), second.open()) == ((), ())
    first.append([run(1)])
    second.append([run(2)])
    first.append([run(3)])
    assert [item.id for item in RunHistoryFile(tmp_path / "a").open()] == ["run-1", "run-2", "run-3"]


def test_a_file_that_is_shortened_under_another_console_takes_what_that_one_adds(tmp_path):
    writing = RunHistoryFile(tmp_path / "a")
    writing.open()
    writing.append(run(number) for number in range(2 * SAVED_RUNS + 1))
    assert [item.id for item in RunHistoryFile(tmp_path / "a").open()] == [
        f"run-{n}" for n in range(SAVED_RUNS + 1, 2 * SAVED_RUNS + 1)
    ]
    assert len((tmp_path / "a").read_text().splitlines()) == SAVED_RUNS
    writing.append([run(9_999)])
    assert RunHistoryFile(tmp_path / "a").open()[-1].id == "run-9999"


def test_large_things_are_cut_or_left_out_and_say_so(tmp_path):
    reply = Reply(1, True, "OK", 1.0, body="é" * 300_000, details="d" * 300_000)
    big = run(1, spec=CallSpec("s", "m", '"' + "x" * BODY_LIMIT + '"'), reply=reply, error="e" * 300_000)
    (read,) = kept(tmp_path / "a", big)
    assert read.reply is not None
    assert (len(read.reply.body), read.reply.truncated) == (REPLY_LIMIT, 300_000 - REPLY_LIMIT)
    assert (read.spec.body, read.body_left_out) == ("", True)
    assert (tmp_path / "a").stat().st_size < 20_000
    assert all(len(cells) <= CELLS for cells in read.lanes.values())


def test_a_file_that_grew_too_large_is_shortened_to_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr(RunHistoryFile, "MAX_BYTES", 20_000)
    kept(tmp_path / "a", *(run(number, error="x" * 900) for number in range(60)))
    left = RunHistoryFile(tmp_path / "a").open()
    assert left[-1].id == "run-59"
    assert (tmp_path / "a").stat().st_size <= 20_000


def test_damage_costs_the_damaged_lines_only(tmp_path):
    path = tmp_path / "a"
    kept(path, run(1))
    good = path.read_text()
    with path.open("ab") as file:
        file.write(b'{"id": 1}\nnot json\n\xff\xfe\n[]\n' + b"[" * 100_000 + b"\n")
        file.write(good.replace('"started":1.0', '"started":1e300').encode())
        file.write(good.replace('"state":"done"', '"state":"gone"').encode())
        file.write(b'{"id": "torn", "spec')
    assert [item.id for item in kept(path, run(2))] == ["run-1", "run-2"], "a torn line takes no other with it"


def test_a_directory_that_cannot_be_written_costs_the_history_only(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    one = RunHistoryFile(tmp_path / "file" / "a")
    assert one.open() == ()
    one.append([run(1)])
    assert "the history of calls cannot be saved" in caplog.text


def test_loaded_runs_stand_before_the_console_s_own_each_once():
    snapshot = FleetSnapshot(runs=(run(5),))
    earlier = tuple(replace(run(number), earlier=True) for number in (2, 1, 5))
    loaded = reduce(snapshot, RunsLoaded(9.0, earlier))
    assert [item.id for item in loaded.past_runs] == ["run-1", "run-2"]
    assert loaded.runs is snapshot.runs
    assert reduce(loaded, RunsLoaded(9.0, earlier)) is loaded, "a change of token reads the file again"


def test_runs_beyond_those_that_are_followed_stay_in_the_history_and_none_under_way_leaves():
    snapshot = reduce(FleetSnapshot(), RunSeen(0.0, replace(run(0), finished=None, state=RunState.RUNNING)))
    for number in range(1, RUN_LIMIT + PAST_LIMIT + 10):
        snapshot = reduce(snapshot, RunSeen(float(number), run(number)))
    assert len(snapshot.runs) == RUN_LIMIT
    assert snapshot.runs[0].id == "run-0"
    assert len(snapshot.past_runs) == PAST_LIMIT
    assert snapshot.past_runs[-1].started + 1 == snapshot.runs[1].started


async def test_the_writer_loads_what_was_and_saves_what_has_ended_up_to_the_last(tmp_path):
    async def console(*runs: CallRun, last: CallRun) -> FleetSnapshot:
        publisher = Publisher(FleetSnapshot(link=Link(address="a:1"), cluster=Cluster(datacenter="dc1")))
        writer = RunHistoryWriter(tmp_path, lambda: publisher.snapshot, publisher.emit, every=0.005)
        task = asyncio.create_task(writer.run())
        for item in runs:
            publisher.emit(RunSeen(item.started, item))
        under_way = replace(last, finished=None, state=RunState.RUNNING)
        publisher.emit(RunSeen(last.started, under_way))
        path = tmp_path / "dc1_a_1.jsonl"
        async with asyncio.timeout(10):
            while not (path.exists() and all(item.id in path.read_text() for item in runs)):
                await asyncio.sleep(0.005)
        assert last.id not in path.read_text(), "it is under way"
        publisher.emit(RunSeen(last.started, replace(last, state=RunState.CANCELLED)))
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        return publisher.snapshot

    await console(run(1), run(2), last=run(3))
    seen = await console(run(4), last=run(5))
    assert [(item.id, item.state) for item in seen.past_runs] == [
        ("run-1", RunState.DONE),
        ("run-2", RunState.DONE),
        ("run-3", RunState.CANCELLED),
    ]
    assert isinstance(seen.past_runs[0].statuses, MappingProxyType)
