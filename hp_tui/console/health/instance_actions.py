"""What can be done to one instance, each with the dialog that names what will happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.screen import Screen

from hp_tui.console.messages import Copy, RunCommand
from hp_tui.console.shared.rows import shell
from hp_tui.console.shared.rows.ownership import ActionPreview, deregistering, maintaining
from hp_tui.console.shared.rows.styles import breaker_badge
from hp_tui.console.shared.rows.text import first_line
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
from hp_tui.model.fleet import FleetSnapshot, InstanceView
from hp_tui.model.health import Health
from hp_tui.widgets.choice import Choice, ChoiceDialog
from hp_tui.widgets.dialog import ConfirmDialog, PromptDialog
from hp_tui.widgets.values import Tone

CHAOS = (
    Choice(ChaosKind.KILL, "kill", "k", "SIGKILL: no goodbye", Tone.BAD),
    Choice(ChaosKind.STOP, "stop", "s", "SIGTERM: it drains and deregisters"),
    Choice(ChaosKind.RESTART, "restart", "r", "start it again"),
    Choice(ChaosKind.SLOW, "slow down", "l", "every call takes longer"),
    Choice(ChaosKind.FAIL, "fail", "f", "every call ends UNAVAILABLE"),
    Choice(ChaosKind.HEAL, "heal", "h", "no fault any more"),
)
BREAKER_RESET = Choice("reset", "reset", "r", "closed at once; its failures are forgotten")
BREAKER_TRIP = Choice("trip", "trip", "t", "no traffic from this console until released")
OURS = "This console's own breaker; those of other clients are theirs."


class InstanceActions:
    """Dialogs on behalf of ``screen``; what the user settles on is posted there as :class:`RunCommand` or :class:`Copy`."""

    def __init__(self, screen: Screen[None], snapshot: Callable[[], FleetSnapshot], now: Callable[[], float]) -> None:
        self._screen = screen
        self._snapshot = snapshot
        self._now = now

    def breaker(self, view: InstanceView) -> None:
        """Reset, trip, release."""
        service, name = view.instance.service, view.id
        breaker = view.endpoint.breaker if view.endpoint else None
        choices = [BREAKER_RESET, BREAKER_TRIP]
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

        note = f"{state}{because}\n{OURS}\n"
        self._screen.app.push_screen(ChoiceDialog(f"Breaker of {name}", choices, note=note), act)

    def _trip(self, service: str, name: str) -> None:
        def act(reason: str | None) -> None:
            if reason is not None:
                self._ask(TripBreaker(service, name, reason.strip() or "by hand"))

        question = f"Calls from this console will not go to {name} until its breaker is released. Why?"
        self._screen.app.push_screen(PromptDialog(f"Trip the breaker of {name}", question, "by hand"), act)

    def maintenance(self, view: InstanceView) -> None:
        """On with a reason, or off; where only another agent can, the command to run there."""
        instance, name = view.instance, view.id
        enabled = view.health is not Health.MAINTENANCE
        outlook = maintaining(instance, self._snapshot(), enabled=enabled, reason="…" if enabled else "")
        if not outlook.can:
            title = f"{'Maintenance' if enabled else 'End maintenance'} of {name}: not from here"
            lines = [outlook.says, *(["", outlook.command] if outlook.command else [])]
            what = f"the command for {instance.node}"
            dialog = ConfirmDialog(title, lines, "", danger=False, commands=_commands(outlook), what=what)
            self._screen.app.push_screen(dialog)
        elif enabled:
            self._maintenance_on(view, outlook)
        else:
            self._maintenance_off(view, outlook)

    def _maintenance_on(self, view: InstanceView, outlook: ActionPreview) -> None:
        instance, name = view.instance, view.id

        def on(reason: str | None) -> None:
            if reason is not None:
                self._ask(SetMaintenance(instance.service, name, True, reason.strip(), instance.node))

        question = (
            f"{name} ({instance.endpoint}) stays registered, and leaves the rotation of everybody who asks Consul, "
            f"until maintenance is ended. {outlook.says} Reason, for those who wonder:"
        )
        prompt = PromptDialog(
            f"Maintenance of {name}",
            question,
            placeholder="rollout 1.2",
            command=lambda reason: maintaining(instance, self._snapshot(), enabled=True, reason=reason).command,
        )
        self._screen.app.push_screen(prompt, on)

    def _maintenance_off(self, view: InstanceView, outlook: ActionPreview) -> None:
        instance, name = view.instance, view.id
        lines = [
            f"{name} ({instance.endpoint}) goes back to what its checks say, and to those who ask Consul for it.",
            outlook.says,
            "",
            outlook.command,
        ]

        def off(yes: bool | None) -> None:
            if yes:
                self._ask(SetMaintenance(instance.service, name, enabled=False, node=instance.node))

        dialog = ConfirmDialog("End maintenance", lines, "end it", danger=False, commands=_commands(outlook))
        self._screen.app.push_screen(dialog, off)

    def deregister(self, view: InstanceView) -> None:
        """With a preview of exactly what goes, and whether it will be back."""
        instance = view.instance
        outlook = deregistering(instance, self._snapshot())
        lines = [
            f"{instance.id}  {instance.endpoint}  of {instance.service}, on node {instance.node}",
            "Nobody will find it through Consul. Its process is not stopped.",
            "",
            outlook.says,
        ]
        what = "the command"
        if outlook.instead:
            what = f"the command for {instance.node}"
            lines += [outlook.instead, "", "What this console does:"]
        else:
            lines.append("")
        lines.append(outlook.command)

        def act(yes: bool | None) -> None:
            if yes:
                self._ask(Deregister(instance.service, instance.id, instance.node))

        title = f"Deregister {instance.id}?"
        dialog = ConfirmDialog(title, lines, "deregister", commands=_commands(outlook), what=what)
        self._screen.app.push_screen(dialog, act)

    def copy(self, view: InstanceView) -> None:
        """The id, the address, a check's output, or a command."""
        instance, snapshot = view.instance, self._snapshot()
        failing = max(instance.checks, key=lambda check: check.status.rank, default=None)
        outlook = deregistering(instance, snapshot)
        texts = {
            "id": instance.id,
            "address": instance.endpoint,
            "output": failing.output if failing else "",
            "health": shell.show_service(instance.service, shell.reach(snapshot)),
            "maint": maintaining(instance, snapshot, enabled=True, reason="…").command,
            "deregister": outlook.instead or outlook.command,
        }
        labels = {"id": "its id", "address": "its address", "output": "output of its worst check"}
        copy_one_of(self._screen, f"Copy of {instance.id}", texts, labels)

    def chaos(self, view: InstanceView) -> None:
        """Break or mend it; the demo's own fleet only."""

        def act(kind: str | None) -> None:
            if kind is not None:
                self._ask(Chaos(ChaosKind(kind), view.id))

        note = f"{view.id} ({view.instance.endpoint}), a process of this demo.\n"
        self._screen.app.push_screen(ChoiceDialog(f"Chaos: {view.id}", CHAOS, note=note, danger=True), act)

    def _ask(self, command: Command) -> None:
        self._screen.app.post_message(RunCommand(command))


def _commands(outlook: ActionPreview) -> list[str]:
    """The better one first: it is the one to copy."""
    return [command for command in (outlook.instead, outlook.command) if command]


def copy_one_of(screen: Screen[Any], title: str, texts: dict[str, str], labels: dict[str, str]) -> None:
    """A menu of what can be copied: ``texts`` by name, empty ones left out; commands show themselves."""
    choices = [
        Choice(name, labels.get(name, "command"), name[0], first_line(text)) for name, text in texts.items() if text
    ]

    def act(name: str | None) -> None:
        if name is not None:
            screen.app.post_message(Copy(texts[name], labels.get(name, "the command")))

    screen.app.push_screen(ChoiceDialog(title, choices), act)
