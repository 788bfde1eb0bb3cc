"""However the demo ends, nothing of it stays: no process, no directory, and a terminal that can be used."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from tests.terminal import Terminal, processes_with

DEMO = [sys.executable, "-m", "hp_tui", "demo"]
ENTER_ALTERNATE_SCREEN, LEAVE_ALTERNATE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
MOUSE_ON, MOUSE_OFF = "\x1b[?1000h", "\x1b[?1000l"


@pytest.fixture
def marked(tmp_path, consul_binary):
    """An environment whose processes and directories can be told from all others."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    return {
        "TMPDIR": str(temporary),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "HP_TUI_CONSUL_BIN": str(consul_binary),
    }


async def nothing_left(marked: dict[str, str], eventually) -> None:
    mark = f"TMPDIR={marked['TMPDIR']}"
    await eventually(lambda: not processes_with(mark), what=f"every process of the demo has ended: {mark}")
    assert os.listdir(marked["TMPDIR"]) == []


def fleet_is_up(text: str) -> bool:
    return "critic-agent-3" in text and "passing" in text


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        pytest.param("q", 0, id="q"),
        pytest.param("\x03", 0, id="ctrl-c"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM"),
        pytest.param(signal.SIGINT, 130, id="SIGINT"),
    ],
)
async def test_quitting_the_screen_leaves_nothing_and_a_usable_terminal(marked, eventually, ending, status):
    async with Terminal(DEMO, environ=marked) as terminal:
        before = terminal.modes()
        await terminal.until(fleet_is_up)
        assert terminal.modes() != before
        if isinstance(ending, str):
            terminal.send(ending)
        else:
            terminal.signal(ending)
        assert await terminal.wait() == status
        assert terminal.modes() == before
        said = terminal.said
        assert said.rindex(LEAVE_ALTERNATE_SCREEN) > said.rindex(ENTER_ALTERNATE_SCREEN)
        assert said.rindex(SHOW_CURSOR) > said.rindex(HIDE_CURSOR)
        assert said.rindex(MOUSE_OFF) > said.rindex(MOUSE_ON)
        assert "Traceback" not in said
    await nothing_left(marked, eventually)


async def test_a_lost_terminal_leaves_nothing(marked, eventually):
    async with Terminal(DEMO, environ=marked) as terminal:
        await terminal.until(fleet_is_up)
        terminal.hang_up()
        await terminal.wait()
    await nothing_left(marked, eventually)


async def test_sigkill_leaves_nothing(marked, eventually):
    async with Terminal(DEMO, environ=marked) as terminal:
        await terminal.until(fleet_is_up)
        terminal.signal(signal.SIGKILL)
        await terminal.wait()
    await nothing_left(marked, eventually)


async def test_quitting_before_anything_has_started_leaves_nothing(marked, eventually):
    async with Terminal(DEMO, environ=marked) as terminal:
        await terminal.until("q quit")
        terminal.send("q")
        assert await terminal.wait() == 0
        assert "Traceback" not in terminal.said
    await nothing_left(marked, eventually)


def tour_stopped_by(number: signal.Signals, environ: dict[str, str]) -> tuple[int, str]:
    """Exit status and what it complained of, for a tour stopped while it fires calls."""
    with subprocess.Popen(
        [*DEMO, "--headless"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as tour:
        assert tour.stdout is not None
        next(line for line in tour.stdout if line.startswith("ok      start Consul"))
        tour.send_signal(number)
        _, complaints = tour.communicate(timeout=60)
        return tour.returncode, complaints


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGKILL])
async def test_a_tour_that_is_stopped_leaves_nothing(marked, eventually, number):
    status, complaints = await asyncio.to_thread(tour_stopped_by, number, {**os.environ, **marked})
    assert status == (-signal.SIGKILL if number == signal.SIGKILL else 128 + number)
    assert "Traceback" not in complaints
    await nothing_left(marked, eventually)
