"""What of the fleet can be changed while it runs: settings in Consul KV, in a key for each service."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from hp_tui.heartpulse.roster import AOL_CORE, CRITIC_AGENT


class CriticSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """``config/critic-agent.json``: when a text is too short, and a sentence too long. Numbers of words."""

    min_words: Annotated[int, Meta(ge=1, le=1000)] = 4
    max_sentence_words: Annotated[int, Meta(ge=1, le=1000)] = 30


class CoreSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """``config/aol-core.json``: the lowest score, 0 to 1, of a text that is accepted."""

    accept_from: Annotated[float, Meta(ge=0, le=1)] = 0.6


SETTINGS: dict[str, type[CriticSettings] | type[CoreSettings]] = {
    CRITIC_AGENT.name: CriticSettings,
    AOL_CORE.name: CoreSettings,
}
"""By service: the kind of its settings. A service that is not here has none."""


def key_of(service: str) -> str:
    """Where a service's settings are."""
    return f"config/{service}.json"
