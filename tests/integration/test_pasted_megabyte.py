"""A megabyte pasted wherever the cursor may be: text where text belongs, nothing elsewhere, and the screen goes on."""

from __future__ import annotations

import asyncio
import sys
import time

import pytest

from tests.terminal import Terminal

LINE = "qDx:/?cm\x1b[31m\r{}"
"""Letters that are commands, a control sequence, a line end."""
MEGABYTE = LINE * (1_000_000 // len(LINE))


@pytest.fixture
async def terminal(consul, tmp_path):
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    async with Terminal([sys.executable, "-m", "hp_tui", "--address", consul.http_addr], environ=environ) as terminal:
        await terminal.until("passing")
        yield terminal


async def paste(terminal: Terminal, text: str = MEGABYTE) -> float:
    """Paste as a terminal does (bracketed); the seconds it took until the program had read all of it."""
    begun = time.monotonic()
    await asyncio.to_thread(terminal.send, f"\x1b[200~{text}\x1b[201~")
    return time.monotonic() - begun


async def answered(terminal: Terminal, keys: str, text: str) -> float:
    begun = time.monotonic()
    terminal.send(keys)
    await terminal.until(text)
    return time.monotonic() - begun


@pytest.mark.parametrize("panel", "1234")
async def test_in_a_panel_nothing_of_it_is_a_command(terminal, figures, panel):
    terminal.send(panel)
    sent = await paste(terminal)
    after = await answered(terminal, "?", "esc close")
    figures({"read_s": f"{sent:.2f}", "key_after_s": f"{after:.2f}"})
    assert "leave it" not in terminal.text, "no dialog asks anything"
    terminal.send("\x1b")
    await terminal.until(lambda text: "esc close" not in text)
    await terminal.until("c  one call at the selected service")  # and no call was fired


PLACES = {
    "the filter": ("2/", "re:regex", "qDx"),
    "the token": ("t", "Kept in memory only", "•••"),
    "the name of a key": ("4n", "Path of the key", "qDx"),
    "the composer": ("C", "Compose calls", "qDx"),
}


@pytest.mark.parametrize("place", PLACES)
async def test_where_text_belongs_it_is_text_and_the_way_out_is_open(terminal, figures, place):
    keys, opened, seen = PLACES[place]
    await answered(terminal, keys, opened)
    sent = await paste(terminal)
    begun = time.monotonic()
    await terminal.until(seen)
    shown = time.monotonic() - begun
    begun = time.monotonic()
    terminal.send("\x1b")
    await terminal.until(lambda text: seen not in text)
    left = time.monotonic() - begun
    figures({"read_s": f"{sent:.2f}", "shown_s": f"{shown:.2f}", "left_s": f"{left:.2f}"})
    assert "c  one call at the selected service" in terminal.text, "no call was fired"
    await answered(terminal, "?", "esc close")


async def test_into_the_editor_and_what_is_too_large_for_consul_is_said(terminal, figures):
    await answered(terminal, "4n", "Path of the key")
    await answered(terminal, "large\r", "esc leave")
    sent = await paste(terminal)
    begun = time.monotonic()
    await terminal.until("512")
    shown = time.monotonic() - begun
    saved = await answered(terminal, "\x13", "512")
    begun = time.monotonic()
    terminal.send("\x1b")
    await terminal.until("● leader")
    left = time.monotonic() - begun
    figures({"read_s": f"{sent:.2f}", "shown_s": f"{shown:.2f}", "save_s": f"{saved:.2f}", "left_s": f"{left:.2f}"})
