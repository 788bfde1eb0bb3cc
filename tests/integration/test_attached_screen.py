"""The screen on a real terminal and a real Consul that is absent, comes, goes and comes back."""

from __future__ import annotations

import re
import signal
import sys

import pytest

from hp_tui.demo.ports import free_ports
from tests.terminal import Terminal


def hp_tui(address: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "hp_tui", "--address", address, *options]


@pytest.fixture
def environ(tmp_path):
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}


LINE_WRAP, CURSOR = "7", "25"


def last_set(said: str) -> dict[str, str]:
    """DEC private modes the program touched: ``h`` (on) or ``l`` (off), as it left them."""
    return dict(re.findall(r"\x1b\[\?(\d+)([hl])", said))


async def test_no_consul_there_is_said_and_the_screen_recovers_by_itself(make_consul, environ):
    consul = make_consul()
    async with Terminal(hp_tui(consul.http_addr), environ=environ) as terminal:
        text = await terminal.until("connection refused")
        assert consul.http_addr in text
        await consul.start()
        await terminal.until("● leader")
        await consul.stop()
        stale = await terminal.until("stale")
        assert "1 instance" in stale, "the last picture stays on the screen"
        await consul.start()
        await terminal.until(lambda text: "● leader" in text.splitlines()[0] and "live" in text.splitlines()[0])
        await terminal.until("no keys yet")  # what failed meanwhile was asked again
        terminal.send("q")
        assert await terminal.wait() == 0


async def test_reconnect_now_does_not_wait_for_the_next_try(make_consul, environ):
    consul = make_consul()
    async with Terminal(hp_tui(consul.http_addr), environ=environ) as terminal:
        await terminal.until("connection refused")
        await consul.start()
        terminal.send("r")
        await terminal.until("● leader")


async def test_a_terminal_that_is_too_small_says_so_and_comes_back(consul, environ):
    async with Terminal(hp_tui(consul.http_addr), columns=100, lines=30, environ=environ) as terminal:
        await terminal.until("● leader")
        terminal.resize(50, 12)
        await terminal.until("60x16")
        terminal.resize(100, 30)
        await terminal.until(lambda text: "● leader" in text and "Topology" in text)


async def test_a_resize_storm_ends_in_the_right_picture(consul, environ):
    async with Terminal(hp_tui(consul.http_addr), environ=environ) as terminal:
        await terminal.until("● leader")
        for step in range(60):
            terminal.resize(60 + step * 2, 16 + step % 30)
        terminal.resize(80, 24)
        text = await terminal.until(lambda text: len(text.splitlines()) == 24 and "q quit" in text.splitlines()[-1])
        assert all(len(line) <= 80 for line in text.splitlines())
        terminal.resize(120, 40)
        await terminal.until(lambda text: "4 KV" in text and "q quit" in text.splitlines()[-1])


async def test_suspended_and_continued_the_screen_is_drawn_again(consul, environ, eventually):
    async with Terminal(hp_tui(consul.http_addr), environ=environ) as terminal:
        await terminal.until("● leader")
        terminal.signal(signal.SIGSTOP)
        terminal.signal(signal.SIGCONT)
        drawn = len(terminal.raw)
        await eventually(lambda: len(terminal.raw) > drawn)
        terminal.send("?")
        await terminal.until("Keys")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_gives_the_terminal_back(environ, number):
    address = f"127.0.0.1:{free_ports(1)[0]}"
    async with Terminal(hp_tui(address), environ=environ) as terminal:
        before = terminal.modes()
        await terminal.until("connection refused")
        terminal.signal(number)
        assert await terminal.wait() == 128 + number
        assert terminal.modes() == before
        left_on = {mode for mode, last in last_set(terminal.said).items() if last == "h"}
        assert left_on == {LINE_WRAP, CURSOR}
        assert re.findall(r"\x1b\[([\d;]*)m", terminal.said)[-1] == "0", "no colour is left on"


async def test_what_is_typed_ahead_after_the_filter_key_is_text_and_no_command(consul, environ):
    """A fast typist, or a paste over a slow line: all keys arrive at once."""
    async with Terminal(hp_tui(consul.http_addr), environ=environ) as terminal:
        await terminal.until("● leader")
        terminal.send("/cbmDq")
        text = await terminal.until("/ cbmDq")
        assert "c  one call" in text, "no call was fired"
        terminal.send("\x1b")
        await terminal.until(lambda text: "/ cbmDq" not in text)


async def test_what_is_typed_ahead_after_a_key_that_opens_something_is_for_that(consul, environ):
    async with Terminal(hp_tui(consul.http_addr), environ=environ) as terminal:
        await terminal.until("● leader")
        terminal.send("tqD1")
        await terminal.until(lambda text: "Token" in text and "•••" in text)
        terminal.send("\x1b")
        await terminal.until(lambda text: "•••" not in text)
        terminal.send("T/qq\r")
        await terminal.until(lambda text: "Timeline" in text and "/ qq" in text)


async def test_without_mouse_the_terminal_keeps_its_own_selection(environ):
    address = f"127.0.0.1:{free_ports(1)[0]}"
    async with Terminal(hp_tui(address, "--no-mouse"), environ=environ) as terminal:
        await terminal.until("connection refused")
        terminal.send("q")
        assert await terminal.wait() == 0
        assert not last_set(terminal.said).keys() & {"1000", "1002", "1003", "1006", "1015", "1016"}


@pytest.mark.parametrize(("theme", "background"), [("light", "fbfaf7"), ("dark", "14171c")])
async def test_the_theme_is_the_one_asked_for_whatever_the_terminal_says(environ, theme, background):
    says = "0;15" if theme == "dark" else "15;0"
    address = f"127.0.0.1:{free_ports(1)[0]}"
    async with Terminal(hp_tui(address, "--theme", theme), environ={**environ, "COLORFGBG": says}) as terminal:
        await terminal.until("connection refused")
        assert terminal.lines_on(background)


async def test_ctrl_z_gives_the_terminal_to_the_shell_and_fg_draws_it_all_at_the_new_size(environ, eventually):
    address = f"127.0.0.1:{free_ports(1)[0]}"
    async with Terminal(hp_tui(address), environ=environ) as terminal:
        await terminal.until("connection refused")
        terminal.send("\x1a")
        await eventually(
            lambda: {m for m, last in last_set(terminal.said).items() if last == "h"} == {LINE_WRAP, CURSOR}
        )
        await eventually(lambda: terminal.stopped)  # continued before it stops it would stop for good
        terminal.resize(80, 24)
        terminal.signal(signal.SIGCONT)
        await eventually(lambda: last_set(terminal.said)["1049"] == "h")
        await terminal.until(lambda text: "connection refused" in text and len(text.splitlines()) == 24)
