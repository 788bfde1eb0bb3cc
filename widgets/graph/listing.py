"""A topology in a view too small for boxes: one line for each service, with the services it calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.cells import cell_len

from hp_tui.widgets.graph.boxes import dots, link_note
from hp_tui.widgets.values import GLYPHS, Link, Node, Tone, TonedText


def list_line(node: Node, links: Sequence[Link], labels: Mapping[str, str], selected: bool) -> Iterator[TonedText]:
    """The line of ``node``; ``links`` are its calls, ``labels`` the names by id. The selected name stands out."""
    yield TonedText(0, f"{GLYPHS[node.tone]} ", node.tone)
    yield TonedText(
        2, f"{node.label} ", node.tone if node.tone is Tone.BAD else Tone.PLAIN, bold=selected, reverse=selected
    )
    x = 3 + cell_len(node.label)
    for text, tone in dots(node.dots):
        yield TonedText(x, text, tone)
        x += cell_len(text)
    if not node.dots and node.note:
        yield TonedText(x, node.note, Tone.MUTED)
        x += cell_len(node.note)
    for number, link in enumerate(sorted(links, key=lambda link: link.tone is not Tone.BAD)):
        text = ("  ─▶ " if not number else ", ") + ("itself" if link.target == node.id else labels[link.target])
        text += f" {link_note(link)}" if link_note(link) else ""
        yield TonedText(x, text, link.tone if link.tone is Tone.BAD else Tone.MUTED)
        x += cell_len(text)
