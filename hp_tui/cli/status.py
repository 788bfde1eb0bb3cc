"""`hp-tui status`: one picture of the datacenter."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hp_tui.cli.extras import without_screen
from hp_tui.cli.global_flags import settings_of
from hp_tui.cli.output import BAD, OK, USAGE, complain, counted, run_async, visible
from hp_tui.cli.parser import Parser
from hp_tui.connect import registry_for
from hp_tui.console.shared.rows.styles import HEALTH_TONE
from hp_tui.model.catalog import Check, Instance, ServiceSummary
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.health import Health
from hp_tui.model.text import first_line
from hp_tui.settings import Settings
from hp_tui.widgets.values import GLYPHS

AT_ONCE = 16
"""Services read at the same time: an agent allows 200 connections per client address."""
COLOURS = {Health.PASSING: "32", Health.WARNING: "33", Health.CRITICAL: "31", Health.MAINTENANCE: "35"}


Services = list[tuple[ServiceSummary, tuple[Instance, ...]]]


@dataclass(frozen=True, slots=True)
class Output:
    """The output: text or JSON on standard output, or files. ``source`` is a recording to show instead of Consul."""

    as_json: bool = False
    svg: Path | None = None
    record: Path | None = None
    source: Path | None = None
    size: str = "120x40"


def flags(command: Parser) -> None:
    """What the command takes."""
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--svg", type=Path, metavar="FILE", help="write the screen as an SVG picture")
    command.add_argument(
        "--record", type=Path, metavar="FILE", help="write what the screen shows, to be shown again by --from"
    )
    command.add_argument(
        "--from", dest="source", type=Path, metavar="FILE", help="show a recording instead of asking Consul"
    )
    command.add_argument("--size", default="120x40", help="columns and lines of the picture (120x40)")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print or write the picture. Returns 0; 1 when an instance is critical; 3 when Consul does not answer."""
    output = Output(arguments.json, arguments.svg, arguments.record, arguments.source, arguments.size)
    return run_async(_run(settings_of(arguments), output))


async def _run(settings: Settings, output: Output) -> int:
    if output.svg is None and output.record is None and output.source is None:
        return await _print_now(settings, output.as_json)
    if output.svg and (missing := without_screen()):
        complain(f"--svg draws the screen, and {missing}")
        return USAGE
    from hp_tui.cli import picture
    from hp_tui.model.recording import RecordingError, read_recording, record

    try:
        size = picture.parse_size(output.size)
        snapshot = read_recording(output.source) if output.source else await picture.look(settings)
        if output.record:
            picture.write(output.record, record(snapshot), "--record")
        if output.svg:
            picture.write(output.svg, (await picture.draw(snapshot, settings, size)).encode(), "--svg")
    except (ValueError, RecordingError) as error:
        complain(str(error))
        return USAGE
    services = _services_of(snapshot)
    if output.as_json or not (output.svg or output.record):
        cluster = snapshot.cluster
        _print(cluster.datacenter, cluster.leader, cluster.version, services, output.as_json)
    return _status(services)


async def _print_now(settings: Settings, as_json: bool) -> int:
    async with registry_for(settings) as registry:
        leader = await registry.leader()
        about = await registry.agent()
        summaries = await registry.services()
        room = asyncio.Semaphore(AT_ONCE)

        async def ask(summary: ServiceSummary) -> tuple[ServiceSummary, tuple[Instance, ...]]:
            async with room:
                return summary, await registry.instances(summary.name)

        services = await asyncio.gather(*(ask(summary) for summary in summaries))
    _print(settings.datacenter or about.datacenter, leader, about.version, services, as_json)
    return _status(services)


def _services_of(snapshot: FleetSnapshot) -> Services:
    return [
        (ServiceSummary(view.name, view.tags), tuple(item.instance for item in view.instances or ()))
        for view in snapshot.services.values()
    ]


def _print(datacenter: str, leader: str, version: str, services: Services, as_json: bool) -> None:
    if as_json:
        print(json.dumps(as_dict(datacenter, leader, version, services), indent=2))
    else:
        print("\n".join(as_lines(datacenter, leader, version, services, colour=_colour())))


def _status(services: Services) -> int:
    critical = any(instance.health is Health.CRITICAL for _, instances in services for instance in instances)
    return BAD if critical else OK


def as_dict(datacenter: str, leader: str, version: str, services: Services) -> dict[str, Any]:
    """The picture as JSON; scripts rely on its keys."""
    return {
        "datacenter": datacenter,
        "leader": leader,
        "consul_version": version,
        "services": [
            {"name": summary.name, "tags": list(summary.tags), "instances": [_instance(item) for item in instances]}
            for summary, instances in services
        ],
    }


def _instance(instance: Instance) -> dict[str, Any]:
    return {
        "id": instance.id,
        "node": instance.node,
        "address": instance.address,
        "port": instance.port,
        "health": instance.health.value,
        "version": instance.version,
        "tags": list(instance.tags),
        "checks": [_check(check) for check in instance.checks],
    }


def _check(check: Check) -> dict[str, str]:
    return {"id": check.id, "name": check.name, "status": check.status.value, "output": check.output}


def as_lines(
    datacenter: str,
    leader: str,
    version: str,
    services: Services,
    *,
    colour: bool,
) -> list[str]:
    """The picture for people: services with their instances, the worst health first."""
    instances = [item for _, items in services for item in items]
    worst_first = sorted(services, key=lambda pair: (-max((i.health.rank for i in pair[1]), default=0), pair[0].name))
    counts = ", ".join(
        f"{sum(item.health is health for item in instances)} {health.value}"
        for health in reversed(Health)
        if any(item.health is health for item in instances)
    )
    lines = [
        f"{datacenter or 'unknown datacenter'}  consul {version or '?'}  leader {leader or 'none'}",
        f"{counted(len(services), 'service')}, {counted(len(instances), 'instance')}{': ' + counts if counts else ''}",
    ]
    id_width = min(40, max((len(visible(item.id)) for item in instances), default=0))
    address_width = max((len(item.endpoint) for item in instances), default=0)
    for summary, items in worst_first:
        tags = f"  [{', '.join(summary.tags)}]" if summary.tags else ""
        lines += ["", visible(f"{summary.name}{tags}")]
        for item in sorted(items, key=lambda item: (-item.health.rank, item.id)):
            state = _painted(f"{GLYPHS[HEALTH_TONE[item.health]]} {item.health.value:<11}", item.health, colour)
            lines.append(
                f"  {state} {visible(item.id):<{id_width}}  {item.endpoint:<{address_width}}  {visible(item.version)}".rstrip()
            )
            lines += [
                f"      {visible(check.name)}: {visible(_said(check))}"
                for check in item.checks
                if check.status is not Health.PASSING
            ]
    return lines


def _said(check: Check) -> str:
    return (first_line(check.output) or first_line(check.notes) or check.status.value)[:200]


def _painted(text: str, health: Health, colour: bool) -> str:
    return f"\x1b[{COLOURS[health]}m{text}\x1b[0m" if colour else text


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
