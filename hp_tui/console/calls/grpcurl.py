"""A run of calls as a grpcurl command."""

from __future__ import annotations

from hp_tui.model.calls import CallSpec
from hp_tui.model.fleet import FleetSnapshot


def grpcurl(spec: CallSpec, snapshot: FleetSnapshot) -> str:
    """The command for the healthiest instance of the service; ``HOST:PORT`` where none is known."""
    from hp_tui.calls.grpcurl import as_grpcurl

    service = snapshot.services.get(spec.service)
    instances = sorted(service.instances or (), key=lambda view: view.health.rank) if service else ()
    return as_grpcurl(spec, instances[0].instance.endpoint if instances else "HOST:PORT")
