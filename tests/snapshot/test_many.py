"""Marked instances, and what is done to many of them."""

from __future__ import annotations

from msgspec.structs import replace
from textual.pilot import Pilot

from hp_tui.model.bulk import BulkFailure, BulkState, BulkView
from hp_tui.model.catalog import InstanceRef
from hp_tui.model.commands import Bulk
from tests import fleets
from tests.fleets import NOW
from tests.snapshot.console import console

CRITICS = ["slash", *"critic-", "enter", "asterisk"]
REFUSED = (
    "Consul refused PUT /v1/agent/service/deregister/critic-agent-2: Permission denied. "
    'Use a token with service "critic-agent" policy "write" (CONSUL_HTTP_TOKEN).'
)


def test_many_marked(golden):
    assert golden(console(fleets.one_critical()), press=["space", "space"])


def test_many_deregister(golden):
    """One of each owner."""
    assert golden(console(fleets.owners()), press=[*CRITICS, "D", "down"])


def test_many_maintenance(golden):
    """Two of four cannot be done from here."""
    assert golden(console(fleets.owners()), press=[*CRITICS, "m", *"rollout", "enter"])


def test_many_not_from_here(golden):
    """Maintenance of one instance that another agent owns."""
    assert golden(console(fleets.owners()), press=["slash", *"agent-3", "enter", "m"])


def test_many_comes_back(golden):
    """Deregistering one instance that another agent owns."""
    assert golden(console(fleets.owners()), press=["slash", *"agent-3", "enter", "D"])


def test_many_under_way(golden):
    assert golden(console(fleets.owners()), run_before=progress(done=2))


def test_many_stopped(golden):
    """Done on one, refused for one, not begun on two."""
    failed = (BulkFailure(InstanceRef("critic-agent", "critic-agent-2", "consul-server"), REFUSED),)
    left = tuple(
        InstanceRef("critic-agent", name, node)
        for name, node in (("critic-agent-3", "node-b"), ("critic-agent-ext", "mainframe"))
    )
    ended = progress(done=1, failures=failed, left=left, state=BulkState.STOPPED, ended=NOW)
    assert golden(console(fleets.owners()), run_before=ended)


def progress(**changes):
    """What the engine says of the action once it was begun."""

    async def run(pilot: Pilot) -> None:
        app = pilot.app
        while not app.focused:
            await pilot.pause()
        for key in (*CRITICS, "D", "enter"):
            await pilot.press(key)
            await pilot.pause()
        (command,) = app._engine.of(Bulk)
        view = BulkView(command.id, command.title, len(command.steps), NOW)
        app._engine.show(replace(app._engine.snapshot, bulk=replace(view, **changes)))
        await pilot.pause()

    return run
