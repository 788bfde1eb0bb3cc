"""Whether the token may see all that was asked for (RULES.md Watch 5).

Consul filters: a token without rights gets fewer results, not an error. From 1.11 on the header
``X-Consul-Results-Filtered-By-ACLs`` says so. Before that there are signs only: every server registers the service
``consul``, so a list without it was filtered; and a service that is listed has instances, so one without was filtered.
"""

from __future__ import annotations

from collections.abc import Collection

from hp_tui.registry.response import Response

SERVICE_READ, NODE_READ = "service:read", "node:read"
SERVERS = "consul"
"""The service that every server registers itself as."""


class Rights:
    """What the token was seen to be able to read. The answers are the missing rule, '' where none is missing."""

    def __init__(self) -> None:
        self._saw_servers = False

    def forget(self) -> None:
        """Another token is used from now on."""
        self._saw_servers = False

    def missing_for_list(self, response: Response, names: Collection[str]) -> str:
        """For a list of services with these ``names``."""
        self._saw_servers = self._saw_servers or SERVERS in names
        if response.filtered:
            return SERVICE_READ
        return SERVICE_READ if SERVERS not in names and not response.tells_filtering else ""

    def missing_for_instances(self, response: Response, service: str, listed: Response, names: Collection[str]) -> str:
        """For a service without instances in ``response``, where ``listed`` is the list of services, with ``names``.

        A token that never saw the servers' own service is a narrow one: then only an empty list is in doubt.
        """
        saw_servers = self._saw_servers
        self.missing_for_list(listed, names)
        if response.filtered or (service in names and not response.tells_filtering):
            return NODE_READ if service in names else SERVICE_READ
        if response.tells_filtering or SERVERS in names:
            return ""
        return SERVICE_READ if saw_servers or not names else ""


def lost(right: str) -> str:
    """The sentence for a value that is kept because ``right`` is missing."""
    return f"rights lost: {right}; this is the last good answer"
