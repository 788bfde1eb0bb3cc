"""A Consul whose ACL system denies by default, and tokens whose policies can be edited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from hp_tui.demo.consul_agent import ConsulAgent

CONFIG = {
    "acl": {"enabled": True, "default_policy": "deny", "policy_ttl": "100ms", "token_ttl": "100ms", "role_ttl": "100ms"}
}
READ_ALL = 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }'
NO_NODES = 'service_prefix "" { policy = "read" }'
NO_SERVICES = 'node_prefix "" { policy = "read" }'


class Tokens:
    """Makes tokens, each with a policy of its own."""

    def __init__(self, address: str, management: str) -> None:
        self.management = management
        self._address = address
        self._policies: dict[str, str] = {}

    async def make(self, rules: str) -> str:
        """The secret of a new token with a policy of ``rules``."""
        policy = await self._put("/v1/acl/policy", {"Name": f"p{len(self._policies)}", "Rules": rules})
        token = await self._put("/v1/acl/token", {"Policies": [{"ID": policy["ID"]}]})
        self._policies[token["SecretID"]] = policy["ID"]
        return str(token["SecretID"])

    async def edit(self, token: str, rules: str) -> None:
        """Give the policy of ``token`` other rules."""
        identity = self._policies[token]
        names = list(self._policies.values())
        await self._put(
            f"/v1/acl/policy/{identity}", {"ID": identity, "Name": f"p{names.index(identity)}", "Rules": rules}
        )

    async def _put(self, path: str, body: Any) -> Any:
        async with (
            aiohttp.ClientSession(f"http://{self._address}", headers={"X-Consul-Token": self.management}) as http,
            http.put(path, json=body) as response,
        ):
            assert response.status == 200, await response.text()
            return await response.json()


async def start_with_acls(consul: ConsulAgent, eventually: Callable[..., Awaitable[Any]]) -> Tokens:
    """Start ``consul``, bootstrap its ACL system, and return what makes tokens."""
    await consul.start(wait=False)

    async def bootstrap() -> str:
        try:
            async with (
                aiohttp.ClientSession(f"http://{consul.http_addr}") as http,
                http.put("/v1/acl/bootstrap") as response,
            ):
                return str((await response.json())["SecretID"]) if response.status == 200 else ""
        except aiohttp.ClientError:
            return ""

    return Tokens(consul.http_addr, await eventually(bootstrap))
