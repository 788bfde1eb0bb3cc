"""The call composer: service, method, body, how many, how fast, how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Select, Static, TextArea

from hp_tui.actions import Do, Scope, footer
from hp_tui.messages import Ask, Copy
from hp_tui.model.calls import HEALTH_METHOD, CallSpec, MethodInfo, MethodKind, MethodsView
from hp_tui.model.commands import DescribeMethods
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.present.compose import Form, FormError, skeleton
from hp_tui.present.runs import refusal
from hp_tui.screens.acting import Acting, bindings
from hp_tui.screens.fleet_screen import FleetModal
from widgets.bars import Hint, KeyFooter
from widgets.codearea import CodeArea
from widgets.escape import visible
from widgets.still import StillText

HEALTH = MethodInfo(HEALTH_METHOD, MethodKind.UNARY_UNARY, "HealthCheckRequest", "HealthCheckResponse")


class ComposerScreen(Acting, FleetModal[CallSpec]):
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
    ComposerScreen .field { height: 1; }
    ComposerScreen .label { width: 11; color: $foreground 60%; }
    ComposerScreen .next { width: 13; padding: 0 0 0 2; }
    ComposerScreen Select { width: 1fr; background: $panel; }
    ComposerScreen Select SelectCurrent { background: $panel; padding: 0 1; }
    ComposerScreen Input, ComposerScreen Input:focus {
        width: 1fr; border: none; height: 1; padding: 0 1; background: $panel;
    }
    ComposerScreen CodeArea, ComposerScreen CodeArea:focus {
        height: 1fr; border: none; padding: 0 1; background: $panel; margin: 1 0;
    }
    ComposerScreen #verdict { height: auto; max-height: 2; margin: 1 0 0 0; color: $foreground 60%; }
    ComposerScreen #verdict.-bad { color: $error; }
    """

    def __init__(
        self, snapshot: FleetSnapshot, now: float, form: Form, keep: Callable[[Form], None], note: str = ""
    ) -> None:
        super().__init__(snapshot, now)
        self._note = note
        self._start = form
        self._keep = keep
        self._prefilled = form.body if form.body.strip() in {"", "{}"} else ""
        self._methods: MethodsView | None = None

    def compose(self) -> ComposeResult:
        form = self._start
        services = [(Content(visible(name)), name) for name, view in self.snapshot.services.items() if not view.kind]
        if all(name != form.service for _, name in services):
            services.append((Content(visible(form.service)), form.service))
        box = Vertical()
        box.border_title = "Compose calls"
        box.border_subtitle = Content(visible(self._note))
        with box:
            with Horizontal(classes="field"):
                yield Static("service", classes="label")
                yield Select(services, value=form.service, allow_blank=False, compact=True, id="service")
            with Horizontal(classes="field"):
                yield Static("method", classes="label")
                options = self._options(form.service, form.method)
                yield Select(options, value=form.method, allow_blank=False, compact=True, id="method")
            body = CodeArea(form.body, id="body")
            body.set_format("json")
            yield body
            with Horizontal(classes="field"):
                yield Static("count", classes="label")
                yield Input(form.count, id="count", type="integer")
                yield Static("per second", classes="label next")
                yield Input(form.rate, id="rate", placeholder="0: in turn")
                yield Static("deadline s", classes="label next")
                yield Input(form.deadline, id="deadline")
            with Horizontal(classes="field"):
                yield Static("metadata", classes="label")
                yield Input(form.metadata, id="metadata", placeholder="key: value; key: value")
            yield StillText(id="verdict", markup=False)
            yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#body", CodeArea).focus()
        super().on_mount()

    @property
    def service(self) -> str:
        return str(self.query_one("#service", Select).value)

    @property
    def method(self) -> str:
        return str(self.query_one("#method", Select).value)

    def repaint(self) -> None:
        if not self.query("#verdict"):
            return
        view = self.snapshot.methods.get(self.service)
        if view is not self._methods:
            self._methods = view
            select = self.query_one("#method", Select)
            chosen = self.method
            options = self._options(self.service, chosen)
            select.set_options(options)
            select.value = chosen if any(value == chosen for _, value in options) else options[0][1]
        self._judge()
        self.query_one(KeyFooter).set_hints(
            [*(Hint(item.key, item.label) for item in footer(self.actions())), Hint("tab", "next field")]
        )

    def _options(self, service: str, chosen: str) -> list[tuple[Content, str]]:
        """Methods to choose from; the chosen one is among them even while reflection has not answered."""
        view = self.snapshot.methods.get(service)
        methods = view.methods if view and view.methods else (HEALTH,)
        options = [(Content(visible(item.name) + _kind(item)), item.name) for item in methods]
        if all(name != chosen for _, name in options) and service == self._start.service:
            options.insert(0, (Content(visible(chosen)), chosen))
        return options

    def _info(self) -> MethodInfo | None:
        methods = self._methods.methods if self._methods else ()
        return next((item for item in methods if item.name == self.method), None)

    def on_select_changed(self, event: Select.Changed) -> None:
        event.stop()
        if event.select.id == "service":
            if self.service not in self.snapshot.methods:
                self.app.post_message(Ask(DescribeMethods(self.service)))
            self.repaint()
        self._prefill()

    def _prefill(self) -> None:
        """The method's skeleton, unless the user has typed a body."""
        info = self._info()
        body = self.query_one("#body", CodeArea)
        if info is None or body.text.strip() not in {"", "{}", self._prefilled.strip()}:
            return
        self._prefilled = skeleton(info)
        body.load_text(self._prefilled)
        self._judge()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._judge()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._judge()

    def _form(self) -> Form:
        """The fields as they stand."""

        def value(name: str) -> str:
            return self.query_one(f"#{name}", Input).value

        return Form(
            self.service,
            self.method,
            self.query_one("#body", CodeArea).text,
            count=value("count"),
            rate=value("rate"),
            deadline=value("deadline"),
            metadata=value("metadata"),
        )

    def _judge(self) -> None:
        line = self.query_one("#verdict", StillText)
        try:
            wrong = refusal(self.snapshot.runs, self._form().spec())
        except FormError as error:
            wrong = str(error)
        line.set_class(bool(wrong), "-bad")
        if wrong:
            line.update(visible(wrong))
            return
        view, info = self._methods, self._info()
        if view is None or view.loading:
            line.update(f"asking {visible(self.service)} for its methods…")
        else:
            types = f"{info.input_type} → {info.output_type}" if info else ""
            line.update(visible(view.note or types))

    def deeds(self) -> Mapping[Do, Callable[[], None]]:
        return {Do.SAVE: self._fire, Do.COPY: self._copy, Do.BACK: self._close}

    def _fire(self) -> None:
        form = self._form()
        try:
            spec = form.spec()
        except FormError as error:
            self.query_one(f"#{error.field}").focus()
            return
        self._keep(form)
        self.dismiss(spec)

    def _close(self) -> None:
        self._keep(self._form())
        self.dismiss(None)

    def _copy(self) -> None:
        from hp_tui.calls.grpcurl import as_grpcurl

        try:
            spec = self._form().spec()
        except FormError:
            return
        view = self.snapshot.services.get(spec.service)
        instances = sorted(view.instances or (), key=lambda item: item.health.rank) if view else ()
        address = instances[0].instance.endpoint if instances else "HOST:PORT"
        self.app.post_message(Copy(as_grpcurl(spec, address), "the grpcurl command"))


def _kind(method: MethodInfo) -> str:
    return "" if method.kind is MethodKind.UNARY_UNARY else f"  ({method.kind.value})"
