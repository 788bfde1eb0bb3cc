"""Saved requests as rows, and one of them in full."""

from __future__ import annotations

import shlex

from hp_tui.console.calls.rows.composed import metadata_text
from hp_tui.console.calls.rows.lanes import RunLine
from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter
from hp_tui.console.shared.rows.text import in_short, rate, short_method
from hp_tui.model.calls import CallSpec, SavedRequest
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.secrets import withheld
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Badge, Column, Row, Tone

SAVED_COLUMNS = (
    Column("mark", "", 1),
    Column("name", "NAME", 20, grow=1),
    Column("service", "SERVICE", 16, grow=1, drop=1),
    Column("method", "METHOD", 24, grow=1),
    Column("count", "COUNT", 6, right=True, drop=2),
    Column("rate", "RATE", 6, right=True, drop=2),
)


def saved_rows(snapshot: FleetSnapshot, wanted: Filter = EVERYTHING) -> tuple[Row, ...]:
    """By name; those that cannot be used, and those for a service that is not there, are marked."""
    requests = snapshot.saved.requests if snapshot.saved else ()
    return tuple(
        _row(request, absent(snapshot, request))
        for request in requests
        if wanted(request.name, request.spec.service, request.spec.method)
    )


def absent(snapshot: FleetSnapshot, request: SavedRequest) -> bool:
    """Whether its service is known not to be registered now."""
    return snapshot.loaded and not request.problem and request.spec.service not in snapshot.services


def _row(request: SavedRequest, away: bool) -> Row:
    spec = request.spec
    if request.problem:
        cells = {"mark": Badge("✖", Tone.BAD), "method": Badge("cannot be used", Tone.BAD)}
        return Row(request.name, {**cells, "name": Badge(visible(request.name), Tone.MUTED)})
    return Row(
        request.name,
        {
            "mark": Badge("▲", Tone.WARN) if away else Badge("•", Tone.INFO),
            "name": Badge(visible(request.name)),
            "service": Badge(visible(spec.service), Tone.WARN if away else Tone.PLAIN),
            "method": Badge(visible(short_method(spec.method)), Tone.MUTED),
            "count": Badge(str(spec.count), Tone.MUTED),
            "rate": Badge(rate(spec.rate) if spec.rate else "", Tone.MUTED),
        },
    )


def saved_lines(snapshot: FleetSnapshot, request: SavedRequest, limit: int) -> tuple[RunLine, ...]:
    """The request in full, at most ``limit`` characters of its body, and how to fire it from a shell."""
    if request.problem:
        return (
            RunLine(visible(request.problem), Tone.BAD),
            RunLine("Its entry stays in the file as it is.", Tone.MUTED),
        )
    spec = request.spec
    lines = [RunLine(visible(f"{spec.service}  {spec.method}"))]
    if absent(snapshot, request):
        where = f" in {snapshot.cluster.datacenter}" if snapshot.cluster.datacenter else ""
        lines.append(RunLine(visible(f"{spec.service} is not registered{where} now; the request is kept"), Tone.WARN))
    pace = f", {rate(spec.rate)}" if spec.rate else ""
    lines.append(RunLine(f"count {spec.count}{pace}, deadline {spec.timeout:g} s", Tone.MUTED))
    if spec.metadata:
        lines.append(RunLine(visible(f"metadata {metadata_text(spec.metadata)}"), Tone.MUTED))
    lines += [
        RunLine(visible(f"the value of {name} is not kept: it is to be given each time"), Tone.WARN)
        for name in withheld(spec.metadata)
    ]
    body = visible(spec.body, lines=True)
    lines += [RunLine(shell_command(request), Tone.INFO), RunLine(""), RunLine(body[:limit])]
    if len(body) > limit:
        lines.append(RunLine(f"… {len(body) - limit} characters more", Tone.MUTED))
    return tuple(lines)


def shell_command(request: SavedRequest) -> str:
    """The command that fires it."""
    words = ["hp-tui", "call", "--saved", request.name]
    for name in withheld(request.spec.metadata):
        words += ["-H", f"{name}: …"]
    return visible(shlex.join(words))


def suggested_name(spec: CallSpec) -> str:
    """A name to begin with: ``critic-agent Critique``."""
    name = f"{spec.service} {short_method(spec.method).rpartition('/')[2]}"
    return "".join(letter for letter in name if letter.isprintable())[:60].strip()


def replace_lines(path: str, old: SavedRequest, spec: CallSpec) -> list[str]:
    """What replacing a saved request changes."""
    was, will = (
        [f"  {each.service}  {short_method(each.method)}", f"  {in_short(' '.join(each.body.split()), 60)}"]
        for each in (old.spec, spec)
    )
    if old.problem:
        was = [f"  {in_short(old.problem, 60)}"]
    return [f"{old.name} is saved already in {path}.", "", "It is", *was, "and will be", *will]
