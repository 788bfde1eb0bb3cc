"""What can be done to an instance, each with the dialog that names what will happen."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from hp_tui.messages import Ask, Copy
from hp_tui.model.balancing import BreakerState
from hp_tui.model.commands import (
    Chaos,
    ChaosKind,
    Command,
    Deregister,
    ReleaseBreaker,
    ResetBreaker,
    SetMaintenance,
    TripBreaker,
)
from hp_tui.model.fleet import InstanceView
from hp_tui.model.health import Health
from hp_tui.present import shell
from hp_tui.present.text import first_line
from hp_tui.present.tones import breaker_badge
from widgets.dialog import Choice, ChoiceDialog, ConfirmDialog, PromptDialog
from widgets.values import Tone

CHAOS = (
    Choice(ChaosKind.KILL, "kill", "k", "SIGKILL: no goodbye", Tone.BAD),
    Choice(ChaosKind.STOP, "stop", "s", "SIGTERM: it drains and deregisters"),
    Choice(ChaosKind.RESTART, "restart", "r", "start it again"),
    Choice(ChaosKind.SLOW, "slow down", "l", "every call takes longer"),
    Choice(ChaosKind.FAIL, "fail", "f", "every call ends UNAVAILABLE"),
    Choice(ChaosKind.HEAL, "heal", "h", "no fault any more"),
)


class InstanceDeeds:
    """Dialogs on behalf of ``screen``; what the user settles on is posted there as :class:`Ask` or :class:`Copy`."""

    def __init__(self, screen: Screen[None], address: Callable[[], str], now: Callable[[], float]) -> None:
        self._screen = screen
        self._address = address
        self._now = now

    def breaker(self, view: InstanceView) -> None:
        """Reset, trip, release."""
        service, name = view.instance.service, view.id
        breaker = view.endpoint.breaker if view.endpoint else None
        choices = [
            Choice("reset", "reset", "r", "closed at once; its failures are forgotten"),
            Choice("trip", "trip", "t", "no traffic from this console until released"),
        ]
        if breaker is not None and breaker.forced is not None:
            choices.append(Choice("release", "release", "l", f"back to the computed state: {breaker.computed.value}"))
        state = breaker_badge(view.endpoint, self._now()).text if breaker else "no call was fired at it from here yet"
        because = (
            f" ({breaker.reason})" if breaker and breaker.reason and breaker.state is not BreakerState.CLOSED else ""
        )

        def act(choice: str | None) -> None:
            if choice == "reset":
                self._ask(ResetBreaker(service, name))
            elif choice == "release":
                self._ask(ReleaseBreaker(service, name))
            elif choice == "trip":
                self._trip(service, name)

        note = f"{state}{because}\nThis console's own breaker; those of other clients are theirs.\n"
        self._screen.app.push_screen(ChoiceDialog(f"Breaker of {name}", choices, note=note), act)

    def _trip(self, service: str, name: str) -> None:
        def act(reason: str | None) -> None:
            if reason is not None:
                self._ask(TripBreaker(service, name, reason.strip() or "by hand"))

        question = f"Calls from this console will not go to {name} until its breaker is released. Why?"
        self._screen.app.push_screen(PromptDialog(f"Trip the breaker of {name}", question, "by hand"), act)

    def maintenance(self, view: InstanceView) -> None:
        """On with a reason, or off."""
        instance, name = view.instance, view.id
        if view.health is Health.MAINTENANCE:
            lines = [
                f"{name} ({instance.endpoint}) goes back to what its checks say, and to those who ask Consul for it.",
                "",
                shell.maintenance(instance, self._address(), enabled=False),
            ]

            def off(yes: bool | None) -> None:
                if yes:
                    self._ask(SetMaintenance(instance.service, name, enabled=False))

            self._screen.app.push_screen(ConfirmDialog("End maintenance", lines, "end it", danger=False), off)
            return

        def on(reason: str | None) -> None:
            if reason is not None:
                self._ask(SetMaintenance(instance.service, name, enabled=True, reason=reason.strip()))

        question = (
            f"{name} ({instance.endpoint}) stays registered, and leaves the rotation of everybody who asks Consul, "
            "until maintenance is ended. Reason, for those who wonder:"
        )
        self._screen.app.push_screen(PromptDialog(f"Maintenance of {name}", question, placeholder="rollout 1.2"), on)

    def deregister(self, view: InstanceView) -> None:
        """With a preview of exactly what goes."""
        instance = view.instance
        lines = [
            f"Deregister  {instance.id}",
            f"  service   {instance.service}",
            f"  address   {instance.endpoint}",
            f"  on agent  {instance.node}",
            "",
            "Nobody will find it through Consul. Its process is not stopped.",
            (
                f"It comes back when the agent of {instance.node} still has it, or when the service registers itself again "
                "(services built on hp-tui do so within a minute): to take it out for a while, use maintenance (m)."
            ),
            "",
            shell.deregister(instance, self._address()),
        ]

        def act(yes: bool | None) -> None:
            if yes:
                self._ask(Deregister(instance.service, instance.id))

        self._screen.app.push_screen(ConfirmDialog(f"Deregister {instance.id}?", lines, "deregister"), act)

    def copy(self, view: InstanceView) -> None:
        """The id, the address, a check's output, or a command."""
        instance = view.instance
        failing = max(instance.checks, key=lambda check: check.status.rank, default=None)
        texts = {
            "id": instance.id,
            "address": instance.endpoint,
            "output": failing.output if failing else "",
            "health": shell.show_service(instance.service, self._address()),
            "maint": shell.maintenance(instance, self._address(), enabled=True, reason="…"),
            "deregister": shell.deregister(instance, self._address()),
        }
        labels = {"id": "its id", "address": "its address", "output": "output of its worst check"}
        self._copy(f"Copy of {instance.id}", texts, labels)

    def chaos(self, view: InstanceView) -> None:
        """Break or mend it; the demo's own fleet only."""

        def act(kind: str | None) -> None:
            if kind is not None:
                self._ask(Chaos(ChaosKind(kind), view.id))

        note = f"{view.id} ({view.instance.endpoint}), a process of this demo.\n"
        self._screen.app.push_screen(ChoiceDialog(f"Chaos: {view.id}", CHAOS, note=note, danger=True), act)

    def _copy(self, title: str, texts: dict[str, str], labels: dict[str, str]) -> None:
        copy_one_of(self._screen, title, texts, labels)

    def _ask(self, command: Command) -> None:
        self._screen.app.post_message(Ask(command))


def copy_one_of(screen: Screen[None], title: str, texts: dict[str, str], labels: dict[str, str]) -> None:
    """A menu of what can be copied: ``texts`` by name, empty ones left out; commands show themselves."""
    choices = [
        Choice(name, labels.get(name, "command"), name[0], first_line(text)) for name, text in texts.items() if text
    ]

    def act(name: str | None) -> None:
        if name is not None:
            screen.app.post_message(Copy(texts[name], labels.get(name, "the command")))

    screen.app.push_screen(ChoiceDialog(title, choices), act)
