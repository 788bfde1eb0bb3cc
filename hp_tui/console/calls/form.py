"""The composer's fields."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Select, Static

from hp_tui.console.calls.rows.composed import Form, skeleton
from hp_tui.model.calls import HEALTH_METHOD, MethodInfo, MethodKind, MethodsView
from hp_tui.widgets.codearea import CodeArea
from hp_tui.widgets.escape import visible

HEALTH = MethodInfo(HEALTH_METHOD, MethodKind.UNARY_UNARY, "HealthCheckRequest", "HealthCheckResponse")


class CallForm(Vertical):
    """Service, method, body, how many, how fast, how long, metadata: as typed, whether or not it fits."""

    DEFAULT_CSS = """
    CallForm { height: 1fr; }
    CallForm .field { height: 1; }
    CallForm .label { width: 11; color: $foreground 60%; }
    CallForm .next { width: 13; padding: 0 0 0 2; }
    CallForm Select { width: 1fr; background: $panel; }
    CallForm Select SelectCurrent { background: $panel; padding: 0 1; }
    CallForm Input, CallForm Input:focus { width: 1fr; border: none; height: 1; padding: 0 1; background: $panel; }
    CallForm CodeArea, CallForm CodeArea:focus {
        height: 1fr; border: none; padding: 0 1; background: $panel; margin: 1 0;
    }
    """

    def __init__(self, form: Form, services: Iterable[str], methods: MethodsView | None) -> None:
        super().__init__()
        self._start = form
        self._services = tuple(services)
        self._methods = methods
        self._replaceable = {"", "{}"}

    def compose(self) -> ComposeResult:
        form = self._start
        with Horizontal(classes="field"):
            yield Static("service", classes="label")
            services = self._service_options()
            yield Select(services, value=form.service, allow_blank=False, compact=True, id="service")
        with Horizontal(classes="field"):
            yield Static("method", classes="label")
            options = self._method_options(form.service, form.method)
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

    @property
    def service(self) -> str:
        return str(self.query_one("#service", Select).value)

    @property
    def method(self) -> str:
        return str(self.query_one("#method", Select).value)

    @property
    def body(self) -> CodeArea:
        return self.query_one("#body", CodeArea)

    def form(self) -> Form:
        """The fields as they stand."""
        count, rate, deadline, metadata = (
            self.query_one(f"#{name}", Input).value for name in ("count", "rate", "deadline", "metadata")
        )
        return Form(self.service, self.method, self.body.text, count, rate, deadline, metadata)

    def fill(self, form: Form) -> None:
        """Put other values into the fields; what stood in the body can be had back by undo."""
        self._start = form
        self._replaceable = {""}  # what was saved is meant, also when it is an empty message
        service, method = self.query_one("#service", Select), self.query_one("#method", Select)
        service.set_options(self._service_options())
        service.value = form.service
        self._methods = None  # the service's methods are offered when they are known
        method.set_options(self._method_options(form.service, form.method))
        method.value = form.method
        body = self.body
        body.replace(form.body, (0, 0), body.document.end)
        body.move_cursor((0, 0))
        for name in ("count", "rate", "deadline", "metadata"):
            self.query_one(f"#{name}", Input).value = getattr(form, name)

    def offer(self, methods: MethodsView | None) -> None:
        """Let the user choose among these methods of the service; the chosen one stays."""
        if methods is self._methods:
            return
        self._methods = methods
        select = self.query_one("#method", Select)
        chosen = self.method
        options = self._method_options(self.service, chosen)
        select.set_options(options)
        select.value = chosen if any(value == chosen for _, value in options) else options[0][1]

    def prefill(self) -> None:
        """The method's skeleton, unless the user has typed a body."""
        methods = self._methods.methods if self._methods else ()
        info = next((item for item in methods if item.name == self.method), None)
        if info is None or self.body.text.strip() not in self._replaceable:
            return
        body = skeleton(info)
        self._replaceable = {"", "{}", body.strip()}
        self.body.load_text(body)

    def _service_options(self) -> list[tuple[Content, str]]:
        names = [*self._services, *([] if self._start.service in self._services else [self._start.service])]
        return [(Content(visible(name)), name) for name in names]

    def _method_options(self, service: str, chosen: str) -> list[tuple[Content, str]]:
        """Methods to choose from; the chosen one is among them even while reflection has not answered."""
        methods = self._methods.methods if self._methods and self._methods.methods else (HEALTH,)
        options = [(Content(visible(item.name) + _kind(item)), item.name) for item in methods]
        if all(name != chosen for _, name in options) and service == self._start.service:
            options.insert(0, (Content(visible(chosen)), chosen))
        return options


def _kind(method: MethodInfo) -> str:
    return "" if method.kind is MethodKind.UNARY_UNARY else f"  ({method.kind.value})"
