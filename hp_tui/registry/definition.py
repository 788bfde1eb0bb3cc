"""A service definition, checked and in the shape of ``/v1/agent/service/register``."""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Mapping
from typing import Any

from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry.arguments import is_number
from hp_tui.registry.errors import InvalidRegistrationError
from hp_tui.registry.urls import in_url

MIN_DEREGISTER_AFTER = 60.0
"""Seconds; Consul takes a smaller ``DeregisterCriticalServiceAfter`` as one minute."""

EVERYWHERE = frozenset({"0.0.0.0", "::"})
"""Addresses to listen on, to which nobody can connect."""

_DNS_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_META_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HOST = re.compile(r"[A-Za-z0-9._-]+")


def validate(definition: ServiceDefinition) -> None:
    """Raise :class:`InvalidRegistrationError` for what Consul would refuse, or take and then not resolve in DNS.

    Limits on metadata are Consul's: 64 pairs, keys of up to 128 letters, digits, ``-`` and ``_``, values up to 512.
    """
    _texts(definition)
    _require(
        bool(_DNS_LABEL.fullmatch(definition.name)),
        "name",
        definition.name,
        "1 to 63 letters, digits and inner hyphens (it becomes a DNS label)",
    )
    _require(
        bool(definition.id.strip()) and in_url(definition.id),
        "id",
        definition.id,
        "printable text that a URL can name: without '//', '.' or '..' between slashes",
    )
    _host("address", advertised(definition))
    _port("port", definition.port)
    for name, (host, port) in definition.tagged_addresses.items():
        _host(f"tagged_addresses[{name!r}]", host)
        _port(f"tagged_addresses[{name!r}]", port)
    # One text would pass for a sequence of its letters.
    _require(_all(definition.tags, str), "tags", definition.tags, "a tuple of texts")
    for tag in definition.tags:
        _require(bool(tag) and tag.isprintable(), "tags", tag, "printable text")
    _meta(definition.meta)
    after = definition.deregister_after
    _require(
        is_number(after, 0, 0) or is_number(after, MIN_DEREGISTER_AFTER, math.inf),
        "deregister_after",
        after,
        f"0 (never) or at least {MIN_DEREGISTER_AFTER:g} seconds, Consul's minimum",
    )
    _require(_all(definition.checks, CheckDefinition), "checks", definition.checks, "a tuple of CheckDefinition")
    names = [check.name for check in definition.checks]
    _require(len(set(names)) == len(names), "checks", names, "checks with different names")
    for check in definition.checks:
        _check(check)


def payload(definition: ServiceDefinition) -> dict[str, Any]:
    """The JSON body that registers ``definition``, which is validated first."""
    validate(definition)
    body: dict[str, Any] = {
        "ID": definition.id,
        "Name": definition.name,
        "Address": advertised(definition),
        "Port": definition.port,
        "Tags": list(definition.tags),
        "Meta": dict(definition.meta),
        "Checks": [_check_payload(definition, check) for check in definition.checks],
    }
    if definition.tagged_addresses:
        body["TaggedAddresses"] = _tagged(definition)
    if definition.connect_native:
        body["Connect"] = {"Native": True}
    return body


def advertised(definition: ServiceDefinition) -> str:
    """The address to register: '' for one that listens everywhere, which discovery gives as the agent's advertise address."""
    return "" if definition.address in EVERYWHERE else definition.address


def check_id(service_id: str, check: CheckDefinition) -> str:
    """The id of a check we register: stable, so that registering again keeps the check's state."""
    return f"{service_id}:{check.name}"


def describe(check: CheckDefinition) -> str:
    """What a check calls and how often, as its notes say it: for people, and to tell whether it is still ours."""
    if check.ttl:
        return f"reported by the service, at least every {check.ttl:g} s"
    kind = next(kind for kind in ("grpc", "http", "tcp") if getattr(check, kind))
    limits = f"every {check.interval:g} s, at most {check.timeout:g} s"
    options = {
        "TLS": check.grpc_use_tls,
        "certificate not verified": check.tls_skip_verify,
        f"passing after {check.success_before_passing} successes": check.success_before_passing,
        f"critical after {check.failures_before_critical} failures": check.failures_before_critical,
    }
    return ", ".join([f"{kind} {getattr(check, kind)}", limits, *(name for name, on in options.items() if on)])


def matches(definition: ServiceDefinition, registered: Mapping[str, Any]) -> bool:
    """Whether ``registered``, an answer of ``/v1/agent/service/ID``, is what ``definition`` would register.

    Checks are not part of that answer, see :func:`~hp_tui.registry.agent.check_problem`. Consul adds tagged
    addresses of its own (``lan_ipv4`` …), which do not count.
    """
    connect = registered.get("Connect")
    tagged = registered.get("TaggedAddresses") or {}
    native = isinstance(connect, dict) and connect.get("Native") is True
    return (
        registered.get("Service") == definition.name
        and registered.get("Address", "") == advertised(definition)
        and registered.get("Port") == definition.port
        and (registered.get("Tags") or []) == list(definition.tags)
        and (registered.get("Meta") or {}) == dict(definition.meta)
        and native == definition.connect_native
        and _tagged(definition) == {name: tagged.get(name) for name in definition.tagged_addresses}
    )


def _tagged(definition: ServiceDefinition) -> dict[str, dict[str, Any]]:
    return {name: {"Address": host, "Port": port} for name, (host, port) in definition.tagged_addresses.items()}


def _check_payload(definition: ServiceDefinition, check: CheckDefinition) -> dict[str, Any]:
    body: dict[str, Any] = {"CheckID": check_id(definition.id, check), "Name": check.name, "Notes": describe(check)}
    if check.ttl:
        body["TTL"] = duration(check.ttl)
    else:
        body |= {"Interval": duration(check.interval), "Timeout": duration(check.timeout)}
    optional = {
        "GRPC": check.grpc,
        "HTTP": check.http,
        "TCP": check.tcp,
        "GRPCUseTLS": check.grpc_use_tls,
        "TLSSkipVerify": check.tls_skip_verify,
        "SuccessBeforePassing": check.success_before_passing,
        "FailuresBeforeCritical": check.failures_before_critical,
        "Status": check.initial_status,
        "DeregisterCriticalServiceAfter": duration(definition.deregister_after) if definition.deregister_after else "",
    }
    return body | {name: value for name, value in optional.items() if value}


def duration(seconds: float) -> str:
    """Seconds as a Go duration, to the millisecond."""
    return f"{round(seconds * 1000)}ms"


def _require(holds: bool, field: str, given: object, expected: str) -> None:
    if not holds:
        raise InvalidRegistrationError(field, given, expected)


def _host(field: str, host: str) -> None:
    expected = "a host name or IP address, without scheme or port ('' for the node's own address)"
    _require(not host or bool(_HOST.fullmatch(host)) or _is_ip(host), field, host, expected)
    _require(host not in EVERYWHERE, field, host, "an address others can connect to")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _texts(definition: ServiceDefinition) -> None:
    for name in ("name", "id", "address"):
        _require(isinstance(getattr(definition, name), str), name, getattr(definition, name), "text")


def _port(field: str, port: object) -> None:
    _require(isinstance(port, int) and is_number(port, 1, 65535), field, port, "a whole number from 1 to 65535")


def _meta(meta: object) -> None:
    if not isinstance(meta, Mapping):
        raise InvalidRegistrationError("meta", meta, "a mapping of text to text")
    _require(len(meta) <= 64, "meta", f"{len(meta)} pairs", "at most 64 pairs")
    for key, value in meta.items():
        field = f"meta[{key!r}]"
        _require(isinstance(value, str), field, value, "text")
        _require(
            isinstance(key, str) and bool(_META_KEY.fullmatch(key)),
            field,
            key,
            "a key of 1 to 128 letters, digits, '-' and '_'",
        )
        _require(not key.startswith("consul-"), field, key, "a key without the prefix 'consul-', which is Consul's own")
        _require(len(value) <= 512, field, value, "a value of at most 512 characters")


def _check(check: CheckDefinition) -> None:
    field = f"check {check.name!r}"
    _require(bool(check.name), "check name", check.name, "a name, unique within the service")
    kinds = [kind for kind in ("grpc", "http", "tcp", "ttl") if getattr(check, kind)]
    _require(len(kinds) == 1, field, ", ".join(kinds) or "no kind at all", "exactly one of grpc, http, tcp, ttl")
    for name in ("ttl", "interval", "timeout"):
        value = getattr(check, name)
        needed = name == "ttl" if check.ttl else name != "ttl"
        _require(not needed or is_number(value, 0.001, 86400), f"{field} {name}", value, "0.001 to 86400 seconds")
    expected = "'', 'passing', 'warning' or 'critical'"
    _require(
        check.initial_status in {"", "passing", "warning", "critical"},
        f"{field} initial_status",
        check.initial_status,
        expected,
    )
    for name in ("success_before_passing", "failures_before_critical"):
        count = getattr(check, name)
        _require(isinstance(count, int) and is_number(count, 0, 1_000_000), f"{field} {name}", count, "0 or more")
    _require(
        not check.http or check.http.startswith(("http://", "https://")), f"{field} http", check.http, "an http(s) URL"
    )
    for name in ("grpc", "tcp"):
        target = getattr(check, name)
        _require(
            not target or _is_target(target.split("/", 1)[0]), f"{field} {name}", target, "host:port, port 1 to 65535"
        )


def _all(values: object, kind: type[Any]) -> bool:
    return isinstance(values, (tuple, list)) and all(isinstance(value, kind) for value in values)


def _is_target(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 1 <= int(port) <= 65535
