"""Which agent owns an instance, and what an action on it will do, before Consul is asked anything."""

from __future__ import annotations

import shlex

import pytest
from msgspec.structs import replace

from hp_tui.console.shared.rows.ownership import ActionPreview, Owner, deregistering, maintaining, owner_of
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.values import Tone
from tests import fleets

OURS, KEPT, THEIRS, EXTERNAL = "critic-agent-1", "critic-agent-2", "critic-agent-3", "critic-agent-ext"


def instance(snapshot: FleetSnapshot, name: str):
    view = snapshot.instance(name)
    assert view is not None
    return view.instance


def out(name: str, snapshot: FleetSnapshot | None = None) -> ActionPreview:
    snapshot = snapshot or fleets.owners()
    return deregistering(instance(snapshot, name), snapshot)


def maint(name: str, snapshot: FleetSnapshot | None = None, **kwargs) -> ActionPreview:
    snapshot = snapshot or fleets.owners()
    return maintaining(instance(snapshot, name), snapshot, **{"enabled": True, **kwargs})


def elsewhere() -> FleetSnapshot:
    """The same picture of dc2, through an agent in dc1 whose node has the name of one there."""
    old = fleets.owners()
    return replace(old, cluster=replace(old.cluster, datacenter="dc2", agent_datacenter="heart-pulse-dc1"))


def unknown() -> FleetSnapshot:
    """Without agent:read."""
    old = fleets.owners()
    return replace(old, cluster=replace(old.cluster, node=""))


@pytest.mark.parametrize(
    ("name", "owner"),
    [(OURS, Owner.HERE), (KEPT, Owner.HERE), (THEIRS, Owner.THERE), (EXTERNAL, Owner.NOBODY)],
)
def test_the_owner_is_told_by_node_and_by_the_check_of_an_agent(name: str, owner: Owner) -> None:
    snapshot = fleets.owners()
    assert owner_of(instance(snapshot, name), snapshot) is owner


def test_a_node_of_the_same_name_in_another_datacenter_is_another() -> None:
    snapshot = elsewhere()
    assert owner_of(instance(snapshot, OURS), snapshot) is Owner.THERE
    preview = out(OURS, snapshot)
    assert "consul-server in dc2 owns it" in preview.says
    assert "attached to consul-server in heart-pulse-dc1" in preview.says
    assert '"Datacenter": "dc2"' in preview.command
    assert not maint(OURS, snapshot).can


def test_what_an_agent_of_ours_owns_goes_for_good() -> None:
    preview = out(OURS)
    assert "stays away" in preview.says
    assert preview.command == "consul services deregister -http-addr=127.0.0.1:8500 -id=critic-agent-1"
    assert (preview.instead, preview.tone) == ("", Tone.PLAIN)


def test_what_registers_itself_comes_back_at_once() -> None:
    preview = out(KEPT)
    assert "back at once" in preview.short
    assert "maintenance (m)" in preview.says
    assert preview.tone is Tone.WARN


def test_what_another_agent_owns_comes_back_within_a_minute_and_its_node_and_command_are_named() -> None:
    preview = out(THEIRS)
    assert "node-b (10.0.0.12)" in preview.says
    assert "within about a minute" in preview.says
    assert preview.instead == "consul services deregister -id=critic-agent-3"
    words = shlex.split(preview.command)
    assert words[:5] == ["curl", "-s", "-X", "PUT", "-d"]
    assert words[5] == '{"Node": "node-b", "ServiceID": "critic-agent-3"}'
    assert words[6] == "http://127.0.0.1:8500/v1/catalog/deregister"


def test_what_no_agent_owns_goes_for_good_and_cannot_be_in_maintenance() -> None:
    assert "mainframe is external" in out(EXTERNAL).says
    assert out(EXTERNAL).tone is Tone.PLAIN
    preview = maint(EXTERNAL)
    assert (preview.can, preview.command) == (False, "")


def test_maintenance_of_another_agents_instance_is_refused_beforehand_with_the_command_for_its_node() -> None:
    preview = maint(THEIRS, reason="disk swap")
    assert not preview.can
    assert preview.command == "consul maint -enable -service=critic-agent-3 '-reason=disk swap'"
    assert maint(THEIRS, enabled=False).command == "consul maint -disable -service=critic-agent-3"


def test_maintenance_of_our_own_is_done_here() -> None:
    preview = maint(OURS, reason="disk swap")
    assert preview.can
    assert "-http-addr=127.0.0.1:8500" in preview.command


def test_without_agent_read_nothing_is_promised() -> None:
    snapshot = unknown()
    assert "agent:read" in out(OURS, snapshot).says
    assert out(OURS, snapshot).tone is Tone.WARN
    assert maint(OURS, snapshot).can
    assert owner_of(instance(snapshot, EXTERNAL), snapshot) is Owner.NOBODY


def test_consul_itself_comes_back() -> None:
    snapshot = fleets.owners()
    consul = replace(instance(snapshot, OURS), service="consul", id="consul")
    assert "register it again" in deregistering(consul, snapshot).says
