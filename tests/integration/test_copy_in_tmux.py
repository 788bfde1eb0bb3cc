"""What is copied reaches the user's clipboard through a real tmux, however it is configured."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.terminal import Terminal

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Tmux:
    """A tmux server of the test's own."""

    def __init__(self, socket: Path) -> None:
        self.base = ["tmux", "-S", str(socket), "-f", "/dev/null"]

    async def __call__(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *self.base, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        told, _ = await process.communicate()
        return told.decode()


@pytest.fixture
async def tmux(tmp_path) -> AsyncIterator[Tmux]:
    server = Tmux(tmp_path / "tmux")
    yield server
    await server("kill-server")


@pytest.fixture
def command(consul, tmp_path) -> str:
    """The console, as tmux is to start it."""
    state = [f"XDG_{kind}_HOME={tmp_path / kind.lower()}" for kind in ("STATE", "CONFIG")]
    path = f"PYTHONPATH={os.environ.get('PYTHONPATH', os.getcwd())}"
    return shlex.join(["env", path, *state, sys.executable, "-m", "hp_tui", "--address", consul.http_addr])


async def begin(tmux: Tmux, command: str, *options: str) -> None:
    """The console in a session of that server, with these options of tmux set."""
    await tmux("new-session", "-d", "-s", "it", "-x", "100", "-y", "30", "sh")
    for option in options:
        await tmux("set-option", "-g", *option.split())
    await tmux("respawn-pane", "-k", "-t", "it", command)


async def test_the_command_of_a_dialog_arrives_in_tmux_whatever_is_in_it(tmux, command, consul, eventually):
    odd = 'it\'s "odd" $HOME -x'
    async with aiohttp.ClientSession(f"http://{consul.http_addr}") as http:
        body = {"ID": odd, "Name": "a-web", "Port": 80}
        async with http.put("/v1/agent/service/register", json=body) as answer:
            assert answer.status == 200
    await begin(tmux, command, "set-clipboard on")

    async def shown() -> str:
        return await tmux("capture-pane", "-p", "-t", "it")

    async def sees(text: str) -> bool:
        return text in await shown()

    await eventually(lambda: sees("odd"), within=40)
    await tmux("send-keys", "-t", "it", "D")
    await eventually(lambda: sees("Deregister it's"))
    await tmux("send-keys", "-t", "it", "c")

    async def copied() -> str:
        return await tmux("show-buffer")

    text = await eventually(copied)
    assert shlex.split(text) == ["consul", "services", "deregister", f"-http-addr={consul.http_addr}", f"-id={odd}"]
    assert await sees("Deregister it's"), "the dialog is still there to answer"


@pytest.mark.parametrize("options", [["set-clipboard on"], ["allow-passthrough on"]])
async def test_the_terminal_outside_tmux_gets_it(tmux, command, eventually, tmp_path, options):
    await begin(tmux, command, *options)
    environ = {"TERM": "xterm-256color", "TMUX": ""}
    async with Terminal([*tmux.base, "attach", "-t", "it"], columns=100, lines=30, environ=environ) as terminal:
        await terminal.until("consul", within=40)
        await terminal.until("● ")
        terminal.send("y")
        await terminal.until("Copy of")
        terminal.send("n" if "its name" in terminal.text else "i")
        await eventually(lambda: "\x1b]52;" in terminal.said)
