"""The command a user would type for what the screen does: to copy, to learn, to put into a runbook."""

from __future__ import annotations

import shlex

from hp_tui.model.catalog import Instance


def deregister(instance: Instance, address: str) -> str:
    return _consul("services", "deregister", address, f"-id={instance.id}")


def maintenance(instance: Instance, address: str, *, enabled: bool, reason: str = "") -> str:
    """``consul maint`` for one service on its own agent."""
    arguments = ["-enable" if enabled else "-disable", f"-service={instance.id}"]
    if enabled and reason:
        arguments.append(f"-reason={reason}")
    return _consul("maint", "", address, *arguments)


def show_service(service: str, address: str) -> str:
    """Consul's own command line has no health by instance; its HTTP API has."""
    return f"curl -s {shlex.quote(f'{base(address)}/v1/health/service/{service}')}"


def kv_get(key: str, address: str) -> str:
    return _consul("kv", "get", address, "-detailed", key)


def kv_put(key: str, address: str, index: int) -> str:
    """Check-and-set from standard input."""
    return _consul("kv", "put", address, "-cas", f"-modify-index={index}", key, "-")


def kv_delete(key: str, address: str, index: int) -> str:
    return _consul("kv", "delete", address, "-cas", f"-modify-index={index}", key)


def base(address: str) -> str:
    """The address as a URL; ``host:port`` is plain HTTP."""
    return address.rstrip("/") if "://" in address else f"http://{address}"


def _consul(command: str, sub: str, address: str, *arguments: str) -> str:
    words = ["consul", command, *([sub] if sub else []), f"-http-addr={address}", *arguments]
    return shlex.join(words)
