"""The call composer: what is typed is judged at once, fired as it stands, saved under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Select, TextArea

from hp_tui.console.actions.action import ActionId, Scope, footer
from hp_tui.console.actions.bindings import ActionBindings, bindings
from hp_tui.console.calls.form import CallForm
from hp_tui.console.calls.grpcurl import grpcurl
from hp_tui.console.calls.rows.composed import Form, FormError, check_json, verdict_line
from hp_tui.console.calls.saved_actions import SavedRequestActions
from hp_tui.console.messages import Copy, RunCommand
from hp_tui.console.shared.fleet_screen import FleetModal
from hp_tui.model.calls import BodyVerdict, CallSpec, SavedRequest
from hp_tui.model.commands import CheckBody, DescribeMethods, new_id
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.bars import Hint, KeyFooter
from hp_tui.widgets.escape import visible
from hp_tui.widgets.still import StillText
from hp_tui.widgets.values import Tone

TYPING_SETTLES = 0.12
"""Seconds without a key until the body is checked against its message."""


class ComposerScreen(ActionBindings, FleetModal[CallSpec]):
    """Returns the run to fire, None when closed.

    ``keep`` is handed what was typed, fired or not. ``note`` stands in the frame: why it was opened, if not asked for.
    """

    scope = Scope.COMPOSER
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.COMPOSER),
        Binding("ctrl+n", "app.focus_next", show=False),
    ]
    DEFAULT_CSS = """
    ComposerScreen { align: center middle; background: $background 60%; }
    ComposerScreen > Vertical {
        width: 90; max-width: 100%; height: 24; max-height: 100%; border: round $primary; background: $surface;
        padding: 0 1; border-title-color: $primary; border-title-style: bold;
        border-subtitle-color: $warning;
    }
    ComposerScreen #verdict { height: auto; max-height: 2; margin: 1 0 0 0; color: $foreground 60%; }
    ComposerScreen #verdict.-bad { color: $error; }
    ComposerScreen #verdict.-warn { color: $warning; }
    """

    def __init__(
        self, snapshot: FleetSnapshot, now: float, form: Form, keep: Callable[[Form], None], note: str = ""
    ) -> None:
        super().__init__(snapshot, now)
        self._note = note
        self._start = form
        self._keep = keep
        self._typed = form
        self._check_id = ""
        self._checked: tuple[str, str, str] | None = None
        self._checking: Timer | None = None
        self._shown: BodyVerdict | None = None
        self._saved_as = ""
        self._box = Vertical()
        self._does = SavedRequestActions(self, lambda: self.snapshot)

    def compose(self) -> ComposeResult:
        services = (name for name, view in self.snapshot.services.items() if not view.kind)
        self._box.border_title = "Compose calls"
        self._box.border_subtitle = Content(visible(self._note))
        with self._box:
            yield CallForm(self._start, services, self.snapshot.methods.get(self._start.service))
            yield StillText(id="verdict", markup=False)
            yield KeyFooter(indent=0)

    def on_mount(self) -> None:
        self._fields.body.focus()
        super().on_mount()
        self._changed()

    @property
    def _fields(self) -> CallForm:
        return self.query_one(CallForm)

    def repaint(self) -> None:
        if not self.query("#verdict"):
            return
        self._fields.offer(self.snapshot.methods.get(self._fields.service))
        self._judge()
        hints = [Hint(item.key, item.label) for item in footer(self.actions())]
        # Last, as it is what everybody tries anyway: at 80 columns there is no room for all.
        self.query_one(KeyFooter).set_hints([*hints, Hint("tab", "next")])

    # Judging.

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        if event.select.id == "service":
            if self._fields.service not in self.snapshot.methods:
                self.app.post_message(RunCommand(DescribeMethods(self._fields.service)))
            self.repaint()
        self._fields.prefill()
        self._changed()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._changed()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._changed()

    def _changed(self) -> None:
        """The fields are others now."""
        before, self._typed = self._typed, self._fields.form()
        if (before.service, before.method) != (self._typed.service, self._typed.method):
            self._shown = None
        self._judge()
        if self._asking() != self._checked:
            if self._checking is not None:
                self._checking.stop()
            self._checking = self.set_timer(TYPING_SETTLES, self._ask_check)

    def _asking(self) -> tuple[str, str, str]:
        """What a check of the body depends on."""
        return self._typed.service, self._typed.method, self._typed.body

    def _ask_check(self) -> None:
        try:
            check_json(self._typed.body)
        except FormError:
            return
        self._checked = self._asking()
        self._check_id = new_id("check")
        self.app.post_message(RunCommand(CheckBody(*self._checked, id=self._check_id)))

    def _verdict(self) -> BodyVerdict | None:
        """The answer on what stands there; while that is awaited, nothing."""
        verdict = self.snapshot.verdict
        asked = self._checked == self._asking() and verdict is not None and verdict.id == self._check_id
        return verdict if asked else None

    def _judge(self) -> None:
        self._shown = self._verdict() or self._shown  # the last word stands until the next one: no flicker
        said = verdict_line(self.snapshot, self._typed, self._shown)
        line = self.query_one("#verdict", StillText)
        line.set_class(said.tone is Tone.BAD, "-bad")
        line.set_class(said.tone is Tone.WARN, "-warn")
        line.update(said.text)

    # Doing.

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        return {
            ActionId.SAVE: self._fire,
            ActionId.SAVE_AS: self._save_as,
            ActionId.SAVED: self._open_saved,
            ActionId.COPY: self._copy,
            ActionId.BACK: self._close,
        }

    def _spec(self) -> CallSpec | None:
        """The run as composed; None where it does not fit, and the keys then go where there is something to mend."""
        self._typed = self._fields.form()
        try:
            spec = self._typed.spec()
        except FormError as error:
            self.query_one(f"#{error.field}").focus()
            return None
        verdict = self._verdict()
        if verdict is None or not verdict.error:
            return spec
        self._fields.body.focus()
        if verdict.line is not None:
            self._fields.body.move_cursor((verdict.line - 1, 0))
        return None

    def _fire(self) -> None:
        spec = self._spec()
        if spec is not None:
            self._keep(self._typed)
            self.dismiss(spec)

    def _save_as(self) -> None:
        try:
            spec = self._fields.form().spec(gaps=True)
        except FormError as error:
            self.query_one(f"#{error.field}").focus()
            return
        self._does.save_as(spec, self._saved_as)

    def _open_saved(self) -> None:
        from hp_tui.console.calls.saved_screen import SavedScreen

        def act(request: SavedRequest | None) -> None:
            if request is not None:
                self._saved_as = request.name
                self._box.border_title = Content(f"Compose calls: {visible(request.name)}")
                self._fields.fill(Form.of(request.spec))
                self.repaint()
                self._changed()

        self.app.push_screen(SavedScreen(self.snapshot, self.now), act)

    def _close(self) -> None:
        self._keep(self._fields.form())
        self.dismiss(None)

    def _copy(self) -> None:
        try:
            spec = self._fields.form().spec()
        except FormError:
            return
        self.app.post_message(Copy(grpcurl(spec, self.snapshot), "the grpcurl command"))
