"""What an action does outside this console, in one place.

The footer, help, the palette, a read-only console, the panels and the drawers read a :class:`Verb`. The engine's own lock
reads the commands it submits (:attr:`hp_tui.model.commands.Command.writes`), and so does :attr:`Verb.writes`: an action
cannot be offered where the engine would refuse it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from hp_tui.console.actions.action_id import ActionId
from hp_tui.model.fleet import FleetSnapshot

if TYPE_CHECKING:
    from hp_tui.console.actions.stage import ActionStage


class Verb:
    """Base of every action that changes something outside this console.

    A subclass names its ``id`` and its ``commands``: the types of :mod:`hp_tui.model.commands` that it submits, by name,
    so that a first paint need not load them. ``destructive``: it takes something away, and shows before that what will
    happen. ``demo``: it needs a fleet that this console started.

    Raises ``TypeError`` when a destructive subclass has no :meth:`preview` of its own.
    """

    id: ClassVar[ActionId]
    commands: ClassVar[tuple[str, ...]]
    destructive: ClassVar[bool] = False
    demo: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.destructive and cls.preview is Verb.preview:
            raise TypeError(
                f"{cls.__name__} is destructive and has no preview(); show what it will do before it does it"
            )

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @cached_property
    def writes(self) -> bool:
        """Whether a command of its kind may change something outside this console. Absent when read-only, if so."""
        from hp_tui.model import commands

        return any(getattr(commands, name).may_write for name in self.commands)

    def preview(self, snapshot: FleetSnapshot, targets: Any, /, choice: str = "") -> Sequence[Any]:
        """What will happen to each of ``targets``, before it happens. ``choice`` is which way, where there are several."""
        raise NotImplementedError(f"{type(self).__name__} has no preview")

    def start(self, stage: ActionStage, targets: Any, /) -> None:
        """Ask what has to be asked, show the preview, and submit the command once the user has said yes."""
        raise NotImplementedError(f"{type(self).__name__} is carried out by the screen that offers it")
