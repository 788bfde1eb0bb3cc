"""The screen on terminals of every kind: few colours, no UTF-8, none at all, tmux, a shell with job control."""

from __future__ import annotations

import asyncio
import re
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hp_tui.demo.ports import free_ports
from hp_tui.logs import log_file
from tests.terminal import Terminal, processes_with

TRUE_COLOUR = re.compile(r"\x1b\[[\d;]*[34]8;2;")
PRIVATE_MODE = re.compile(r"\x1b\[\?(\d+)([hl])")
COLOUR_256 = re.compile(r"\x1b\[[\d;]*[34]8;5;")
ALTERNATE_SCREEN = "\x1b[?1049h"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;[25];[\d;]+)m")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The console on a Consul that is not there: its screen needs nobody."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return [sys.executable, "-m", "hp_tui", "--address", f"127.0.0.1:{free_ports(1)[0]}"]


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"TERM": "dumb"}, "TERM is 'dumb', a terminal that cannot place text"),
        ({"TERM": "unknown"}, "TERM is 'unknown', a terminal that cannot place text"),
        ({"PYTHONIOENCODING": "latin-1"}, "this terminal's locale says iso8859-1, and the screen is drawn in UTF-8"),
    ],
)
async def test_where_no_screen_can_be_drawn_one_sentence_says_so(command, environ, sentence):
    async with Terminal(command, environ=environ) as terminal:
        assert await terminal.wait() == 2
        said = " ".join(terminal.said.split())
        assert sentence in said
        assert "`hp-tui status`" in said
        assert "\x1b" not in terminal.said


async def test_the_demo_says_so_too_and_names_its_tour(command):
    async with Terminal([*command[:3], "demo"], environ={"TERM": "dumb"}) as terminal:
        assert await terminal.wait() == 2
        assert "--headless" in terminal.text


@pytest.mark.parametrize(
    ("environ", "has", "has_not"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, TRUE_COLOUR, COLOUR_256),
        ({"TERM": "screen-256color", "COLORTERM": ""}, COLOUR_256, TRUE_COLOUR),
        ({"TERM": "linux", "COLORTERM": ""}, COLOUR, re.compile(r"\x1b\[[\d;]*[34]8;[25];")),
        ({"TERM": "", "COLORTERM": ""}, COLOUR, re.compile(r"\x1b\[[\d;]*[34]8;[25];")),
    ],
)
async def test_no_more_colours_are_sent_than_the_terminal_says_it_has(command, environ, has, has_not):
    async with Terminal(command, environ=environ) as terminal:
        await terminal.until("connection refused")
        assert has.search(terminal.said)
        assert not has_not.search(terminal.said)


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "LANG": ""}, {"LANG": "xx_XX.nothing"}])
async def test_frames_and_glyphs_are_whole_without_a_locale(command, environ):
    async with Terminal(command, environ=environ) as terminal:
        text = await terminal.until("connection refused")
        assert "╭─" in text
        assert "✖" in text


async def test_errors_sent_elsewhere_do_not_take_the_screen_with_them(command, tmp_path):
    shell = ["sh", "-c", f"{shlex.join(command)} 2>{shlex.quote(str(tmp_path / 'errors'))}"]
    async with Terminal(shell) as terminal:
        await terminal.until("connection refused")
        terminal.send("q")
        assert await terminal.wait() == 0
    assert (tmp_path / "errors").read_text() == ""


@pytest.mark.parametrize("seen", [ALTERNATE_SCREEN, "Topology", "connection refused"], ids=["begun", "painted", "told"])
async def test_nothing_stays_when_the_terminal_is_killed(command, eventually, tmp_path, seen):
    """Its window is closed, its SSH connection lost: SIGHUP comes, and every write fails from then on.

    Several at once: each is met at another moment of its start, when widgets are being made.
    """

    async def killed() -> int | None:
        async with Terminal(command, environ={"HP_TUI_TEST_MARK": str(tmp_path)}) as terminal:
            await terminal.until(lambda text: seen in text or seen in terminal.said)
            terminal.hang_up()
            return await terminal.wait()

    assert await asyncio.gather(*[killed() for _ in range(4)]) == [129] * 4
    await eventually(lambda: not processes_with(f"HP_TUI_TEST_MARK={tmp_path}"))
    assert not log_file().exists() or "Traceback" not in log_file().read_text()


async def test_to_the_shell_and_back_by_its_job_control(command):
    """ctrl+z, a command, fg, and a clean end: the shell has the settings it had."""
    async with Terminal(
        ["bash", "--norc", "--noprofile", "-i"], environ={"PS1": "prompt> ", "HISTFILE": ""}
    ) as terminal:
        await terminal.until("prompt>")
        terminal.send("stty -g\r")
        settings = re.search(r"^\w+(?::\w+){10,}$", await terminal.until(r":0:0"), re.MULTILINE)
        assert settings
        terminal.send(shlex.join(command) + "\r")
        await terminal.until("connection refused")
        for _ in range(2):
            terminal.send("\x1a")
            await terminal.until("Stopped")
            assert last_set(terminal.said)["1049"] == "l", "the shell has its own screen"
            terminal.send("clear; echo six=$((2*3)); stty -g\r")
            text = await terminal.until(lambda text: "six=6" in text and ":0:0" in text)
            assert settings[0] in text, "the shell's own settings"
            terminal.send("fg\r")
            await terminal.until("connection refused")
        terminal.send("?")
        await terminal.until("esc close")
        terminal.send("q")
        await terminal.until(lambda text: "esc close" not in text)
        terminal.send("q")
        await terminal.until("prompt>")
        terminal.send("clear; echo status=$?; stty -g\r")
        text = await terminal.until(lambda text: "status=0" in text and ":0:0" in text)
        assert settings[0] in text
        terminal.send("exit\r")
        await terminal.wait()
        assert "Traceback" not in terminal.said


def last_set(said: str) -> dict[str, str]:
    """DEC private modes as the program left them: ``h`` (on) or ``l`` (off)."""
    return dict(PRIVATE_MODE.findall(said))


@dataclass
class Tmux:
    """A tmux server of the test's own."""

    socket: str

    def client(self, *arguments: str) -> list[str]:
        return ["tmux", "-L", self.socket, "-f", "/dev/null", *arguments]

    async def ask(self, *arguments: str) -> str:
        asked = await asyncio.create_subprocess_exec(*self.client(*arguments), stdout=-1, stderr=-3)
        return (await asked.communicate())[0].decode()


@pytest.fixture
async def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("no tmux on this machine")
    monkeypatch.delenv("TMUX", raising=False)
    made = Tmux(f"hp-tui-test-{tmp_path.name}-{free_ports(1)[0]}")
    yield made
    await made.ask("kill-server")


async def test_in_tmux_it_draws_copies_resizes_and_is_attached_again(command, tmux):
    words = shlex.join(command)
    async with Terminal(tmux.client("new-session", words, ";", "set", "-g", "set-clipboard", "on")) as terminal:
        text = await terminal.until("connection refused")
        assert "╭─" in text
        assert COLOUR.search(terminal.said)
        terminal.resize(90, 30)
        await terminal.until(lambda text: len(text.splitlines()) == 30 and "q quit" in text.splitlines()[-2])
        terminal.send("?")
        await terminal.until("esc close")
        terminal.send("\x02d")  # detach
        assert await terminal.wait() == 0
    async with Terminal(tmux.client("attach"), columns=100, lines=40) as terminal:
        await terminal.until(lambda text: "esc close" in text and "Everywhere" in text)
        terminal.send("\x1b")
        await terminal.until("connection refused")
        terminal.send("q")
        assert await terminal.wait() == 0
        assert "hp-tui:" not in terminal.text
    assert not await tmux.ask("list-sessions")


async def test_a_copy_arrives_in_the_buffer_of_tmux(consul, tmp_path, monkeypatch, tmux, eventually):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    words = shlex.join([sys.executable, "-m", "hp_tui", "--address", consul.http_addr])
    async with Terminal(tmux.client("new-session", words, ";", "set", "-g", "set-clipboard", "on")) as terminal:
        await terminal.until("● leader")
        terminal.send("1")
        await terminal.until("enter focus")
        terminal.send("y")
        await terminal.until("Copy of consul")
        terminal.send("\r")
        await terminal.until("copied")
        await eventually(lambda: _has(tmux, "consul"))


async def _has(tmux: Tmux, text: str) -> bool:
    return await tmux.ask("show-buffer") == text
