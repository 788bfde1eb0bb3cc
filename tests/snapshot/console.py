"""The console on a fixed picture: no engine, no clock, no file of the user."""

from __future__ import annotations

from hp_tui.console.app import HpTuiApp
from hp_tui.console.drafts import DraftStore
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.settings import Settings
from tests.fleets import ADDRESS, NOW, RecordingEngine


def console(snapshot: FleetSnapshot) -> HpTuiApp:
    """The whole App showing ``snapshot`` at ``NOW``."""
    return HpTuiApp(RecordingEngine(snapshot), Settings(address=ADDRESS), clock=lambda: NOW, drafts=DraftStore())
