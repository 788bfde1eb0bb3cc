"""How much of something Consul showed: what tells "there is none" from "it is not known"."""

from __future__ import annotations

from enum import StrEnum


class Visibility(StrEnum):
    """How far an answer can be believed to be all there is. An empty answer means "none" only if it is ``WHOLE``."""

    NOT_ASKED = "not asked"
    """Nobody asked yet."""
    WHOLE = "whole"
    """Everything there is: an empty one says that there is none."""
    FILTERED = "filtered"
    """Consul left out what the token may not read: there may be more."""
    DENIED = "denied"
    """Consul refused the token (403)."""
    UNREACHABLE = "unreachable"
    """Consul did not answer, or what answered was not Consul."""
