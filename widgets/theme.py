"""Colours by meaning. Red is the loudest thing on screen; everything else is calm."""

from __future__ import annotations

from rich.style import Style
from textual.theme import Theme

from widgets.values import Tone

DARK = Theme(
    name="hp-dark",
    primary="#5f9ea0",
    secondary="#7a8fa6",
    accent="#d7a65f",
    foreground="#c8ccd4",
    background="#14171c",
    surface="#1a1e25",
    panel="#232932",
    success="#7fb685",
    warning="#e0b25e",
    error="#ff5f5f",
    dark=True,
    variables={"footer-key-foreground": "#d7a65f", "block-cursor-text-style": "none"},
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
    success="#22703a",
    warning="#8f5f00",
    error="#c01c28",
    dark=False,
    variables={"footer-key-foreground": "#8a5a00", "block-cursor-text-style": "none"},
)
THEMES = (DARK, LIGHT)

_DARK_STYLES = {
    Tone.GOOD: Style(color="#7fb685"),
    Tone.WARN: Style(color="#e0b25e"),
    Tone.BAD: Style(color="#ff5f5f", bold=True),
    Tone.OFF: Style(color="#c39ac9"),
    Tone.INFO: Style(color="#6cb0c9"),
    Tone.MUTED: Style(color="#6b7480"),
    Tone.PLAIN: Style(color="#c8ccd4"),
}
_LIGHT_STYLES = {
    Tone.GOOD: Style(color="#22703a"),
    Tone.WARN: Style(color="#8f5f00"),
    Tone.BAD: Style(color="#c01c28", bold=True),
    Tone.OFF: Style(color="#7a3e85"),
    Tone.INFO: Style(color="#1f6f8b"),
    Tone.MUTED: Style(color="#7b8088"),
    Tone.PLAIN: Style(color="#24292f"),
}


def tone_style(tone: Tone, dark: bool = True) -> Style:
    """The foreground of a tone on the dark or the light theme."""
    return (_DARK_STYLES if dark else _LIGHT_STYLES)[tone]
