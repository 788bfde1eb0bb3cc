"""Consul's JSON into our value types.

Answers come from a network: every field is read by type, and a field that is missing, null or of another type is taken
as absent. Only an entry that lacks its identity is dropped; a whole answer of the wrong shape is refused before it
gets here (:meth:`hp_tui.registry.response.Response.json`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from hp_tui.model.catalog import Check, Instance, Intention, ServiceSummary
from hp_tui.model.health import Health
from hp_tui.model.kv import KVEntry
from hp_tui.registry.values import AgentInfo, ServiceCounts

_STATUS = {"passing": Health.PASSING, "warning": Health.WARNING, "critical": Health.CRITICAL}
MAINTENANCE = ("_service_maintenance:", "_node_maintenance")
"""How the ids of maintenance checks begin."""
_DEFINITION = {
    "HTTP": "http",
    "GRPC": "grpc",
    "TCP": "tcp",
    "UDP": "udp",
    "Interval": "interval",
    "IntervalDuration": "interval",
    "Timeout": "timeout",
    "TimeoutDuration": "timeout",
    "DeregisterCriticalServiceAfter": "deregister_after",
    "DeregisterCriticalServiceAfterDuration": "deregister_after",
}


def text(raw: Any, key: str) -> str:
    """The string at ``key``; '' when it is anything else."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, str) else ""


def number(raw: Any, key: str) -> int:
    """The whole number at ``key``; 0 when it is anything else."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def strings(raw: Any) -> tuple[str, ...]:
    """The strings of a list; () when it is none."""
    return tuple(item for item in raw if isinstance(item, str)) if isinstance(raw, list) else ()


def objects(raw: Any) -> Iterator[dict[str, Any]]:
    """The objects of a list; nothing when it is none."""
    if isinstance(raw, list):
        yield from (item for item in raw if isinstance(item, dict))


def child(raw: Any, key: str) -> dict[str, Any]:
    """The object at ``key``; {} when it is anything else."""
    value = raw.get(key) if isinstance(raw, dict) else None
    return value if isinstance(value, dict) else {}


def mapping(raw: Any) -> Mapping[str, str]:
    """The string-to-string entries of an object."""
    pairs = raw.items() if isinstance(raw, dict) else ()
    return MappingProxyType({str(key): value for key, value in pairs if isinstance(value, str)})


def check(raw: dict[str, Any]) -> Check:
    """One check of ``/v1/health/…`` or ``/v1/agent/checks``. A status Consul does not document counts as critical."""
    check_id = text(raw, "CheckID")
    in_maintenance = check_id.startswith(MAINTENANCE)
    status = Health.MAINTENANCE if in_maintenance else _STATUS.get(text(raw, "Status"), Health.CRITICAL)
    return Check(
        id=check_id,
        name=text(raw, "Name"),
        status=status,
        output=text(raw, "Output"),
        type=text(raw, "Type"),
        notes=text(raw, "Notes"),
        node_level=not text(raw, "ServiceID"),
        definition=_definition(raw),
    )


def _definition(raw: dict[str, Any]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, value in [
        *child(raw, "Definition").items(),
        ("Interval", raw.get("Interval")),
        ("Timeout", raw.get("Timeout")),
    ]:
        name = _DEFINITION.get(key)
        if name and isinstance(value, (str, int)) and not isinstance(value, bool) and value not in {"", "0s", 0}:
            found.setdefault(name, value if isinstance(value, str) else f"{value / 1e9:g}s")  # Go writes nanoseconds
    return MappingProxyType(found)


def instance(raw: dict[str, Any]) -> Instance | None:
    """One entry of ``/v1/health/service/NAME``; None when it names no service id."""
    node, service = child(raw, "Node"), child(raw, "Service")
    name = text(service, "Service")
    if not name:
        return None
    proxy = child(service, "Proxy")
    upstreams = (text(item, "DestinationName") for item in objects(proxy.get("Upstreams")))
    return Instance(
        id=text(service, "ID") or name,
        service=name,
        node=text(node, "Node"),
        address=text(service, "Address") or text(node, "Address"),
        port=number(service, "Port"),
        tags=strings(service.get("Tags")),
        meta=mapping(service.get("Meta")),
        checks=tuple(sorted((check(item) for item in objects(raw.get("Checks"))), key=lambda one: one.id)),
        kind=text(service, "Kind"),
        connect_upstreams=tuple(dict.fromkeys(upstream for upstream in upstreams if upstream)),
        proxy_for=text(proxy, "DestinationServiceName"),
        create_index=number(service, "CreateIndex"),
        modify_index=number(service, "ModifyIndex"),
        node_meta=mapping(node.get("Meta")),
        node_address=text(node, "Address"),
    )


def instances(raw: list[Any]) -> tuple[Instance, ...]:
    """All entries of ``/v1/health/service/NAME`` in a stable order: by id, then node."""
    found = (instance(item) for item in objects(raw))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.id, one.node)))


def services(raw: dict[str, Any]) -> tuple[ServiceSummary, ...]:
    """``/v1/catalog/services``, by name."""
    return tuple(ServiceSummary(name, tuple(sorted(strings(raw[name])))) for name in sorted(raw))


def counts(raw: list[Any]) -> tuple[ServiceCounts, ...] | None:
    """``/v1/internal/ui/services``, by name; None when it has not the shape we know.

    Consul 1.8 lists sidecars as services of their own and has no ``ConnectedWithProxy``; later ones fold them in.
    """
    found = []
    for item in objects(raw):
        if not text(item, "Name") or "InstanceCount" not in item or "ChecksPassing" not in item:
            return None
        one = ServiceCounts(
            name=text(item, "Name"),
            tags=tuple(sorted(strings(item.get("Tags")))),
            kind=text(item, "Kind"),
            instances=number(item, "InstanceCount"),
            checks_passing=number(item, "ChecksPassing"),
            checks_warning=number(item, "ChecksWarning"),
            checks_critical=number(item, "ChecksCritical"),
            connected_with_proxy=item.get("ConnectedWithProxy") is True,
        )
        found.append(one)
    return tuple(sorted(found, key=lambda one: one.name))


def intentions(raw: list[Any]) -> tuple[Intention, ...]:
    """``/v1/connect/intentions``. One with permissions on requests (L7) allows if any of them does."""
    found = []
    for item in objects(raw):
        source, destination = text(item, "SourceName"), text(item, "DestinationName")
        if source and destination:
            actions = [text(item, "Action"), *(text(one, "Action") for one in objects(item.get("Permissions")))]
            found.append(Intention(source, destination, "allow" in actions))
    return tuple(found)


def agent(raw: dict[str, Any]) -> AgentInfo:
    """``/v1/agent/self``."""
    config = child(raw, "Config")
    return AgentInfo(
        datacenter=text(config, "Datacenter"),
        node=text(config, "NodeName"),
        version=text(config, "Version"),
        server=config.get("Server") is True,
    )


def entry(raw: dict[str, Any]) -> KVEntry | None:
    """One entry of ``/v1/kv`` or of a transaction's results; None when it names no key or its value is no base64."""
    if not text(raw, "Key"):
        return None
    try:
        value = base64.b64decode(text(raw, "Value"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return KVEntry(
        key=text(raw, "Key"),
        value=value,
        modify_index=number(raw, "ModifyIndex"),
        create_index=number(raw, "CreateIndex"),
        lock_index=number(raw, "LockIndex"),
        flags=number(raw, "Flags"),
        session=text(raw, "Session"),
    )
