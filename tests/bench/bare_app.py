"""A Textual app with as many panels as ours and nothing in them: what a first paint costs at least."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Grid
from textual.widgets import Static


class BareApp(App[None]):
    CSS = """
    #panels { grid-size: 2 2; height: 1fr; }
    #panels > Static { border: round $primary; height: 100%; }
    .line { height: 1; }
    """
    BINDINGS = [("q", "quit", "quit")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Static("bare", classes="line")
        with Grid(id="panels"):
            for number in range(1, 5):
                yield Static(f"panel {number}")
        yield Static("timeline", classes="line")
        yield Static("q quit", classes="line")


if __name__ == "__main__":
    BareApp().run()
