"""What the catalog says, read once or watched."""

from __future__ import annotations

import asyncio

from hp_tui.model.catalog import Instance, InstancesUpdate, Intention, ServiceSummary, ServicesUpdate
from hp_tui.model.health import Health
from hp_tui.model.visibility import Visibility
from hp_tui.registry import parsing
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import ConfigurationError, ConsulForbiddenError, ConsulResponseError
from hp_tui.registry.response import Response
from hp_tui.registry.rights import NODE_READ, SERVICE_READ, Rights
from hp_tui.registry.subscription import Subscription
from hp_tui.registry.urls import in_url, path_to
from hp_tui.registry.values import ServiceCounts
from hp_tui.registry.watch import Fetched, Observed, ReadMode
from hp_tui.registry.watches import Watches, fetched

_SERVICES = "/v1/catalog/services"


class Discovery:
    """Reads and watches of services and their instances."""

    def __init__(self, connection: Connection, watches: Watches) -> None:
        self._connection = connection
        self._watches = watches
        self.rights = Rights()
        self._counted: tuple[bytes, tuple[ServiceCounts, ...] | None] = b"", None

    async def services(self) -> tuple[ServiceSummary, ...]:
        response = await self._connection.get(_SERVICES, permission=SERVICE_READ)
        names = response.json(dict)
        self.rights.missing_for_list(response, names)
        return parsing.services(names)

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
            known, missing = True, NODE_READ if response.filtered else ""
            if not found:
                known, missing = await self._why_empty(service, response, mode)
            return fetched(response, (found, known), empty=not found, missing=missing)

        def shape(seen: Observed[tuple[tuple[Instance, ...], bool]]) -> InstancesUpdate:
            found, known = seen.value or ((), True)
            # An empty set that was filtered is not known to be empty.
            unknown = seen.visibility is Visibility.FILTERED and not found
            error = seen.error or (f"rights missing: the token does not see all of {service!r}" if unknown else "")
            return InstancesUpdate(
                service, found, seen.at, seen.index, known, seen.stale or unknown, error, seen.visibility, seen.note
            )

        return self._watches.subscribe(("instances", service), fetch, shape)

    def watch_services(self) -> Subscription[ServicesUpdate]:
        async def fetch(index: int, *, mode: ReadMode, wait: float) -> Fetched[tuple[ServiceSummary, ...]]:
            response = await self._watches.read(_SERVICES, (), index, mode, wait, SERVICE_READ)
            names = response.json(dict)
            missing = self.rights.missing_for_list(response, names)
            return fetched(response, parsing.services(names), empty=not names, missing=missing)

        def shape(seen: Observed[tuple[ServiceSummary, ...]]) -> ServicesUpdate:
            return ServicesUpdate(
                seen.value or (), seen.at, seen.index, seen.stale, seen.error, seen.visibility, seen.note
            )

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
        except ConsulResponseError as error:
            if "Connect must be enabled" in error.body:
                return ()
            raise
        found = () if response.status == 404 else parsing.intentions(response.json())
        if not found and response.filtered:  # none that the token may read is not none
            raise ConsulForbiddenError("GET /v1/connect/intentions", "intentions:read", "all of them were filtered")
        return found

    async def is_withdrawn(self, service: str, service_id: str) -> bool:
        """Whether discovery no longer offers the instance. A token that does not see it asks the agent of its health."""
        response = await self._connection.get(_health(service), permission=_permission(service))
        found = parsing.instances(response.json())
        if not found and (await self._why_empty(service, response, ReadMode.DEFAULT))[1]:
            path = path_to("/v1/agent/health/service/id/", service_id)
            local = await self._connection.get(path, permission=SERVICE_READ, allow=(404, 429, 503))
            return local.status in {404, 503}  # gone, or critical, as maintenance is
        withdrawn = {Health.CRITICAL, Health.MAINTENANCE}
        return not any(one.id == service_id and one.health not in withdrawn for one in found)

    async def _why_empty(self, service: str, response: Response, mode: ReadMode) -> tuple[bool, str]:
        """Whether the catalog lists a service that answered with no instance, and the rule that may be missing."""
        params = [] if mode is ReadMode.DEFAULT else [(mode.value, "")]
        listed = await self._connection.get(_SERVICES, params, permission=SERVICE_READ)
        names = listed.json(dict)
        return service in names, self.rights.missing_for_instances(response, service, listed, names)


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
