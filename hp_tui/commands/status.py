"""`hp-tui status`: one picture of the datacenter."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from hp_tui.commands.console import BAD, OK, run_async, visible
from hp_tui.connect import registry_for
from hp_tui.model.catalog import Check, Instance, ServiceSummary
from hp_tui.model.health import Health
from hp_tui.settings import Settings

AT_ONCE = 16
"""Services asked about at the same time: an agent allows 200 connections per client address."""
GLYPHS = {Health.PASSING: "●", Health.WARNING: "▲", Health.CRITICAL: "✖", Health.MAINTENANCE: "◼"}
COLOURS = {Health.PASSING: "32", Health.WARNING: "33", Health.CRITICAL: "31", Health.MAINTENANCE: "35"}


def run(settings: Settings, *, as_json: bool) -> int:
    """Print the picture. Returns 0; 1 when an instance is critical; 3 when Consul does not answer."""
    return run_async(_run(settings, as_json))


async def _run(settings: Settings, as_json: bool) -> int:
    async with registry_for(settings) as registry:
        leader = await registry.leader()
        about = await registry.agent()
        summaries = await registry.services()
        room = asyncio.Semaphore(AT_ONCE)

        async def ask(summary: ServiceSummary) -> tuple[ServiceSummary, tuple[Instance, ...]]:
            async with room:
                return summary, await registry.instances(summary.name)

        services = await asyncio.gather(*(ask(summary) for summary in summaries))
    datacenter = settings.datacenter or about.datacenter
    if as_json:
        print(json.dumps(as_dict(datacenter, leader, about.version, services), indent=2))
    else:
        print("\n".join(as_lines(datacenter, leader, about.version, services, colour=_colour())))
    critical = any(instance.health is Health.CRITICAL for _, instances in services for instance in instances)
    return BAD if critical else OK


def as_dict(
    datacenter: str, leader: str, version: str, services: list[tuple[ServiceSummary, tuple[Instance, ...]]]
) -> dict[str, Any]:
    """The JSON picture; its keys are a promise to scripts."""
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
    services: list[tuple[ServiceSummary, tuple[Instance, ...]]],
    *,
    colour: bool,
) -> list[str]:
    """The picture for people: services with their instances, red first."""
    instances = [item for _, items in services for item in items]
    worst_first = sorted(services, key=lambda pair: (-max((i.health.rank for i in pair[1]), default=0), pair[0].name))
    counts = ", ".join(
        f"{sum(item.health is health for item in instances)} {health.value}"
        for health in reversed(Health)
        if any(item.health is health for item in instances)
    )
    lines = [
        f"{datacenter or 'unknown datacenter'}  consul {version or '?'}  leader {leader or 'none'}",
        f"{len(services)} services, {len(instances)} instances{': ' + counts if counts else ''}",
    ]
    id_width = min(40, max((len(visible(item.id)) for item in instances), default=0))
    address_width = max((len(item.endpoint) for item in instances), default=0)
    for summary, items in worst_first:
        tags = f"  [{', '.join(summary.tags)}]" if summary.tags else ""
        lines += ["", visible(f"{summary.name}{tags}")]
        for item in sorted(items, key=lambda item: (-item.health.rank, item.id)):
            state = _painted(f"{GLYPHS[item.health]} {item.health.value:<11}", item.health, colour)
            lines.append(
                f"  {state} {visible(item.id):<{id_width}}  {item.endpoint:<{address_width}}  {visible(item.version)}".rstrip()
            )
            lines += [
                f"      {visible(check.name)}: {visible(_first_line(check))}"
                for check in item.checks
                if check.status is not Health.PASSING
            ]
    return lines


def _first_line(check: Check) -> str:
    text = (check.output or check.notes or check.status.value).strip().splitlines()
    return text[0][:200] if text else check.status.value


def _painted(text: str, health: Health, colour: bool) -> str:
    return f"\x1b[{COLOURS[health]}m{text}\x1b[0m" if colour else text


def _colour() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
