"""Fills a Consul with services that nobody serves, through its catalog, as fast as transactions go."""

from __future__ import annotations

import itertools
from typing import Any

import aiohttp

OPS = 64
"""Operations a transaction, Consul's limit."""


def name_of(service: int) -> str:
    """The name of a service."""
    return f"svc-{service:04d}"


class Catalog:
    """Writes to the catalog of the Consul at ``address``."""

    def __init__(self, address: str) -> None:
        self._http = aiohttp.ClientSession(f"http://{address}")

    async def __aenter__(self) -> Catalog:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def fill(self, services: range, instances: int) -> None:
        """Register passing instances, ``instances`` each, on ten nodes."""
        nodes = [{"Node": {"Verb": "set", "Node": _node(number)}} for number in range(10)]
        await self._transact(nodes)
        pairs = itertools.product(services, range(instances))
        each = ([_service(service, number), _check(service, number, "passing")] for service, number in pairs)
        ops = list(itertools.chain.from_iterable(each))
        for start in range(0, len(ops), OPS):
            await self._transact(ops[start : start + OPS])

    async def set_status(self, service: int, instance: int, status: str, output: str = "ok") -> None:
        """Change one instance's check."""
        await self._transact([_check(service, instance, status, output)])

    async def _transact(self, ops: list[dict[str, Any]]) -> None:
        async with self._http.put("/v1/txn", json=ops) as answer:
            if answer.status != 200:
                raise RuntimeError(f"Consul refused to be filled: {await answer.text()}")


def _node(number: int) -> dict[str, str]:
    return {"Node": f"host-{number}", "Address": f"10.0.0.{number + 1}"}


def _instance_id(service: int, number: int) -> str:
    return f"{name_of(service)}-{number}"


def _service(service: int, number: int) -> dict[str, Any]:
    return {
        "Service": {
            "Verb": "set",
            "Node": f"host-{number % 10}",
            "Service": {
                "ID": _instance_id(service, number),
                "Service": name_of(service),
                "Port": 20000 + number,
                "Tags": ["v1", f"team-{service % 7}"],
                "Meta": {"version": "1.0.0"},
            },
        }
    }


def _check(service: int, number: int, status: str, output: str = "ok") -> dict[str, Any]:
    return {
        "Check": {
            "Verb": "set",
            "Check": {
                "Node": f"host-{number % 10}",
                "CheckID": f"c-{_instance_id(service, number)}",
                "Name": "gRPC",
                "Status": status,
                "Output": output,
                "ServiceID": _instance_id(service, number),
            },
        }
    }
