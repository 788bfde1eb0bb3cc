"""`hp-tui status --svg`, `--record` and `--from`, as a service team's CI runs them."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from html import unescape

from hp_tui.model.recording import read_recording, record
from tests import fleets


async def status(*arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hp_tui", "status", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaints = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), complaints.decode()


def words(svg: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", svg)).replace("\xa0", " ")


async def test_a_recording_becomes_the_same_picture_every_time_and_everywhere(tmp_path, monkeypatch):
    recording = tmp_path / "fleet.json"
    recording.write_bytes(record(fleets.one_critical()))
    pictures = [tmp_path / "one.svg", tmp_path / "two.svg"]
    elsewhere = {
        "TZ": "Asia/Tokyo",
        "NO_COLOR": "1",
        "COLORFGBG": "0;15",
        "TERM": "dumb",
        "LC_ALL": "C",
        "COLORTERM": "",
    }
    for picture in pictures:
        if picture is pictures[1]:
            for name, value in elsewhere.items():
                monkeypatch.setenv(name, value)
        assert await status("--from", str(recording), "--svg", str(picture)) == (1, "", "")
    first, second = (picture.read_text("utf-8") for picture in pictures)
    assert first == second
    for word in ("critic-agent-2", "OPEN", "critical"):
        assert word in words(first)


async def test_a_recording_answers_scripts_like_consul_does(tmp_path):
    recording = tmp_path / "fleet.json"
    recording.write_bytes(record(fleets.healthy()))
    code, out, _ = await status("--from", str(recording), "--json")
    assert code == 0
    assert {service["name"] for service in json.loads(out)["services"]} == set(fleets.healthy().services)


async def test_what_is_there_now_is_recorded_and_drawn(consul, tmp_path, monkeypatch):
    monkeypatch.setenv("CONSUL_HTTP_ADDR", consul.http_addr)
    recording, picture = tmp_path / "now.json", tmp_path / "now.svg"
    assert await status("--record", str(recording), "--svg", str(picture), "--size", "80x24") == (0, "", "")
    snapshot = read_recording(recording)
    assert list(snapshot.services) == ["consul"]
    assert snapshot.cluster.version
    assert "consul" in words(picture.read_text("utf-8"))


async def test_a_picture_that_cannot_be_written_leaves_nothing_half_done(tmp_path):
    recording = tmp_path / "fleet.json"
    recording.write_bytes(record(fleets.healthy()))
    code, out, complaint = await status("--from", str(recording), "--svg", str(tmp_path / "no" / "x.svg"))
    assert (code, out) == (2, "")
    assert "--svg" in complaint
    assert "No such file or directory" in complaint
    assert [path.name for path in tmp_path.iterdir()] == ["fleet.json"]


async def test_no_consul_is_status_three(monkeypatch, tmp_path):
    monkeypatch.setenv("CONSUL_HTTP_ADDR", "127.0.0.1:1")
    code, _, complaint = await status("--svg", str(tmp_path / "x.svg"))
    assert code == 3
    assert "connection refused" in complaint
