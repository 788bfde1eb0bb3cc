"""What tells a row of the table from every other: keys, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hp_tui.model.catalog import InstanceRef
from hp_tui.model.fleet import InstanceView, ServiceView

_MARK = re.compile(r"\\(.)", re.DOTALL)


def instance_key(view: InstanceView) -> str:
    """A row's identity: two services, and two nodes, may have instances of one id."""
    return row_key(view.instance.ref)


def row_key(ref: InstanceRef) -> str:
    """The key of the row of an instance."""
    return "\0".join((_escaped(ref.service), _escaped(ref.node), _escaped(ref.id)))


def service_key(name: str) -> str:
    """The key of a service's own row."""
    return f"{_escaped(name)}\0"


def split_key(key: str) -> InstanceRef:
    """The instance of a row's key; the id is '' for a service's own row."""
    service, *rest = (_MARK.sub(lambda mark: "\0" if mark[1] == "0" else mark[1], part) for part in key.split("\0"))
    node, instance_id = rest if len(rest) == 2 else ("", "")
    return InstanceRef(service, instance_id, node)


def instance_at(services: Mapping[str, ServiceView], key: str) -> InstanceView | None:
    """The instance whose row has this key, where it is loaded."""
    ref = split_key(key)
    view = services.get(ref.service)
    return next((item for item in (view.instances if view else None) or () if item.instance.ref == ref), None)


def _escaped(text: str) -> str:
    """Whatever a network names a thing, NUL stands between the parts of a key and nowhere else."""
    return text.replace("\\", "\\\\").replace("\0", "\\0")
