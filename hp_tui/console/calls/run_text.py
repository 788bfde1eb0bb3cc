"""A run of calls as text: numbers, errors, the newest reply."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from hp_tui.console.calls.rows.lanes import (
    RunLine,
    numbers_line,
    reply_head,
    reply_text,
    state_line,
    status_lines,
    title,
)
from hp_tui.console.calls.rows.runs import origin_line
from hp_tui.model.calls import CallRun
from hp_tui.widgets.theme import tone_style


def coloured(lines: Iterable[RunLine], *, dark: bool) -> Text:
    """Lines in their tones."""
    return Text("\n").join(Text.assemble((line.text, tone_style(line.tone, dark))) for line in lines)


def head(run: CallRun, now: float, *, dark: bool) -> Text:
    """What was fired and how far it is."""
    origin = origin_line(run, now)
    return coloured([RunLine(title(run)), *([origin] if origin else []), state_line(run, now)], dark=dark)


def tail(run: CallRun, *, dark: bool, limit: int) -> Text:
    """Numbers, errors by status, and at most ``limit`` characters of the newest reply."""
    lines = [numbers_line(run), *status_lines(run)]
    if run.reply is not None:
        body = reply_text(run.reply)
        lines += [RunLine(""), reply_head(run.reply), RunLine(body[:limit])]
        if len(body) > limit:
            lines.append(RunLine(f"… {len(body) - limit} characters more"))
    return coloured(lines, dark=dark)
