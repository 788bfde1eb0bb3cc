"""When there is no fleet to show, or it is old: what happened and what to do."""

from __future__ import annotations

from msgspec import Struct

from hp_tui.console.main.rows.header import retry_text
from hp_tui.console.shared.rows.text import age
from hp_tui.model.fleet import FleetSnapshot, LinkState
from hp_tui.model.visibility import Visibility
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Tone

SMALLEST = (60, 16)
"""Columns and lines below which there is only a sentence."""


class OutageMessage(Struct, frozen=True):
    """Why there is no fleet on screen: a title, what happened, what to do."""

    title: str
    what: str
    todo: tuple[str, ...] = ()
    tone: Tone = Tone.BAD


def outage_message(snapshot: FleetSnapshot, now: float) -> OutageMessage | None:
    """What stands in place of the panels; None while there is a fleet to show, be it old."""
    link = snapshot.link
    address = visible(link.address)
    if link.state is LinkState.ABSENT:
        return OutageMessage(
            f"No Consul at {address}",
            cause(link.error) or f"nothing answers at {address}",
            (
                f"{retry_text(link, now)}; this screen wakes by itself when Consul does",
                "r  try again now",
                "start one: consul agent -dev, or a whole demo: hp-tui demo",
                "another one: hp-tui --address HOST:PORT, or CONSUL_HTTP_ADDR",
            ),
        )
    if link.state is LinkState.FORBIDDEN and not snapshot.services:
        return OutageMessage(
            f"Consul at {address} refuses this token",
            cause(link.error),
            (
                "t  use another token (kept in memory only)",
                "r  try again now",
                "the token needs service:read and node:read",
            ),
        )
    if snapshot.loaded and not snapshot.services and snapshot.visibility is Visibility.FILTERED:
        return OutageMessage(
            f"Consul at {address} shows this token no services",
            "There may be some: Consul leaves out what a token may not read.",
            ("t  use another token (kept in memory only)", "the token needs service:read and node:read"),
            Tone.WARN,
        )
    if snapshot.loaded and not snapshot.services:
        name = visible(snapshot.cluster.datacenter) or "this datacenter"
        return OutageMessage(
            f"{name} has no services yet",
            "Consul answers, and nothing is registered. What registers appears here at once.",
            ("d  look at another datacenter", "hp-tui demo  starts a fleet to look at"),
            Tone.INFO,
        )
    if not snapshot.loaded and link.state is LinkState.NO_LEADER:
        return OutageMessage(
            "The cluster has no leader", visible(link.error), (retry_text(link, now), "r  try again now")
        )
    return None


def banner(snapshot: FleetSnapshot, now: float) -> tuple[str, Tone]:
    """One line above panels that show old or partial data; '' when all is well."""
    link = snapshot.link
    if link.state is LinkState.STALE:
        old = age(now - (link.last_good if link.last_good is not None else link.since))
        return f"What you see is {old} old: {retry_text(link, now)} (r now). {cause(link.error)}", Tone.BAD
    if link.state is LinkState.NO_LEADER and snapshot.loaded:
        return f"No leader, so nothing can be written: {retry_text(link, now)} (r now)", Tone.BAD
    if link.state is LinkState.FORBIDDEN and snapshot.services:
        return f"The token is refused now; t uses another. {cause(link.error)}", Tone.BAD
    return "", Tone.PLAIN


def cause(error: str) -> str:
    """What happened, in one line: the advice that follows it is for a command line; the screen has its own keys for it."""
    return visible(error.partition("; expected")[0].partition(". ")[0])


def connecting(snapshot: FleetSnapshot) -> bool:
    """Whether the panels have nothing to show yet but their frames."""
    return not snapshot.loaded and outage_message(snapshot, 0.0) is None


def is_old(snapshot: FleetSnapshot) -> bool:
    """Whether the picture is an old one and must be drawn as such."""
    return snapshot.link.state in {LinkState.STALE, LinkState.FORBIDDEN}


def too_small(width: int, height: int) -> str:
    """What to say to a terminal that is too small; '' to one that is not."""
    if width >= SMALLEST[0] and height >= SMALLEST[1]:
        return ""
    return (
        f"This terminal is {width}x{height}. hp-tui needs at least {SMALLEST[0]}x{SMALLEST[1]}: make it larger, "
        "or use `hp-tui status`. q quits."
    )
