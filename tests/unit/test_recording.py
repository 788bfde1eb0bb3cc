"""Recorded fleet snapshots: what is written is what is read; a broken file is one sentence."""

from __future__ import annotations

import json

import pytest

from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.recording import FORMAT, RecordingError, parse_recording, read_recording, record
from tests import fleets


@pytest.mark.parametrize(
    "make", [fleets.one_critical, fleets.half_open, fleets.kv_conflict, fleets.strange_names, fleets.empty]
)
def test_a_recording_is_the_same_snapshot(make):
    assert parse_recording(record(make())) == make()


def test_fields_left_out_have_their_defaults():
    assert parse_recording(json.dumps({"format": FORMAT, "snapshot": {}}).encode()) == FleetSnapshot()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "truncated"),
        (b"no json", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"{}", "format"),
        (b'{"format": "hp-tui fleet snapshot 9", "snapshot": {}}', "'hp-tui fleet snapshot 9'"),
        (b'{"format": "hp-tui fleet snapshot 1", "snapshot": {"services": 3}}', "$.snapshot.services"),
        (b'{"format": "hp-tui fleet snapshot 1", "snapshot": {"link": {"state": "gone"}}}', "$.snapshot.link.state"),
    ],
)
def test_what_is_no_recording_is_refused_saying_where(data, said):
    with pytest.raises(RecordingError, match=r"fleet\.json") as refused:
        parse_recording(data, "fleet.json")
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RecordingError, match=r"gone\.json cannot be read: No such file"):
        read_recording(tmp_path / "gone.json")
