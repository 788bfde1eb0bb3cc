"""The type of a reducer module's ``STEPS``: for each event, the functions that make the new snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hp_tui.engine.events import Event
from hp_tui.model.fleet import FleetSnapshot

Reducer = Callable[[FleetSnapshot, Any], FleetSnapshot]
Steps = Mapping[type[Event], tuple[Reducer, ...]]
