"""``python -m tests.bench``: every bench in turn, the page of results written at the end."""

from __future__ import annotations

import argparse
import asyncio
import compileall
import datetime
import importlib
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from hp_tui.demo.consul_binary import find_consul
from tests.bench.table import Table

RESULTS = Path(__file__).with_name("results.md")
ROOT = Path(__file__).parents[2]
PROGRAMS = ("hp_tui", "tests/bench")
"""What is started and measured, or measures; Textual and gRPC were compiled by pip as it installed them."""
BENCHES = (
    "calls",
    "breakers",
    "failover",
    "propagation",
    "watching",
    "layout",
    "first_paint",
    "screen_load",
    "internals",
    "searching",
)
"""Modules here, each with ``async def run(quick: bool) -> Table``; in the order of the page."""


def main() -> None:
    """Run what was asked for; only a whole run that was not quick is written to the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHES, action="append", help="run this one, print it, write nothing")
    parser.add_argument("--quick", action="store_true", help="few short runs, to see that a bench works")
    asked = parser.parse_args()
    for program in PROGRAMS:  # else a checkout under PYTHONDONTWRITEBYTECODE is compiled anew at every start
        compileall.compile_dir(ROOT / program, quiet=1)
    began = time.monotonic()
    tables = []
    for name in asked.only or BENCHES:
        bench = importlib.import_module(f"tests.bench.{name}")
        table: Table = asyncio.run(bench.run(asked.quick))
        print(table.markdown(), flush=True)
        tables.append(table)
    took = time.monotonic() - began
    print(f"{took:.0f} s")
    if not asked.only and not asked.quick:
        RESULTS.write_text(page(tables, took), "utf-8")
        print(f"written to {RESULTS.name}")


def page(tables: list[Table], took: float) -> str:
    """The page: what it was measured on, then a table a bench."""
    consul = subprocess.run([find_consul(), "version"], capture_output=True, text=True, check=True).stdout.split()[1]
    used = [
        f"{os.cpu_count()} cores",
        f"{platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}",
        f"grpcio {version('grpcio')}",
        f"textual {version('textual')}",
        f"Consul {consul.removeprefix('v')}",
        *(used for table in tables for used in table.versions),
    ]
    head = [
        "# What `make bench` measured",
        "",
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {took / 60:.0f} minutes, {', '.join(used)}.",
        "",
        "Times depend on the machine; ratios and counts are what to read. Everything ran on one machine, loopback only.",
        "",
    ]
    return "\n".join(head) + "\n" + "\n".join(table.markdown() for table in tables)


if __name__ == "__main__":
    sys.exit(main())
