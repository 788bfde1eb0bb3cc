"""The timeline over restarts: files, several consoles, bounds, damage."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from hp_tui.engine.events import HistoryLoaded, Noticed
from hp_tui.engine.history.timeline import SAVED_ENTRIES, TimelineFile, TimelineWriter
from hp_tui.engine.publisher import Publisher
from hp_tui.engine.reducers.log import TimelineLine, history_loaded, logged
from hp_tui.engine.store import reduce
from hp_tui.model.fleet import Cluster, FleetSnapshot, Link
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind


def entry(number: int, at: float | None = None) -> TimelineEntry:
    at = float(number) if at is None else at
    return TimelineEntry(
        number, at, TimelineKind.HEALTH, Severity.BAD, f"i-{number}", "svc", "passing", "critical", "x\x1b"
    )


def unnumbered(entries) -> list[tuple]:
    return [(item.at, item.kind, item.severity, item.subject, item.service, item.old, item.new) for item in entries]


def test_what_one_console_saw_the_next_one_shows(tmp_path):
    first = TimelineFile(tmp_path / "state" / "dc1.jsonl")
    assert first.open() == ()
    first.append([entry(1), entry(2)])
    first.close()
    assert unnumbered(TimelineFile(tmp_path / "state" / "dc1.jsonl").open()) == unnumbered([entry(1), entry(2)])


def test_it_is_readable_by_its_owner_only(tmp_path):
    path = tmp_path / "dc1.jsonl"
    TimelineFile(path).open()
    assert path.stat().st_mode & 0o077 == 0


def test_of_two_consoles_at_once_the_first_writes_and_both_read(tmp_path):
    first, second = TimelineFile(tmp_path / "a"), TimelineFile(tmp_path / "a")
    first.open()
    first.append([entry(1)])
    assert len(second.open()) == 1
    second.append([entry(1)])
    first.append([entry(2)])
    first.close()
    assert len(TimelineFile(tmp_path / "a").open()) == 2


def test_it_stays_bounded(tmp_path):
    path = tmp_path / "a"
    for start in range(0, 5 * SAVED_ENTRIES, SAVED_ENTRIES):
        one = TimelineFile(path)
        one.open()
        one.append(entry(number) for number in range(start, start + SAVED_ENTRIES))
        one.close()
    entries = TimelineFile(path).open()
    assert unnumbered(entries) == unnumbered(entry(number) for number in range(4 * SAVED_ENTRIES, 5 * SAVED_ENTRIES))
    assert len(path.read_text().splitlines()) <= 3 * SAVED_ENTRIES


def test_damaged_lines_are_left_out_and_the_rest_stays(tmp_path):
    path = tmp_path / "a"
    one = TimelineFile(path)
    one.open()
    one.append([entry(1)])
    one.close()
    with path.open("ab") as file:
        file.write(b'{"at": 1}\nnot json\n\xff\xfe\n[]\n{"at": "x", "kind": "health", "severity": "bad"}\n')
    two = TimelineFile(path)
    two.open()
    two.append([entry(2)])
    two.close()
    assert unnumbered(TimelineFile(path).open()) == unnumbered([entry(1), entry(2)])


def test_a_directory_that_cannot_be_written_costs_the_history_only(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    one = TimelineFile(tmp_path / "file" / "a")
    assert one.open() == ()
    one.append([entry(1)])
    assert "cannot be saved" in caplog.text


@pytest.mark.parametrize(("datacenter", "address"), [("dc1", "10.0.0.1:8500"), ("../../etc", "unix:///var/run/c.sock")])
def test_the_file_name_is_made_of_both_and_stays_in_the_directory(tmp_path, datacenter, address):
    one = TimelineFile.of(tmp_path, address, datacenter)
    one.open()
    assert [path.parent for path in tmp_path.iterdir()] == [tmp_path]


def test_loaded_entries_come_before_the_console_s_own_and_keep_their_order():
    snapshot = logged(FleetSnapshot(), 100.0, [TimelineLine(TimelineKind.LINK, Severity.GOOD, "consul", new="live")])
    merged = reduce(snapshot, HistoryLoaded(101.0, (entry(0, 1.0), entry(0, 2.0))))
    assert [item.at for item in merged.timeline] == [1.0, 2.0, 100.0]
    assert [item.seq for item in merged.timeline] == [-1, 0, 1]
    again = logged(merged, 102.0, [TimelineLine(TimelineKind.LINK, Severity.BAD, "consul", new="stale")])
    assert [item.seq for item in again.timeline] == [-1, 0, 1, 2]
    assert history_loaded(snapshot, HistoryLoaded(101.0, ())) is snapshot


async def test_the_writer_loads_once_the_datacenter_is_known_and_saves_what_is_new(tmp_path):
    async def console(*lines: str) -> FleetSnapshot:
        snapshot = FleetSnapshot(link=Link(address="a:1"), cluster=Cluster(datacenter="dc1"))
        publisher = Publisher(snapshot)
        one = TimelineWriter(tmp_path, lambda: publisher.snapshot, publisher.emit, every=0.005)
        writer = asyncio.create_task(one.run())
        for number, line in enumerate(lines):
            new = TimelineLine(TimelineKind.LINK, Severity.GOOD, line)
            publisher.snapshot = logged(publisher.snapshot, float(number), [new])
            await asyncio.sleep(0)
        publisher.emit(Noticed(1.0, Severity.INFO, "x"))
        path = tmp_path / "dc1_a_1.jsonl"
        async with asyncio.timeout(10):
            while not (path.exists() and lines[-1] in path.read_text()):
                await asyncio.sleep(0.005)
        publisher.snapshot = logged(publisher.snapshot, 9.0, [TimelineLine(TimelineKind.LINK, Severity.BAD, "last")])
        writer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writer
        return publisher.snapshot

    await console("one", "two")
    seen = await console("three")
    assert [item.subject for item in seen.timeline] == ["one", "two", "last", "three", "last"]
