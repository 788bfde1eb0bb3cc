"""Entries of the timeline, and notices to the user."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class TimelineKind(StrEnum):
    HEALTH = "health"
    BREAKER = "breaker"
    MEMBER = "member"
    KV = "kv"
    CALL = "call"
    LINK = "link"
    ACTION = "action"


class Severity(StrEnum):
    INFO = "info"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


class TimelineEntry(Struct, frozen=True):
    """One transition of ``subject`` (an instance id, a key, a service, ``consul``). ``at`` is Unix seconds."""

    seq: int
    at: float
    kind: TimelineKind
    severity: Severity
    subject: str
    service: str = ""
    old: str = ""
    new: str = ""
    detail: str = ""


class Notice(Struct, frozen=True):
    """A sentence for the user: the result of an action, or a failure."""

    seq: int
    at: float
    severity: Severity
    text: str
    subject: str = ""
