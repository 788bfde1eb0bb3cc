"""`hp-tui call`: test calls through the balanced client."""

from __future__ import annotations

import argparse
import json

from hp_tui.cli.global_flags import settings_of
from hp_tui.cli.output import BAD, OK, USAGE, complain, run_async, visible, width
from hp_tui.cli.parser import Parser, number, whole
from hp_tui.settings import Settings


def flags(command: Parser) -> None:
    """What the command takes."""
    command.add_argument("service", metavar="SERVICE", nargs="?", help="service name in Consul")
    command.add_argument("--saved", metavar="NAME", help="a saved request; what else is given overrides it")
    command.add_argument("--list-saved", action="store_true", help="list the saved requests and leave")
    command.add_argument(
        "--method", help="pkg.Service/Method, found by server reflection (grpc.health.v1.Health/Check)"
    )
    command.add_argument("--data", help="request as JSON, @FILE, or - for standard input ({})")
    command.add_argument("-n", "--count", type=whole(), help="how many calls (1)")
    command.add_argument("--rate", type=number(), help="calls a second, at most 500; 0: one after another (0)")
    command.add_argument("--timeout", type=number(), help="seconds for a whole call, retries included (5)")
    command.add_argument("-H", "--metadata", action="append", default=[], help="name: value, repeatable")
    command.add_argument("--json", action="store_true", help="a line of JSON an attempt, one a reply, then a summary")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Fire the calls and print who was picked. Returns 0; 1 if any call failed; 2 for input that cannot be used."""
    settings = settings_of(arguments)
    if arguments.list_saved:
        return list_saved(settings, arguments.json)
    from hp_tui.calls import CallError
    from hp_tui.calls.saved import SavedRequests
    from hp_tui.cli.call_firing import fire
    from hp_tui.cli.call_input import Given

    given = Given(
        arguments.service,
        arguments.saved,
        arguments.method,
        arguments.data,
        arguments.count,
        arguments.rate,
        arguments.timeout,
        tuple(arguments.metadata),
    )
    try:
        spec = given.spec(SavedRequests.at(settings.requests))
    except (ValueError, CallError) as error:
        complain(str(error))
        return USAGE
    return run_async(fire(settings, spec, arguments.json))


def list_saved(settings: Settings, as_json: bool) -> int:
    """Print the saved requests, by name. Returns 0; 1 if one of them cannot be used; 2 for a file that cannot be read."""
    from hp_tui.calls import CallError
    from hp_tui.calls.saved import SavedRequests

    saved = SavedRequests.at(settings.requests)
    try:
        requests = saved.read()
    except CallError as error:
        complain(str(error))
        return USAGE
    column = max((width(visible(one.name)) for one in requests), default=0)
    for one in requests:
        if as_json:
            facts = {"name": one.name, "service": one.spec.service, "method": one.spec.method, "problem": one.problem}
            print(json.dumps(facts))
        else:
            padded = visible(one.name) + " " * (column - width(visible(one.name)))
            what = f"cannot be used: {one.problem}" if one.problem else f"{one.spec.service}  {one.spec.method}"
            print(f"{padded}  {visible(what)}")
    if not requests:
        complain(f"no request is saved in {saved.path}; ctrl+t in the call composer saves one")
    return BAD if any(one.problem for one in requests) else OK
