"""Widgets by themselves in an App: what is drawn, what keys post, and how much work a large content makes."""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, OptionList

from hp_tui.widgets.bars import Hint, KeyFooter, Part, StatusHeader
from hp_tui.widgets.choice import Choice, ChoiceDialog
from hp_tui.widgets.codearea import HIGHLIGHT_LIMIT
from hp_tui.widgets.dialog import ConfirmDialog, PromptDialog, TextDialog
from hp_tui.widgets.diffview import DiffView, diff
from hp_tui.widgets.editor import ValueEditor
from hp_tui.widgets.lanes import LanesView
from hp_tui.widgets.still import StillText
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.timeline import TimelineView
from hp_tui.widgets.topology import TopologyView
from hp_tui.widgets.tree import LazyTree
from hp_tui.widgets.values import Badge, Column, Lane, Link, Mark, Node, Row, TimelineItem, Tone, TreeItem

MANY = 10_000
COLUMNS = (Column("name", "NAME", 10, grow=1), Column("picks", "PICKS", 6, right=True, drop=1))


class Alone(App[None]):
    """One widget; the messages it posted."""

    def __init__(self, widget: Widget | None = None) -> None:
        super().__init__()
        self.widget = widget
        self.posted: list[Message] = []

    def compose(self) -> ComposeResult:
        if self.widget is not None:
            yield self.widget

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        self.posted.append(event)

    def on_fleet_table_row_selected(self, event: FleetTable.RowSelected) -> None:
        self.posted.append(event)

    def on_lazy_tree_opened(self, event: LazyTree.Opened) -> None:
        self.posted.append(event)

    def on_lazy_tree_closed(self, event: LazyTree.Closed) -> None:
        self.posted.append(event)

    def on_lazy_tree_selected(self, event: LazyTree.Selected) -> None:
        self.posted.append(event)

    def on_value_editor_changed(self, event: ValueEditor.Changed) -> None:
        self.posted.append(event)

    def on_topology_view_node_selected(self, event: TopologyView.NodeSelected) -> None:
        self.posted.append(event)

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())


def rows(count: int, picks: int = 0) -> list[Row]:
    return [
        Row(f"row-{number}", {"name": Badge(f"name {number}"), "picks": Badge(str(picks + number))})
        for number in range(count)
    ]


async def settle(pilot: Pilot[Any]) -> None:
    for _ in range(3):
        await pilot.pause()


@contextmanager
def counted(table: FleetTable) -> Iterator[list[str]]:
    """The keys of the rows drawn meanwhile."""
    drawn: list[str] = []
    original = table._row_line

    def count(row: Row, *rest: Any) -> Any:
        drawn.append(row.key)
        return original(row, *rest)

    table._row_line = count  # type: ignore[method-assign]
    yield drawn
    table._row_line = original  # type: ignore[method-assign]


# The table.


async def test_of_ten_thousand_rows_only_those_on_screen_are_drawn() -> None:
    table = FleetTable(COLUMNS)
    async with Alone(table).run_test(size=(80, 24)) as pilot:
        with counted(table) as drawn:
            table.set_rows(rows(MANY))
            await settle(pilot)
        assert len(set(drawn)) == 23
        assert len(drawn) <= 23 * 4, "a few paints of one screen, never of the whole"
        with counted(table) as drawn:
            table.focus()
            await pilot.press("end")
            await settle(pilot)
        assert "row-9999" in drawn
        assert len(set(drawn)) < 60
        assert "name 9999" in pilot.app.text


async def test_a_refresh_draws_the_rows_that_changed_and_are_in_sight() -> None:
    table = FleetTable(COLUMNS)
    async with Alone(table).run_test(size=(80, 24)) as pilot:
        old = rows(MANY)
        table.set_rows(old)
        await settle(pilot)
        new = [*old]
        new[3] = Row("row-3", {"name": Badge("changed")})
        new[5000] = Row("row-5000", {"name": Badge("out of sight")})
        with counted(table) as drawn:
            table.set_rows(new)
            await settle(pilot)
        assert set(drawn) == {"row-3"}
        with counted(table) as drawn:
            table.set_rows(list(new))
            await settle(pilot)
        assert drawn == [], "the same picture again costs nothing"


async def test_rows_that_come_and_go_out_of_sight_draw_nothing_that_stays_where_it_is() -> None:
    table = FleetTable(COLUMNS)
    async with Alone(table).run_test(size=(80, 24)) as pilot:
        table.set_rows(rows(MANY))
        table.focus()
        table.move_cursor("row-500")
        await settle(pilot)
        more = [Row(f"new-{number}", {"name": Badge(f"new {number}")}) for number in range(7)]
        with counted(table) as drawn:
            table.set_rows([*more, *rows(MANY)])
            await settle(pilot)
        assert drawn == [], "the cursor stayed on its line, and so did all around it"
        assert "name 500" in pilot.app.text
        assert "new 0" not in pilot.app.text
        with counted(table) as drawn:
            await pilot.press("k")
            await settle(pilot)
        assert set(drawn) == {"row-500", "row-499"}


async def test_what_somebody_else_had_painted_is_known_too() -> None:
    """A row that changes while all is painted for another reason, and back, is painted twice."""
    table = FleetTable(COLUMNS)
    async with Alone(table).run_test(size=(80, 24)) as pilot:
        old = rows(5)
        table.set_rows(old)
        await settle(pilot)
        table.refresh()
        table.set_rows([Row("row-0", {"name": Badge("another")}), *old[1:]])
        await settle(pilot)
        assert "another" in pilot.app.text
        table.set_rows(old)
        await settle(pilot)
        assert "another" not in pilot.app.text


async def test_the_cursor_passes_over_headings_and_stops_at_the_ends() -> None:
    table = FleetTable(COLUMNS)
    head = Row("h", {"name": Badge("group")}, heading=True)
    other = Row("h2", {"name": Badge("group")}, heading=True)
    async with Alone(table).run_test(size=(40, 10)) as pilot:
        table.set_rows([head, *rows(1), other, *rows(3)[1:]])
        table.focus()
        await settle(pilot)
        assert table.cursor_key == "row-0"
        await pilot.press("up")
        assert table.cursor_key == "row-0"
        await pilot.press("j")
        assert table.cursor_key == "row-1"
        await pilot.press("down", "down", "down")
        assert table.cursor_key == "row-2"
        await pilot.press("g")
        assert table.cursor_key == "row-0"
        await pilot.press("G")
        assert table.cursor_key == "row-2"


def groups(names: Sequence[int], opened: Container[int]) -> list[Row]:
    """Groups of three, or a row each where they are closed: as services with and without their instances."""
    shown: list[Row] = []
    for name in names:
        cells = {"name": Badge(f"group {name}")}
        shown.append(Row(f"g{name}", cells, group=str(name), heading=name in opened))
        if name in opened:
            shown += [Row(f"g{name}-{n}", {"name": Badge(f"row {name}-{n}")}, group=str(name)) for n in range(3)]
    return shown


async def test_a_group_that_opens_under_the_cursor_keeps_it_and_one_that_closes_too() -> None:
    table = FleetTable(COLUMNS)
    async with Alone(table).run_test(size=(40, 10)) as pilot:
        table.set_rows(groups(range(5), ()))
        table.focus()
        table.move_cursor("g2")
        table.set_rows(groups(range(5), (2,)))
        await settle(pilot)
        assert table.cursor_key == "g2-0"
        table.set_rows(groups(range(5), ()))
        await settle(pilot)
        assert table.cursor_key == "g2"


async def test_whatever_moves_the_cursor_stays_in_sight() -> None:
    chance = random.Random(4)
    table = FleetTable(COLUMNS)
    async with Alone(table).run_test(size=(40, 12)) as pilot:
        table.focus()
        for _ in range(60):
            for _ in range(chance.choice([1, 2])):  # the next picture may come before the layout of this one
                table.set_rows(groups(chance.sample(range(40), 40), chance.sample(range(40), 15)))
                table.action_move(chance.choice([0, 1, -1, 5]))
            await settle(pilot)
            number = table.cursor_row()
            assert number is not None
            assert not table.rows[number].heading
            assert table.rows[number] in table.visible_rows()


async def test_select_mark_and_click() -> None:
    table = FleetTable(COLUMNS)
    app = Alone(table)
    async with app.run_test(size=(40, 10)) as pilot:
        table.set_rows(rows(5))
        table.focus()
        await pilot.press("enter")
        await settle(pilot)
        assert [type(event).__name__ for event in app.posted[-1:]] == ["RowSelected"]
        await pilot.click(FleetTable, offset=(2, 3))
        assert table.cursor_key == "row-2"
        await pilot.click(FleetTable, offset=(2, 3))
        await settle(pilot)
        assert type(app.posted[-1]) is FleetTable.RowSelected
        count = len(app.posted)
        await pilot.click(FleetTable, offset=(2, 0))
        await pilot.click(FleetTable, offset=(2, 9))
        assert len(app.posted) == count, "neither the head nor the void is a row"


async def test_an_empty_table_says_why() -> None:
    table = FleetTable(COLUMNS, empty="nothing here yet")
    async with Alone(table).run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        assert "nothing here yet" in pilot.app.text
        await pilot.press("enter", "down", "up", "pagedown", "home", "end")
        table.set_rows(rows(1))
        await settle(pilot)
        assert "nothing here yet" not in pilot.app.text


async def test_columns_leave_when_it_gets_narrow_and_come_back() -> None:
    table = FleetTable(COLUMNS)
    async with Alone(table).run_test(size=(40, 10)) as pilot:
        table.set_rows(rows(3))
        await settle(pilot)
        assert "PICKS" in pilot.app.text
        await pilot.resize_terminal(14, 10)
        await settle(pilot)
        assert "PICKS" not in pilot.app.text
        await pilot.resize_terminal(60, 10)
        await settle(pilot)
        assert "PICKS" in pilot.app.text


# Tree and timeline.

ITEMS = (
    TreeItem("a/", "a/", 0, folder=True, open=True),
    TreeItem("a/b", "b", 1, folder=False),
    TreeItem("c/", "c/", 0, folder=True),
    TreeItem("d", "d", 0, folder=False),
)


async def test_the_tree_asks_to_open_and_close_and_never_loads_by_itself() -> None:
    tree = LazyTree()
    app = Alone(tree)
    async with app.run_test(size=(40, 10)) as pilot:
        tree.set_items(ITEMS)
        tree.focus()
        await pilot.press("down", "left")
        assert tree.path == "a/", "from a leaf to its folder"
        await pilot.press("left", "end", "enter", "up", "right", "l")
        await settle(pilot)
        said = [(type(event).__name__, event.path) for event in app.posted if isinstance(event, LazyTree.Opened)]
        assert said == [("Closed", "a/"), ("Selected", "d"), ("Opened", "c/"), ("Opened", "c/")]
        assert len(tree.rows) == 4, "what is shown is the caller's to say"


async def test_the_timeline_is_newest_first_and_knows_its_items() -> None:
    view = TimelineView()
    async with Alone(view).run_test(size=(80, 10)) as pilot:
        view.set_items(
            [TimelineItem(str(number), "02:00:00", f"s{number}", "text", target=f"t{number}") for number in range(3)]
        )
        await settle(pilot)
        assert [row.key for row in view.rows] == ["2", "1", "0"]
        found = view.item("1")
        assert found is not None
        assert found.target == "t1"
        assert view.item("none") is None


# Lanes.


async def test_lanes_show_the_newest_marks_that_fit() -> None:
    lanes = LanesView()
    async with Alone(lanes).run_test(size=(20, 4)) as pilot:
        lanes.set_lanes(
            [Lane("1", "-1", (Mark.OK,) * 50 + (Mark.FAILED,), "67 %"), Lane("2", "-2", (Mark.REJECTED,), "<1 %")]
        )
        await settle(pilot)
        first, second = pilot.app.text.splitlines()[:2]
        assert first.startswith("-1 ●")
        assert first.rstrip().endswith("× 67 %")
        assert "⊘" in second
        assert len(first) == len(second) == 20


# The topology as something to walk in.


async def test_arrows_follow_calls_and_enter_chooses() -> None:
    view = TopologyView()
    app = Alone(view)
    nodes = [Node(name, name, (Tone.GOOD,)) for name in ("a", "b", "c")]
    async with app.run_test(size=(100, 30)) as pilot:
        view.set_graph(nodes, [Link("a", "b"), Link("b", "c")])
        view.focus()
        await settle(pilot)
        assert view.cursor == "a"
        forth, back = ("down", "up") if view._graph_layout.picture.downward else ("right", "left")
        await pilot.press(forth, forth, forth)
        assert view.cursor == "c"
        await pilot.press(back, "enter")
        await settle(pilot)
        assert view.cursor == "b"
        assert app.posted[-1].node_id == "b"


async def test_too_small_for_boxes_it_is_a_list_to_walk_in() -> None:
    view = TopologyView()
    async with Alone(view).run_test(size=(30, 6)) as pilot:
        view.set_graph([Node(name, f"service-{name}") for name in "abc"], [Link("a", "b")])
        view.focus()
        await settle(pilot)
        assert "service-a" in pilot.app.text
        assert "─▶ service-b" in pilot.app.text
        await pilot.press("down", "down", "down")
        assert view.cursor == "c"
        view.set_graph([], [])
        await settle(pilot)
        await pilot.press("down", "enter", "left")
        assert view.cursor == ""


# The editor.


async def test_a_megabyte_is_pasted_whole_and_keys_go_on() -> None:
    editor = ValueEditor()
    app = Alone(editor)
    text = "\n".join(f'"key {number}": "{"x" * 80}",' for number in range(11_000))
    assert len(text) > 1_000_000
    async with app.run_test(size=(80, 24)) as pilot:
        editor.show("k", "", "json")
        editor.edit()
        await settle(pilot)
        app.post_message(events.Paste(text))
        await settle(pilot)
        assert editor.text == text
        assert len(text) > HIGHLIGHT_LIMIT, "so it is not coloured"
        await pilot.press("q", "backspace", "x")
        assert editor.text == text + "x"
        await settle(pilot)
        assert app.posted[-1].text == text + "x"


async def test_showing_never_overwrites_an_edit() -> None:
    editor = ValueEditor()
    async with Alone(editor).run_test(size=(80, 24)) as pilot:
        assert editor.show("k", "stored", "")
        editor.edit("draft")
        await settle(pilot)
        assert not editor.show("k", "newer", "")
        assert editor.text == "draft"
        editor.leave()
        assert editor.show("k", "newer", "")
        await pilot.press("x")
        assert editor.text == "newer", "what is only shown cannot be typed into"


async def test_a_value_is_coloured_by_its_format_with_odd_characters_in_place() -> None:
    editor = ValueEditor()
    async with Alone(editor).run_test(size=(60, 10)) as pilot:
        editor.show("k", '{\r"ä\x1b": "評",\n "b": 12}\n', "json")
        await settle(pilot)
        lines = {number: list(found) for number, found in editor.area._highlights.items() if found}
        assert set(lines) <= {0, 1}
        assert any(name == "number" and (start, end) == (6, 8) for start, end, name in lines[1])
        assert '{␍"ä␛": "評",' in pilot.app.text


# Dialogs.


async def answer(dialog: Any, *keys: str, app: Alone | None = None) -> list[Any]:
    """What the dialog gives back for these keys; empty while it is open."""
    got: list[Any] = []
    app = app or Alone()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(dialog, got.append)
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)
    return got


@pytest.mark.parametrize(
    ("keys", "got"),
    [(["enter"], [True]), (["y"], [True]), (["n"], [False]), (["escape"], [False]), (["x", "space"], [])],
)
async def test_a_confirmation_needs_its_own_keys(keys: list[str], got: list[bool]) -> None:
    assert await answer(ConfirmDialog("Delete?", ["one", "two"]), *keys) == got


async def test_a_prompt_gives_what_was_typed_and_nothing_when_left() -> None:
    assert await answer(PromptDialog("T", "why?", "by "), "end", *"hand", "enter") == ["by hand"]
    assert await answer(PromptDialog("T", "why?", "by hand"), "escape") == [None]


async def test_a_secret_is_not_shown() -> None:
    app = Alone()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(PromptDialog("Token", "?", secret=True))
        await settle(pilot)
        await pilot.press(*"hunter2")
        assert app.screen.query_one(Input).value == "hunter2"
        assert "hunter2" not in app.text


CHOICES = (Choice("a", "first", "f", "note"), Choice("b", "second", "s"), Choice("c", "third"))


@pytest.mark.parametrize(
    ("keys", "got"),
    [
        (["s"], ["b"]),
        (["enter"], ["a"]),
        (["down", "enter"], ["b"]),
        (["j", "j", "k", "enter"], ["b"]),
        (["escape"], [None]),
    ],
)
async def test_a_choice_by_its_key_or_by_walking(keys: list[str], got: list[str]) -> None:
    assert await answer(ChoiceDialog("Which?", CHOICES, note="of three"), *keys) == got


async def test_a_choice_shows_brackets_as_they_are() -> None:
    app = Alone()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ChoiceDialog("[red]T[/red]", [Choice("a", "[bold]x", "k", "[/]")], note="[u]n"))
        await settle(pilot)
        for text in ("[red]T[/red]", "[bold]x", "[/]", "[u]n"):
            assert text in app.text
        assert app.screen.query_one(OptionList).has_focus


async def test_a_megabyte_of_text_opens_and_closes() -> None:
    assert await answer(TextDialog("Output", "line [red]\x1b\n" * 80_000), "end", "q") == [None]


# Lines and differences.


async def test_a_difference_scrolls_and_shows_what_it_is_called() -> None:
    view = DiffView("what changes", diff("a\n" * 50, "b\n" * 50))
    async with Alone(view).run_test(size=(40, 10)) as pilot:
        await settle(pilot)
        assert "what changes" in pilot.app.text
        assert view.virtual_size == Size(5, 101)
        view.focus()
        await pilot.press("end")
        await settle(pilot)
        assert "+ b" in pilot.app.text


@pytest.mark.parametrize("width", [1, 5, 20, 60, 200])
async def test_bars_have_exactly_the_width_of_the_screen(width: int) -> None:
    header = StatusHeader()
    async with Alone(header).run_test(size=(width, 4)) as pilot:
        header.set_parts([Part("評論家" * 3, drop=1), Part("name", bold=True), Part("right", right=True)])
        await settle(pilot)
        assert header.render_line(0).cell_length == width


async def test_the_footer_drops_what_is_least_needed() -> None:
    footer = KeyFooter()
    async with Alone(footer).run_test(size=(20, 4)) as pilot:
        footer.set_hints([Hint("?", "help"), Hint("q", "quit"), Hint("x", "a long label of little use")])
        await settle(pilot)
        assert "? help" in pilot.app.text
        assert "little" not in pilot.app.text


class CountingText(StillText):
    painted = 0

    def render_line(self, y: int) -> Strip:
        self.painted += 1
        return super().render_line(y)


@pytest.mark.parametrize(
    ("content", "painted", "height"),
    [("12 s ago", False, 1), ("13 s ago", True, 1), ("13 s ago\nand more", True, 2)],
    ids=["the same", "another", "taller"],
)
async def test_a_still_text_is_painted_for_another_content_and_grows_with_it(
    content: str, painted: bool, height: int
) -> None:
    text = CountingText("", markup=False)
    text.styles.height = "auto"
    async with Alone(text).run_test(size=(40, 10)) as pilot:
        text.update("12 s ago")
        await pilot.pause()
        before = text.painted
        text.update(content)
        await pilot.pause()
        assert (text.painted > before) is painted
        assert text.size.height == height
        assert str(text.content) == content


# The topology again.


async def test_laid_out_anew_the_box_under_the_cursor_stays_where_it_is_on_the_screen() -> None:
    view = TopologyView()
    names = [f"service-{number:02d}" for number in range(30)]
    links = [Link(names[number // 3], names[number]) for number in range(1, 30)]
    async with Alone(view).run_test(size=(60, 16)) as pilot:
        view.set_graph([Node(name, name) for name in names], links)
        view.focus()
        await settle(pilot)
        view.move_cursor("service-06")
        await settle(pilot)

        def place() -> tuple[float, float]:
            box = view._graph_layout.picture.boxes["service-06"]
            return box.x - view.scroll_x, box.y - view.scroll_y

        before, there = place(), view._graph_layout.picture.boxes["service-06"]
        more = [f"a-new-{number}" for number in range(4)]
        view.set_graph(
            [Node(name, name) for name in [*more, *names]], [*(Link("service-01", name) for name in more), *links]
        )
        await settle(pilot)
        assert view._graph_layout.picture.boxes["service-06"] != there, "it was laid out anew"
        assert place() == before


async def test_the_cursor_begins_on_what_is_red_else_on_a_caller_that_nobody_calls() -> None:
    view = TopologyView()
    async with Alone(view).run_test(size=(100, 30)) as pilot:
        view.set_graph([Node(name, name) for name in "abcd"], [])
        await settle(pilot)
        assert view.cursor == "a"
        links = [Link("c", "b"), Link("b", "d")]
        pilot.app.set_focus(None)
        await settle(pilot)
        view.set_graph([Node(name, name) for name in "abcd"], links)
        assert view.cursor == "c", "nobody has put it anywhere yet"
        view.set_graph([Node(name, name, tone=Tone.BAD if name == "d" else Tone.GOOD) for name in "abcd"], links)
        assert view.cursor == "d"
        view.move_cursor("b")
        view.set_graph([Node(name, name, tone=Tone.BAD if name == "a" else Tone.GOOD) for name in "abcd"], links)
        assert view.cursor == "b"
