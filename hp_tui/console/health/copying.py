"""What can be copied of instances: their names, their addresses, the commands that act on them."""

from __future__ import annotations

from collections.abc import Sequence

from hp_tui.console.actions.action_id import ActionId
from hp_tui.console.actions.stage import ActionStage
from hp_tui.console.health.actions import INSTANCE_ACTIONS
from hp_tui.console.health.rows import bulk
from hp_tui.console.shared.copying import copy_one_of
from hp_tui.console.shared.rows import shell
from hp_tui.console.shared.rows.text import count
from hp_tui.model.fleet import InstanceView


def copy_instances(stage: ActionStage, views: Sequence[InstanceView]) -> None:
    """Open the menu for one instance, or for many."""
    snapshot = stage.snapshot()
    out = INSTANCE_ACTIONS[ActionId.DEREGISTER].preview(snapshot, views)
    on = INSTANCE_ACTIONS[ActionId.MAINTENANCE].preview(snapshot, views, "on", "…")
    if len(views) > 1:
        texts = {
            "ids": "\n".join(view.id for view in views),
            "addresses": "\n".join(view.instance.endpoint for view in views),
            "maint": bulk.script(list(zip(views, on, strict=True))),
            "deregister": bulk.script(list(zip(views, out, strict=True))),
        }
        labels = {"ids": "their ids", "addresses": "their addresses"}
        copy_one_of(stage.screen, f"Copy of {count(len(views), 'instance')}", texts, labels)
        return
    instance = views[0].instance
    failing = max(instance.checks, key=lambda check: check.status.rank, default=None)
    texts = {
        "id": instance.id,
        "address": instance.endpoint,
        "output": failing.output if failing else "",
        "health": shell.show_service(instance.service, shell.reach(snapshot)),
        "maint": on[0].command,
        "deregister": out[0].instead or out[0].command,
    }
    labels = {"id": "its id", "address": "its address", "output": "output of its worst check"}
    copy_one_of(stage.screen, f"Copy of {instance.id}", texts, labels)
