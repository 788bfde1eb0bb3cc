"""What an import must not drag in, each seen in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys

import pytest


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import hp_tui.registry",
        "import hp_tui.balancer",
        "import hp_tui.heartpulse, hp_tui.heartpulse.run, hp_tui.heartpulse.upstream, hp_tui.cli.fleet",
        "from hp_tui import ConsulServiceRegistry, LoadBalancedGRPCClient",
    ],
)
def test_the_libraries_and_the_fleet_load_no_screen(statement: str) -> None:
    found = loaded_by(statement)
    assert not {"textual", "rich", "hp_tui.widgets", "hp_tui.console.app", "hp_tui.engine"} & found


def test_the_package_itself_and_the_command_line_load_neither_screen_nor_grpc() -> None:
    assert not {"textual", "grpc", "consul", "aiohttp"} & loaded_by("import hp_tui, hp_tui.cli.main")


def test_settings_are_checked_without_loading_an_http_client_before_the_first_paint() -> None:
    code = "from hp_tui.settings import load_settings\nload_settings({'address': '127.0.0.1:8500'})"
    assert not {"textual", "grpc", "consul", "aiohttp", "requests"} & loaded_by(code)


def test_a_first_paint_loads_only_what_it_shows() -> None:
    """What comes later is loaded later: `tests/bench/first_paint.py` says what that saves."""
    code = "import hp_tui.cli.main, hp_tui.cli.attach, hp_tui.cli.signals, hp_tui.console.app\nimport hp_tui.engine.deferred"
    late = {"grpc", "aiohttp", "consul", "requests", "pydantic", "pygments.lexers", "hp_tui.engine.engine"}
    late |= {
        "hp_tui.model.commands",
        "hp_tui.console.main.actions",
        "hp_tui.widgets.dialog",
        "hp_tui.widgets.editor",
        "hp_tui.widgets.background_layout",
    }
    assert not late & loaded_by(code)


def test_what_watches_loads_no_grpc() -> None:
    assert not {"grpc", "google.protobuf"} & loaded_by("import hp_tui.engine.engine, hp_tui.registry.registry")
