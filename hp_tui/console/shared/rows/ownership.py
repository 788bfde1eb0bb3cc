"""Which agent owns an instance, and so what an action on it will do. Known before Consul is asked anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hp_tui.console.shared.rows import shell
from hp_tui.model.catalog import Instance
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Tone


class Owner(StrEnum):
    """Who owns an instance, as this console is attached."""

    HERE = "this agent"
    THERE = "another agent"
    NOBODY = "no agent"
    """An external node: only the catalog knows it."""
    UNKNOWN = "not known"
    """The console does not know which node its agent is on."""


@dataclass(frozen=True, slots=True)
class ActionPreview:
    """What an action on an instance will do.

    ``says`` is one sentence, ``short`` a phrase for a list. ``command`` does the same from a shell; where ``can`` is False
    it is the command to run elsewhere, '' where nothing helps. ``instead`` is a command, for the instance's node, that
    does better.
    """

    owner: Owner
    can: bool
    short: str
    says: str
    command: str
    instead: str = ""
    tone: Tone = Tone.PLAIN


def owner_of(instance: Instance, snapshot: FleetSnapshot) -> Owner:
    """Who owns the instance."""
    cluster = snapshot.cluster
    if not instance.has_agent:
        return Owner.NOBODY
    if cluster.agent_datacenter and cluster.datacenter != cluster.agent_datacenter:
        return Owner.THERE
    if not cluster.node:
        return Owner.UNKNOWN
    return Owner.HERE if instance.node == cluster.node else Owner.THERE


def registers_itself(instance: Instance) -> bool:
    """Whether it looks like a service that this project's registry keeps registered, by the ids of its checks."""
    return any(check.id == f"{instance.id}:{check.name}" for check in instance.checks)


def deregistering(instance: Instance, snapshot: FleetSnapshot) -> ActionPreview:
    """What deregistering will do: whether the instance stays away."""
    owner, node, at = owner_of(instance, snapshot), visible(instance.node), shell.reach(snapshot)
    if owner is Owner.NOBODY:
        return ActionPreview(
            owner,
            True,
            "goes for good: no agent",
            f"Node {node} is external, it has no agent: it stays away until something puts it into the catalog again.",
            shell.deregister_in_catalog(instance, at),
        )
    if owner is Owner.THERE:
        return ActionPreview(
            owner,
            True,
            f"back in a minute: {node} owns it",
            f"The agent on {_place(instance, snapshot)} owns it, {_attached(snapshot)}: it comes back within about a minute. "
            f"To keep it away, run this on {node}:",
            shell.deregister_in_catalog(instance, at),
            shell.deregister_there(instance),
            Tone.WARN,
        )
    if owner is Owner.UNKNOWN:
        return ActionPreview(
            owner,
            True,
            f"may come back: is {node} this agent?",
            f"Which node this console's agent is on is not known (the token may lack agent:read): if it is not {node}, the "
            f"agent there puts it back within about a minute. To keep it away, run this on {node}:",
            shell.deregister(instance, at),
            shell.deregister_there(instance),
            Tone.WARN,
        )
    return _by_its_agent(instance, shell.deregister(instance, at))


def _by_its_agent(instance: Instance, command: str) -> ActionPreview:
    node = visible(instance.node)
    if instance.service == "consul":
        return ActionPreview(
            Owner.HERE,
            True,
            "back at once: it is Consul's own",
            f"It is Consul itself, on {node}: its servers register it again by themselves.",
            command,
            tone=Tone.WARN,
        )
    if registers_itself(instance):
        return ActionPreview(
            Owner.HERE,
            True,
            "back at once: it registers itself",
            f"The agent on {node}, this console's own, owns it and lets it go. It looks built on hp-tui: such a process "
            "registers itself again at once. To take it out for a while, use maintenance (m).",
            command,
            tone=Tone.WARN,
        )
    return ActionPreview(
        Owner.HERE,
        True,
        "goes for good",
        f"The agent on {node}, this console's own, owns it: it stays away unless it is registered again.",
        command,
    )


def maintaining(instance: Instance, snapshot: FleetSnapshot, *, enabled: bool, reason: str = "") -> ActionPreview:
    """What switching maintenance will do. Only the owning agent can switch it."""
    owner, node = owner_of(instance, snapshot), visible(instance.node)
    if owner is Owner.NOBODY:
        return ActionPreview(
            owner,
            False,
            f"not possible: {node} has no agent",
            f"Node {node} is external, it has no agent and so no maintenance mode. Deregister it (D), or let what "
            "registered it make it critical.",
            "",
            tone=Tone.BAD,
        )
    if owner is Owner.THERE:
        return ActionPreview(
            owner,
            False,
            f"not from here: {node} owns it",
            f"Only the agent on {_place(instance, snapshot)} can switch it, {_attached(snapshot)}. Attach to that agent, or "
            f"run this on {node}:",
            shell.maintenance_there(instance, enabled=enabled, reason=reason),
            tone=Tone.BAD,
        )
    command = shell.maintenance(instance, shell.reach(snapshot), enabled=enabled, reason=reason)
    if owner is Owner.UNKNOWN:
        return ActionPreview(
            owner,
            True,
            f"tried: is {node} this agent?",
            f"Which node this console's agent is on is not known (the token may lack agent:read): it can be done if that is "
            f"{node}, and is refused if not.",
            command,
            tone=Tone.WARN,
        )
    return ActionPreview(
        owner, True, "done by this agent", f"The agent on {node}, this console's own, owns it.", command
    )


def _place(instance: Instance, snapshot: FleetSnapshot) -> str:
    """The node with its address, and its datacenter where that is not the agent's."""
    cluster = snapshot.cluster
    address = f" ({visible(instance.node_address)})" if instance.node_address else ""
    elsewhere = cluster.agent_datacenter and cluster.datacenter != cluster.agent_datacenter
    return f"{visible(instance.node)}{address}" + (f" in {visible(cluster.datacenter)}" if elsewhere else "")


def _attached(snapshot: FleetSnapshot) -> str:
    cluster = snapshot.cluster
    elsewhere = cluster.agent_datacenter and cluster.datacenter != cluster.agent_datacenter
    place = f" in {visible(cluster.agent_datacenter)}" if elsewhere else ""
    return f"and this console is attached to {visible(cluster.node) or 'another'}{place}"
