"""The snapshot before Consul was asked anything."""

from __future__ import annotations

from hp_tui.model.fleet import Access, FleetSnapshot, Link
from hp_tui.settings import Settings


def first_snapshot(settings: Settings, *, chaos: bool, at: float) -> FleetSnapshot:
    """The snapshot of the first paint, at Unix seconds ``at``. ``chaos`` says whether there is a demo fleet to break."""
    return FleetSnapshot(
        link=Link(address=settings.address, since=at, access=access_of(settings)),
        read_only=settings.read_only,
        chaos=chaos and not settings.read_only,
    )


def access_of(settings: Settings) -> Access:
    """What a copied shell command needs beside the address to reach the agent."""
    return Access(
        cacert=settings.cacert,
        client_cert=settings.client_cert,
        client_key=settings.client_key,
        server_name=settings.tls_server_name,
        verify=settings.ssl_verify,
        tls=settings.ssl,
        token=bool(settings.token),
    )
