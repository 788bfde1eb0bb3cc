"""The background worker layer between the screen and the network."""

from hp_tui.engine.engine import Engine
from hp_tui.engine.port import EnginePort

__all__ = ["Engine", "EnginePort"]
