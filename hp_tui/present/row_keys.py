"""What tells a row of the table from every other: keys, and what they stand for."""

from __future__ import annotations

from hp_tui.model.catalog import InstanceRef
from hp_tui.model.fleet import InstanceView

_ON = "\x1f"
"""Between service and node in a row's key."""


def instance_key(view: InstanceView) -> str:
    """A row's identity: two services, and two nodes, may have instances of one id."""
    return row_key(view.instance.ref)


def row_key(ref: InstanceRef) -> str:
    """The key of the row of an instance."""
    return f"{ref.service}{_ON}{ref.node}\0{ref.id}"


def service_key(name: str) -> str:
    """The key of a service's own row."""
    return f"{name}\0"


def split_key(key: str) -> InstanceRef:
    """The instance of a row's key; the id is '' for a service's own row."""
    place, _, instance_id = key.partition("\0")
    service, _, node = place.partition(_ON)
    return InstanceRef(service, instance_id, node)
