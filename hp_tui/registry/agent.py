"""What is asked of the agent itself: who it is, and services it owns."""

from __future__ import annotations

import shlex
from typing import Any

from hp_tui.model.catalog import Instance
from hp_tui.model.health import Health
from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import parsing
from hp_tui.registry.connection import Connection
from hp_tui.registry.definition import check_id, describe, payload
from hp_tui.registry.errors import NotOwnedError, ServiceNotFoundError, WrongDatacenterError
from hp_tui.registry.response import Response, error_of
from hp_tui.registry.urls import path_to
from hp_tui.registry.values import ActionResult, AgentInfo


async def info(connection: Connection) -> AgentInfo:
    """``/v1/agent/self``."""
    response = await connection.get("/v1/agent/self", permission="agent:read")
    return parsing.agent(response.json(dict))


async def register(connection: Connection, definition: ServiceDefinition) -> None:
    """Register on the local agent, replacing whatever had that id.

    Checks the service had and no longer defines are removed one by one: Consul's own ``replace-existing-checks``
    would also end its maintenance mode.
    """
    permission = f'service "{definition.name}" policy "write"'
    await check_datacenter(connection, f"registering {definition.id!r}")
    await connection.put("/v1/agent/service/register", (), payload(definition), permission=permission)
    wanted = {check_id(definition.id, check) for check in definition.checks}
    for one in await _checks_of(connection, definition):
        if one not in wanted and not one.startswith(parsing.MAINTENANCE):
            await connection.put(path_to("/v1/agent/check/deregister/", one), permission=permission, allow=(404,))


async def check_datacenter(connection: Connection, what: str) -> None:
    """Raise :class:`WrongDatacenterError` if the registry is of another datacenter than the agent's own."""
    if not connection.datacenter:
        return
    here = await connection.get("/v1/agent/self", permission="agent:read", allow=(403,))
    if here.status == 403:  # nearest first, and the own one is the nearest; needs no rights
        nearest = parsing.strings((await connection.get("/v1/catalog/datacenters")).json())[:1]
        own = nearest[0] if nearest else ""
    else:
        own = parsing.agent(here.json(dict)).datacenter
    if own and own != connection.datacenter:
        raise WrongDatacenterError(what, connection.datacenter, own)


async def check_problem(connection: Connection, definition: ServiceDefinition) -> str:
    """What is wrong with the checks the agent has for a registered ``definition``; '' when nothing is.

    A check that somebody added by hand is nothing wrong. What a check calls is compared by its notes, which
    :func:`~hp_tui.registry.definition.describe` wrote: agents before 1.10 tell it nowhere else.
    """
    registered = await _checks_of(connection, definition)
    for check in definition.checks:
        name = check_id(definition.id, check)
        if name not in registered:
            return f"the agent does not have its check {check.name!r}"
        found = registered[name]
        if (parsing.text(found, "Name"), parsing.text(found, "Notes")) != (check.name, describe(check)):
            return f"the agent has another check under the id of its check {check.name!r}"
    return ""


async def _checks_of(connection: Connection, definition: ServiceDefinition) -> dict[str, dict[str, Any]]:
    """The checks the agent has for the service, by id."""
    permission = f'service "{definition.name}" policy "write"'
    listed = (await connection.get("/v1/agent/checks", permission=permission)).json(dict)
    return {name: raw for name, raw in listed.items() if parsing.text(raw, "ServiceID") == definition.id}


async def pass_ttl(connection: Connection, name: str, status: Health, output: str) -> None:
    """Report the state of the TTL check ``name``."""
    path = path_to("/v1/agent/check/update/", name)
    await connection.put(path, (), {"Status": str(status), "Output": output}, permission="service:write")


def service_path(service_id: str) -> str:
    """Where the local agent tells of one of its services."""
    return path_to("/v1/agent/service/", service_id)


async def registered(connection: Connection, service_id: str) -> dict[str, Any] | None:
    """What the local agent has under ``service_id``; None when it has nothing."""
    response = await connection.get(service_path(service_id), permission="service:read", allow=(404,))
    found: dict[str, Any] | None = None if response.status == 404 else response.json(dict)
    return found


async def deregister(connection: Connection, service_id: str) -> None:
    """Deregister from the local agent. An agent that does not know the id is fine."""
    await check_datacenter(connection, f"deregistering {service_id!r}")
    path = path_to("/v1/agent/service/deregister/", service_id)
    response = await connection.put(path, permission="service:write", allow=(404, 500))
    _found(response, service_id)


async def set_maintenance(connection: Connection, service_id: str, enabled: bool, reason: str) -> None:
    """Maintenance mode on the local agent. Raises :class:`ServiceNotFoundError`."""
    params = [("enable", "true" if enabled else "false"), *([("reason", reason)] if reason else [])]
    await check_datacenter(connection, f"maintenance of {service_id!r}")
    path = path_to("/v1/agent/service/maintenance/", service_id)
    response = await connection.put(path, params, permission="service:write", allow=(404, 500))
    if not _found(response, service_id):
        raise ServiceNotFoundError(service_id)


async def owns(connection: Connection, instance: Instance) -> bool:
    """Whether the local agent owns ``instance``: it has the id, is on the instance's node, and in its datacenter.

    Nodes and services of other datacenters often have the names they have here.
    """
    found = await registered(connection, instance.id)
    if found is None or parsing.text(found, "Service") != instance.service:
        return False
    here = await connection.get("/v1/agent/self", permission="agent:read", allow=(403,))
    if here.status == 403:  # the same id and service name: the most that can be told without agent:read
        return not connection.datacenter
    agent = parsing.agent(here.json(dict))
    return agent.node == instance.node and connection.datacenter in {"", agent.datacenter}


async def deregister_instance(connection: Connection, instance: Instance) -> ActionResult:
    """Take an instance out for good: by its agent if that is ours, else out of the catalog."""
    if await owns(connection, instance):
        await deregister(connection, instance.id)
        note = f"{instance.id} deregistered by the agent that owns it; it stays away unless the service registers again"
        return ActionResult("agent", False, note)
    body: dict[str, Any] = {"Node": instance.node, "ServiceID": instance.id}
    if connection.datacenter:
        body["Datacenter"] = connection.datacenter
    await connection.put("/v1/catalog/deregister", (), body, permission=f'node "{instance.node}" policy "write"')
    if not instance.has_agent:
        note = f"{instance.id} removed from the catalog; node {instance.node} has no agent, so it stays away"
        return ActionResult("catalog", False, note)
    note = (
        f"{instance.id} removed from the catalog, but the agent on {instance.node} owns it and will put it back within "
        f"about a minute; to keep it away run there: consul services deregister {shlex.quote(f'-id={instance.id}')}"
    )
    return ActionResult("catalog", True, note)


async def maintain_instance(connection: Connection, instance: Instance, enabled: bool, reason: str) -> ActionResult:
    """Maintenance of an instance that may belong to another agent, which only that agent can switch."""
    if await owns(connection, instance):
        await set_maintenance(connection, instance.id, enabled, reason)
        note = f"{instance.id}: maintenance {'on' if enabled else 'off'}, by the agent that owns it"
        return ActionResult("agent", False, note)
    switch = shlex.join(["-enable" if enabled else "-disable", f"-service={instance.id}"])
    raise NotOwnedError(instance.id, instance.node, "maintenance mode", f"consul maint {switch}")


def _found(response: Response, service_id: str) -> bool:
    """False for "no such service", which Consul 1.8 says with a 500 or a 404; other failures are raised."""
    if response.status < 400:
        return True
    said = response.body.decode("utf-8", "replace")
    if response.status == 404 or "Unknown service" in said or "not found" in said.lower():
        return False
    raise error_of(response.status, said, response.request, f'service of "{service_id}" policy "write"')
