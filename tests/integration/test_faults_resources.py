"""Nothing is left behind: tasks, file descriptors, memory, complaints. Counted in a program of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from hp_tui.demo.consul_agent import ConsulAgent

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
Figures = Callable[[Mapping[str, object]], None]


async def run(consul: str, calls: int, changes: int, *flags: str) -> dict[str, Any]:
    """What the program measured. Whatever it said on standard error is a failure."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *flags, "-W", "error", "-m", "tests.integration.resources_child"),
        *(consul, str(calls), str(changes)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, said = await asyncio.wait_for(process.communicate(), 120)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert said.decode() == ""  # "Task was destroyed", "Unclosed client session", "never awaited" …
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(out)
    assert found["failed"] == 0
    assert found["tasks_after"] == found["tasks_before"], found["tasks"]
    assert found["after"]["fds"] <= found["before"]["fds"]
    assert found["after"]["threads"] <= found["before"]["threads"] + 2  # asyncio's pool for names to look up
    return found


def growth(found: dict[str, Any], name: str) -> int:
    """What the second half of the run added, in KB: the first half fills caches and pools."""
    return int(found["stages"][3][name]) - int(found["stages"][1][name])


async def test_ten_thousand_calls_and_a_hundred_changes_leave_nothing(consul: ConsulAgent, figures: Figures) -> None:
    found = await run(consul.http_addr, 10_000, 100)
    figures(
        {"fds": [found["before"]["fds"], *(stage["fds"] for stage in found["stages"]), found["after"]["fds"]]}
        | {"RSS KB": [found["before"]["rss_kb"], *(stage["rss_kb"] for stage in found["stages"])]}
        | {"tasks": (found["tasks_before"], found["tasks_after"])}
    )
    # A leak of a kilobyte a call would be 5 MB, one of a channel a change some more.
    assert growth(found, "rss_kb") < 2_000


@pytest.mark.parametrize("flags", [("-X", "dev"), ("-X", "tracemalloc")], ids=["dev", "tracemalloc"])
async def test_the_strict_interpreter_has_no_complaint_and_the_heap_stays(
    consul: ConsulAgent, figures: Figures, flags: tuple[str, ...]
) -> None:
    found = await run(consul.http_addr, 2_000, 24, *flags)
    figures({"heap KB": [stage["heap_kb"] for stage in found["stages"]], "fds": found["after"]["fds"]})
    assert growth(found, "heap_kb") < 200
