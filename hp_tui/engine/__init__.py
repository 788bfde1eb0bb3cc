"""The background worker layer between the screen and the network.

``Engine`` is loaded when it is first used: it brings gRPC, aiohttp and Consul's client, and the screen paints before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hp_tui.engine.port import EnginePort

if TYPE_CHECKING:
    from hp_tui.engine.engine import Engine

__all__ = ["Engine", "EnginePort"]


def __getattr__(name: str) -> Any:
    if name == "Engine":
        from hp_tui.engine.engine import Engine

        return Engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
