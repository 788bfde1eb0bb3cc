"""Settings that can be changed while the fleet runs: in Consul KV, one key for each service."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from hp_tui.heartpulse.roster import AOL_CORE, CRITIC_AGENT


class CriticSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """``config/critic-agent.json``: the fewest words of a text, and the most of a sentence."""

    min_words: Annotated[int, Meta(ge=1, le=1000)] = 4
    max_sentence_words: Annotated[int, Meta(ge=1, le=1000)] = 30


class CoreSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """``config/aol-core.json``: the lowest score, 0 to 1, of a text that is accepted."""

    accept_from: Annotated[float, Meta(ge=0, le=1)] = 0.6


SETTINGS: dict[str, type[CriticSettings] | type[CoreSettings]] = {
    CRITIC_AGENT.name: CriticSettings,
    AOL_CORE.name: CoreSettings,
}
"""The type of each service's settings, by its name. Other services have none."""


def key_of(service: str) -> str:
    """The key of a service's settings."""
    return f"config/{service}.json"
