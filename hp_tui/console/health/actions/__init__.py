"""What can be done to instances, an object each: in a panel, in a drawer, on one or on many.

A new action is a file here and a line in :data:`INSTANCE_ACTIONS`; its keys and words stand in
:mod:`hp_tui.console.actions.registry`.
"""

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.health.actions.base import InstanceAction
from hp_tui.console.health.actions.breaker import BreakerAction
from hp_tui.console.health.actions.chaos import ChaosAction
from hp_tui.console.health.actions.deregister import DeregisterAction
from hp_tui.console.health.actions.maintenance import MaintenanceAction

INSTANCE_ACTIONS: dict[ActionId, InstanceAction] = {
    action.id: action for action in (BreakerAction(), MaintenanceAction(), DeregisterAction())
}
CHAOS = ChaosAction()

__all__ = ["CHAOS", "INSTANCE_ACTIONS", "InstanceAction"]
