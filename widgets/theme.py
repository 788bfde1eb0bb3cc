"""Colours by meaning. Red is the loudest thing on screen; everything else is calm."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rich.style import Style
from textual.theme import Theme

from hp_tui.widgets.values import Tone

CURSOR_DARK, CURSOR_LIGHT = "#2c3a47", "#d5e3e6"
"""The line under the cursor, wherever there is one."""

DARK = Theme(
    name="hp-dark",
    primary="#5f9ea0",
    secondary="#7a8fa6",
    accent="#d7a65f",
    foreground="#c8ccd4",
    background="#14171c",
    surface="#1a1e25",
    panel="#232932",
    success="#6fc675",
    warning="#e8b256",
    error="#ff5f5f",
    dark=True,
    variables={
        "footer-key-foreground": "#d7a65f",
        "block-cursor-text-style": "none",
        "block-cursor-background": CURSOR_DARK,
        "block-cursor-foreground": "#c8ccd4",
        "block-cursor-blurred-background": CURSOR_DARK,
        "block-cursor-blurred-foreground": "#c8ccd4",
        "input-selection-background": "#3d5a70",
    },
)
LIGHT = Theme(
    name="hp-light",
    primary="#2f6f73",
    secondary="#52657a",
    accent="#8a5a00",
    foreground="#24292f",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#e6e3db",
    success="#1a782a",
    warning="#8f5f00",
    error="#c01c28",
    dark=False,
    variables={
        "footer-key-foreground": "#8a5a00",
        "block-cursor-text-style": "none",
        "block-cursor-background": CURSOR_LIGHT,
        "block-cursor-foreground": "#24292f",
        "block-cursor-blurred-background": CURSOR_LIGHT,
        "block-cursor-blurred-foreground": "#24292f",
        "input-selection-background": "#b9d3d8",
    },
)
THEMES = (DARK, LIGHT)

# Each is nearest to its own hue among a terminal's 16 colours, so that green is green there too; muted texts have a contrast
# above 4:1 on the background.
_DARK_STYLES = {
    Tone.GOOD: Style(color="#6fc675"),
    Tone.WARN: Style(color="#e8b256"),
    Tone.BAD: Style(color="#ff5f5f", bold=True),
    Tone.OFF: Style(color="#db8ae1"),
    Tone.INFO: Style(color="#54b0c9"),
    Tone.MUTED: Style(color="#727b87"),
    Tone.PLAIN: Style(color="#c8ccd4"),
}
_LIGHT_STYLES = {
    Tone.GOOD: Style(color="#1a782a"),
    Tone.WARN: Style(color="#8f5f00"),
    Tone.BAD: Style(color="#c01c28", bold=True),
    Tone.OFF: Style(color="#823695"),
    Tone.INFO: Style(color="#1f6f93"),
    Tone.MUTED: Style(color="#6b7078"),
    Tone.PLAIN: Style(color="#24292f"),
}


# Made grey, red would be darker than plain text.
_LOUD_GREY = {True: Style(color="#ffffff", bold=True), False: Style(color="#000000", bold=True)}


def preferred(environ: Mapping[str, str], wanted: str = "auto") -> Theme:
    """The theme ``wanted``: ``dark``, ``light``, or ``auto``, the one for the terminal that ``environ`` describes.

    Auto is light where COLORFGBG names a light ground, else dark. Set by rxvt, Konsole, iTerm2 and others; its last field is
    the background among the 16 colours, 7 and 15 are the whites.
    """
    if wanted != "auto":
        return LIGHT if wanted == "light" else DARK
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if ground in {"7", "15"} else DARK


def tone_style(tone: Tone, dark: bool = True) -> Style:
    """The foreground of a tone on the dark or the light theme; under NO_COLOR what is red is the brightest instead."""
    if tone is Tone.BAD and "NO_COLOR" in os.environ:
        return _LOUD_GREY[dark]
    return (_DARK_STYLES if dark else _LIGHT_STYLES)[tone]
