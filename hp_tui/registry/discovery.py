"""What the catalog says, read once or watched."""

from __future__ import annotations

import asyncio

from hp_tui.model.catalog import Instance, InstancesUpdate, Intention, ServiceSummary, ServicesUpdate
from hp_tui.registry import parsing
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import ConfigurationError, ConsulForbiddenError, ConsulResponseError
from hp_tui.registry.subscription import Subscription
from hp_tui.registry.urls import in_url, path_to
from hp_tui.registry.values import ServiceCounts
from hp_tui.registry.watch import Fetched, Observed, ReadMode
from hp_tui.registry.watches import Watches

_SERVICES = "/v1/catalog/services"


class Discovery:
    """Reads and watches of services and their instances."""

    def __init__(self, connection: Connection, watches: Watches) -> None:
        self._connection = connection
        self._watches = watches
        self._counted: tuple[bytes, tuple[ServiceCounts, ...] | None] = b"", None

    async def services(self) -> tuple[ServiceSummary, ...]:
        response = await self._connection.get(_SERVICES, permission="service:read")
        return parsing.services(response.json(dict))

    async def instances(self, service: str, passing_only: bool, tag: str, near: str) -> tuple[Instance, ...]:
        params = [*([("passing", "")] if passing_only else [])]
        params += [(name, value) for name, value in (("tag", tag), ("near", near)) if value]
        response = await self._connection.get(_health(service), params, permission=_permission(service))
        found = parsing.instances(response.json())
        if not near:
            return found
        order = {key: place for place, key in enumerate(_identities(response.json()))}
        return tuple(sorted(found, key=lambda one: order.get((one.id, one.node), len(order))))

    def watch_instances(self, service: str) -> Subscription[InstancesUpdate]:
        if not _is_text(service):
            _health(service)  # raises; names from a catalog, however strange, are an error in the update instead

        async def fetch(index: int, *, mode: ReadMode, wait: float) -> Fetched[tuple[tuple[Instance, ...], bool]]:
            response = await self._watches.read(_health(service), (), index, mode, wait, _permission(service))
            found = parsing.instances(response.json())
            known = bool(found) or await self._listed(service, mode)
            return Fetched((found, known), response.index, response.known_leader, response.last_contact, not found)

        def shape(seen: Observed[tuple[tuple[Instance, ...], bool]]) -> InstancesUpdate:
            found, known = seen.value or ((), True)
            return InstancesUpdate(service, found, seen.at, seen.index, known, seen.stale, seen.error)

        return self._watches.subscribe(("instances", service), fetch, shape)

    def watch_services(self) -> Subscription[ServicesUpdate]:
        async def fetch(index: int, *, mode: ReadMode, wait: float) -> Fetched[tuple[ServiceSummary, ...]]:
            response = await self._watches.read(_SERVICES, (), index, mode, wait, "service:read")
            found = parsing.services(response.json(dict))
            return Fetched(found, response.index, response.known_leader, response.last_contact, not found)

        def shape(seen: Observed[tuple[ServiceSummary, ...]]) -> ServicesUpdate:
            return ServicesUpdate(seen.value or (), seen.at, seen.index, seen.stale, seen.error)

        return self._watches.subscribe("services", fetch, shape)

    async def service_counts(self) -> tuple[ServiceCounts, ...] | None:
        try:
            response = await self._connection.get("/v1/internal/ui/services", permission="service:read", allow=(404,))
        except ConsulForbiddenError:
            return None
        if response.status == 404:
            return None
        if response.body != self._counted[0]:  # it is large, asked for often, and mostly the same
            # In a thread: a thousand services take longer than a key should wait for.
            self._counted = response.body, await asyncio.to_thread(lambda: parsing.counts(response.json()))
        return self._counted[1]

    async def intentions(self) -> tuple[Intention, ...]:
        try:
            response = await self._connection.get("/v1/connect/intentions", permission="intentions:read", allow=(404,))
        except ConsulForbiddenError:
            return ()
        except ConsulResponseError as error:
            if "Connect must be enabled" in error.body:
                return ()
            raise
        return () if response.status == 404 else parsing.intentions(response.json())

    async def _listed(self, service: str, mode: ReadMode) -> bool:
        """Whether the catalog lists a service that answered with no instance.

        It does so when the token may read the service and not its nodes; a service without instances is not listed.
        """
        params = [] if mode is ReadMode.DEFAULT else [(mode.value, "")]
        response = await self._connection.get(_SERVICES, params, permission="service:read")
        return service in response.json(dict)


def _health(service: str) -> str:
    if not _is_name(service):
        raise ConfigurationError(f"service name {service!r}: expected printable text that is not empty")
    return path_to("/v1/health/service/", service)


def _is_text(service: object) -> bool:
    return isinstance(service, str) and bool(service.strip())


def _is_name(service: str) -> bool:
    return _is_text(service) and in_url(service)


def _permission(service: str) -> str:
    return f'service "{service}" policy "read" (and node read)'


def _identities(raw: list[object]) -> list[tuple[str, str]]:
    found = (parsing.instance(item) for item in parsing.objects(raw))
    return [(one.id, one.node) for one in found if one is not None]
