"""A gallery of every widget: ``python -m hp_tui.widgets``. Also what the widgets' goldens are drawn from."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from hp_tui.widgets.bars import Hint, KeyFooter, Part, StatusHeader
from hp_tui.widgets.diffview import DiffView, diff
from hp_tui.widgets.editor import ValueEditor
from hp_tui.widgets.frame import Panel
from hp_tui.widgets.lanes import LanesView
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.theme import DARK, LIGHT
from hp_tui.widgets.timeline import TimelineStrip
from hp_tui.widgets.topology import TopologyView
from hp_tui.widgets.tree import LazyTree
from hp_tui.widgets.values import Badge, Column, Lane, Link, Mark, Node, Row, TimelineItem, Tone, TreeItem

COLUMNS = (
    Column("mark", "", 1),
    Column("name", "INSTANCE", 16, grow=2),
    Column("health", "HEALTH", 14),
    Column("breaker", "BREAKER", 14, drop=1),
    Column("picks", "PICKS", 6, right=True, drop=2),
)


def _row(name: str, tone: Tone, glyph: str, health: str, breaker: str, picks: int) -> Row:
    bad = tone is Tone.BAD
    cells = {
        "mark": Badge(glyph, tone),
        "name": Badge(name, bold=bad),
        "health": Badge(health, tone),
        "breaker": Badge(breaker, tone if breaker != "CLOSED" else Tone.MUTED),
        "picks": Badge(str(picks), sort=picks),
    }
    return Row(name, cells)


ROWS = (
    Row("critic-agent", {"mark": Badge("critic-agent", bold=True)}, heading=True),
    _row("critic-agent-2", Tone.BAD, "✖", "critical 12s", "OPEN 0:47", 41),
    _row("critic-agent-1", Tone.GOOD, "●", "passing 4m", "CLOSED", 83),
    _row("critic-agent-3", Tone.WARN, "▲", "warning 9s", "HALF-OPEN", 82),
    Row("validator-agent", {"mark": Badge("validator-agent", bold=True)}, heading=True),
    _row("validator-agent-1", Tone.OFF, "◼", "maintenance 2h", "CLOSED", 0),
    _row("測試-агент-έξι-with-a-long-name", Tone.GOOD, "●", "passing 3d", "CLOSED", 7),
)
NODES = (
    Node("heart-pulse", "heart-pulse", (Tone.GOOD,), "1.0.0", Tone.GOOD),
    Node("aol-core", "aol-core", (Tone.GOOD, Tone.GOOD), "1.0.0", Tone.GOOD),
    Node("critic-agent", "critic-agent", (Tone.BAD, Tone.GOOD, Tone.WARN), "1.0.0", Tone.BAD),
    Node("validator-agent", "validator-agent", (Tone.OFF, Tone.GOOD), "1.1.0", Tone.GOOD),
)
LINKS = (
    Link("heart-pulse", "aol-core"),
    Link("aol-core", "critic-agent", "9/s 33%", Tone.BAD),
    Link("aol-core", "validator-agent", secure=True),
)
MARKS = (Mark.OK,) * 6 + (Mark.RETRIED,) * 3 + (Mark.FAILED,) * 2 + (Mark.REJECTED,) * 6
LANES = (
    Lane("1", "critic-agent-1", (Mark.OK,) * 17, "67 %"),
    Lane("2", "critic-agent-2", MARKS, "33 %", Tone.BAD),
)
ITEMS = (
    TreeItem("config/", "config/", 0, folder=True, open=True),
    TreeItem("config/aol-core/", "aol-core/", 1, folder=True),
    TreeItem("config/heart-pulse.json", "heart-pulse.json", 1, folder=False),
    TreeItem("secret/", "secret/", 0, folder=True, tone=Tone.BAD, note="refused: needs key:read"),
)
TIMELINE_ITEMS = (
    TimelineItem("1", "02:13:57", "critic-agent-2", 'passing → critical "connection refused"', Tone.BAD),
    TimelineItem("2", "02:13:59", "critic-agent-2", "breaker closed → open (5 × UNAVAILABLE)", Tone.BAD),
)


class Gallery(App[None]):
    """Every widget on one screen. ``l`` switches between dark and light."""

    CSS = """
    #upper, #lower { height: 1fr; }
    #left { width: 2fr; } #right { width: 3fr; }
    #tree { width: 2fr; } #values { width: 3fr; }
    DiffView { height: 7; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("l", "light", "light")]

    def __init__(self, light: bool = False) -> None:
        super().__init__()
        self._light = light

    def compose(self) -> ComposeResult:
        yield StatusHeader()
        with Horizontal(id="upper"):
            yield Panel(1, "Topology", TopologyView(), id="left")
            yield Panel(2, "Health & breakers", FleetTable(COLUMNS), id="right")
        with Horizontal(id="lower"):
            yield Panel(3, "Calls and tree", LanesView(), LazyTree(), id="tree")
            yield Panel(4, "Value", Vertical(DiffView(), ValueEditor()), id="values")
        yield TimelineStrip()
        yield KeyFooter()

    def on_mount(self) -> None:
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = LIGHT.name if self._light else DARK.name
        self.query_one(StatusHeader).set_parts(
            [
                Part("hp-tui", Tone.INFO, bold=True),
                Part("heart-pulse-dc1", drop=3),
                Part("✖1 ▲1", Tone.BAD, bold=True),
                Part("live 0.0s", Tone.GOOD, right=True),
                Part("02:14:09", Tone.MUTED, 2, right=True),
            ]
        )
        self.query_one(TopologyView).set_graph(NODES, LINKS)
        table = self.query_one("#right FleetTable", FleetTable)
        table.set_rows(ROWS)
        table.move_cursor("critic-agent-2")
        table.focus()
        self.query_one(LanesView).set_lanes(LANES)
        self.query_one(LazyTree).set_items(ITEMS)
        self.query_one(DiffView).set_lines("what changes", diff('{\n  "timeout": 60\n}\n', '{\n  "timeout": 90\n}\n'))
        editor = self.query_one(ValueEditor)
        editor.show("config/heart-pulse.json", '{\n  "threshold": 5,\n  "timeout": 90\n}\n', "json")
        editor.set_verdict("valid JSON · index 118")
        self.query_one(TimelineStrip).set_items(TIMELINE_ITEMS)
        self.query_one(KeyFooter).set_hints(
            [Hint("?", "help"), Hint("/", "filter"), Hint("c", "call"), Hint("q", "quit")]
        )

    def action_light(self) -> None:
        self.theme = DARK.name if self.theme == LIGHT.name else LIGHT.name


if __name__ == "__main__":
    Gallery().run()
