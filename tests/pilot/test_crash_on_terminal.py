"""The screen itself fails, on a real terminal: one sentence, the traceback in the log, status 1, the terminal given back."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from hp_tui import crash
from hp_tui.logs import LOG_LIMIT
from tests.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
LEAVE_SCREEN = "\x1b[?1049l"

PROGRAM = """
import sys
from pathlib import Path
import hp_tui.console.app, hp_tui.engine
from hp_tui.cli.main import main
from textual import events
from hp_tui.widgets.bars import StatusHeader

class Failing(hp_tui.console.app.HpTuiApp):
    CSS_PATH = Path(hp_tui.console.app.__file__).with_name("app.tcss")

    def __init__(self, *args, **options):
        if sys.argv[1] == "start":
            raise LookupError("boom at the start")
        super().__init__(*args, **options)

    def on_key(self, event):
        if event.key == "f12" and sys.argv[1] == "handler":
            token = "secret-token-in-a-local"
            raise ValueError("boom [red]\\x1b]0;title\\x07")
        if event.key == "f12" and sys.argv[1] == "timer":
            self.set_timer(0.01, lambda: 1 / 0)
        if event.key == "f12" and sys.argv[1] == "render":
            header = self.screen.query_one(StatusHeader)
            header.render_line = lambda y: [].nothing
            header.refresh()

class FailingEngine(hp_tui.engine.Engine):
    async def run(self, publish):
        raise RuntimeError("boom of the engine")

hp_tui.console.app.HpTuiApp = Failing
if sys.argv[1] == "worker":
    hp_tui.engine.Engine = FailingEngine
main(["--address", "127.0.0.1:1"])
"""

FAILURES = {
    "handler": "ValueError: boom [red]",
    "timer": "ZeroDivisionError: division by zero",
    "render": "AttributeError: ",
    "worker": "RuntimeError: boom of the engine",
    "start": "LookupError: boom at the start",
}


def environ(home: Path) -> dict[str, str]:
    """All that the user owns lies below ``home``."""
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("STATE", "CONFIG", "CACHE", "DATA")}
    return {"HOME": str(home), "PYTHONPATH": str(ROOT), **folders}


def failing(folder: Path, where: str) -> list[str]:
    """The command line of a console that fails there."""
    program = folder / "failing.py"
    program.write_text(PROGRAM)
    return [sys.executable, str(program), where]


@pytest.mark.parametrize("where", FAILURES)
async def test_a_crash_leaves_one_sentence_and_a_log(tmp_path: Path, where: str) -> None:
    async with Terminal(failing(tmp_path, where), environ=environ(tmp_path), columns=200) as terminal:
        before = terminal.modes()
        if where not in {"worker", "start"}:
            await terminal.until("q quit")
            terminal.send("\x1b[24~")  # F12
        assert await terminal.wait() == 1
        assert terminal.modes() == before
        after = terminal.said.rpartition(LEAVE_SCREEN)[2]
    plain = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]|\x1b[>=]", "", after).strip()
    assert plain.startswith(f"hp-tui: failed unexpectedly: {FAILURES[where]}")
    assert len(plain.splitlines()) == 1, plain
    assert "\x1b]" not in after
    assert "Traceback" not in after
    assert "secret-token" not in plain
    path, written = crash_log(tmp_path)
    assert str(path) in plain
    assert FAILURES[where] in written
    assert written.count("Traceback (most recent call last)") == 1


def crash_log(home: Path) -> tuple[Path, str]:
    (path,) = home.rglob("hp-tui.log")
    assert path.stat().st_mode & 0o077 == 0, "tracebacks may quote values"
    return path, path.read_text("utf-8")


async def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a directory belongs")
    async with Terminal(failing(tmp_path, "handler"), environ=environ(tmp_path), columns=250) as terminal:
        await terminal.until("q quit")
        terminal.send("\x1b[24~")
        assert await terminal.wait() == 1
        said = terminal.said.rpartition(LEAVE_SCREEN)[2]
    assert "ValueError: boom" in said
    assert "could not be written" in said
    assert "Traceback" not in said


def test_a_log_that_has_grown_large_is_begun_afresh(tmp_path: Path) -> None:
    path = tmp_path / "log" / "hp-tui.log"
    assert str(path) in crash.report(ValueError("first"), path)
    crash.report(ValueError("second"), path)
    assert path.read_text().count("ValueError: ") == 2
    path.write_text("x" * (LOG_LIMIT + 1))
    crash.report(ValueError("third"), path)
    assert path.stat().st_size < 1000
    assert "third" in path.read_text()


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("cannot say")


def test_an_error_that_cannot_say_what_it_is_is_named(tmp_path: Path) -> None:
    assert "MuteError" in crash.report(MuteError(), tmp_path / "hp-tui.log")
