"""hp-tui with a Textual that it does not know, or with HP_TUI_PLAIN=1, on a real terminal: plain, and everything works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import textual

from hp_tui.demo.ports import free_ports
from hp_tui.widgets.textual_internals.support import SUPPORTED
from tests.terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]
ASK = "from hp_tui.widgets.textual_internals.support import PLAIN, installed; print(PLAIN, installed())"
LOADED = "import sys, hp_tui.console.app; print(*(name for name in sys.modules if 'textual_internals.' in name))"
PRIVATE = ("app", "compositor", "driver", "screen_buffer", "exact_text_area", "exact_document", "paste_parser")
"""Modules of textual_internals that use private names of Textual."""


@pytest.fixture
def another_textual(tmp_path: Path) -> dict[str, str]:
    """The environment of a Python that has Textual 99.0: the files of the installed one under another version."""
    packages = tmp_path / "packages"
    (packages / "textual-99.0.dist-info").mkdir(parents=True)
    (packages / "textual-99.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: textual\nVersion: 99.0\n"
    )
    (packages / "textual").symlink_to(Path(textual.__file__).parent)
    return {
        "PYTHONPATH": f"{packages}{os.pathsep}{ROOT}",
        "XDG_STATE_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }


@pytest.fixture
def forced(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who asks for plain mode."""
    return {"HP_TUI_PLAIN": "1", "XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}


def told(program: str, environ: dict[str, str]) -> str:
    """What a program prints in this environment."""
    return subprocess.check_output([sys.executable, "-c", program], env={**os.environ, **environ}, text=True, cwd=ROOT)


def console() -> list[str]:
    """The console on a Consul that is not there: its screen needs nobody."""
    return [sys.executable, "-m", "hp_tui", "--address", f"127.0.0.1:{free_ports(1)[0]}"]


def test_another_version_is_plain_and_no_private_part_of_it_is_loaded(another_textual: dict[str, str]) -> None:
    assert told(ASK, another_textual).split() == ["True", "99.0"]
    loaded = {name.rpartition(".")[2] for name in told(LOADED, another_textual).split()}
    assert "plain_app" in loaded
    assert loaded.isdisjoint(PRIVATE)


def test_a_supported_version_is_not_plain() -> None:
    assert told(ASK, {}).split()[0] == "False"


async def test_another_version_starts_says_so_and_ends(another_textual: dict[str, str]) -> None:
    async with Terminal(console(), environ=another_textual) as terminal:
        await terminal.until("Textual 99.0 is not known")
        await terminal.until(f"textual=={SUPPORTED[-1]}")
        terminal.send("q")
        assert await terminal.wait() == 0


async def test_keys_dialogs_and_a_resize_work_in_plain_mode(forced: dict[str, str]) -> None:
    async with Terminal(console(), environ=forced) as terminal:
        await terminal.until("connection refused")
        assert "is not known" not in terminal.text
        terminal.send("?")
        await terminal.until("Keys ─")
        terminal.send("\x1b")
        await terminal.until(lambda text: "Keys ─" not in text)
        terminal.send("T")
        await terminal.until("TIME")
        terminal.resize(80, 24)
        await terminal.until(lambda text: "TIME" in text and len(text.splitlines()) == 24)
        terminal.send("\x1b")
        await terminal.until("connection refused")
        terminal.send("q")
        assert await terminal.wait() == 0


async def test_text_reaches_the_field_of_a_dialog_in_plain_mode(forced: dict[str, str]) -> None:
    async with Terminal(console(), environ=forced) as terminal:
        await terminal.until("connection refused")
        terminal.send("t")
        await terminal.until("enter accept")
        terminal.send("secret")
        await terminal.until("•" * 6)
        terminal.send("\x1b")
        await terminal.until(lambda text: "enter accept" not in text)
        terminal.send("q")
        assert await terminal.wait() == 0
