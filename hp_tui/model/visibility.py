"""How complete an answer of Consul is: it tells "there is none" from "it is not known"."""

from __future__ import annotations

from enum import StrEnum


class Visibility(StrEnum):
    """How complete an answer is. An empty answer means "none" only if it is ``WHOLE``."""

    NOT_ASKED = "not asked"
    """Consul has not been asked yet."""
    WHOLE = "whole"
    """Complete: an empty answer means that there is none."""
    FILTERED = "filtered"
    """Consul left out what the token may not read; there may be more."""
    DENIED = "denied"
    """Consul refused the token (403)."""
    UNREACHABLE = "unreachable"
    """Consul did not answer, or what answered was not Consul."""
