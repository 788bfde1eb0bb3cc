"""The command line as a user meets it, in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from hp_tui.demo.ports import free_ports

COMMANDS = [
    "",
    "demo",
    "status",
    "call",
    "fleet",
    "kv",
    "kv get",
    "kv put",
    "kv delete",
    "kv ls",
    "kv export",
    "kv import",
]


def hp_tui(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CONSUL_")}
    return subprocess.run(
        [sys.executable, "-m", "hp_tui", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**clean, "COLUMNS": "100", **environ},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_a_page_a_person_can_read(command):
    done = hp_tui(*command.split(), "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ")
    assert "Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) < 60


def test_help_loads_neither_textual_nor_grpc():
    code = (
        "import sys\nfrom hp_tui.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('loaded:', sorted({'textual', 'grpc', 'consul', 'aiohttp'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines()[-1] == "loaded: []", done.stderr


def test_version():
    assert hp_tui("--version").stdout.startswith("hp-tui ")


@pytest.mark.parametrize("command", [["status"], ["call", "critic-agent"], ["kv", "get", "a"]])
def test_a_closed_port_is_status_three_and_one_sentence(command):
    address = f"127.0.0.1:{free_ports(1)[0]}"
    done = hp_tui("--address", address, *command)
    assert done.returncode == 3
    assert address in done.stderr
    assert "connection refused" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--address", "nonsense", "status"], "nonsense"),
        (["--cacert", "/nowhere.pem", "status"], "/nowhere.pem"),
        (["call", "x", "-n", "0"], "--count is 0; expected"),
        (["call", "x", "--rate", "501"], "--rate is 501; expected 0 to 500"),
        (["call", "x", "--data", "@/nowhere.json"], "/nowhere.json"),
        (["call", "x", "--metadata", "nocolon"], "nocolon"),
        (["call"], "a service is missing; expected `hp-tui call SERVICE` or `hp-tui call --saved NAME`"),
        (["call", "--saved", "nope"], "no request 'nope' is saved in"),
        (["nonsense"], "nonsense"),
        (["--theme", "pink", "status"], "theme is 'pink': expected one of auto, dark, light"),
        (["--theme", "pink", "demo"], "expected one of auto, dark, light"),
        (["fleet", "nobody"], "nobody"),
        (["--read-only", "kv", "put", "a", "b"], "read-only"),
    ],
)
def test_bad_usage_is_status_two_and_names_what_was_given(arguments, sentence):
    done = hp_tui(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_saved_requests_are_listed_and_a_file_that_is_none_is_one_sentence(tmp_path):
    file = tmp_path / "requests.json"
    done = hp_tui("call", "--list-saved", HP_TUI_REQUESTS=str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert f"no request is saved in {file}" in done.stderr
    good = {"service": "critic-agent", "method": "a.B/C"}
    file.write_text(json.dumps({"format": "hp-tui requests 1", "requests": {"b": good, "A \x1b[31m": good}}))
    done = hp_tui("call", "--list-saved", HP_TUI_REQUESTS=str(file))
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["A \u241b[31m  critic-agent  a.B/C", "b        critic-agent  a.B/C"]
    file.write_text(json.dumps({"format": "hp-tui requests 1", "requests": {"a": good, "b": {}}}))
    done = hp_tui("call", "--list-saved", "--json", HP_TUI_REQUESTS=str(file))
    assert done.returncode == 1
    assert [json.loads(line)["problem"] for line in done.stdout.splitlines()] == [
        "",
        "it has no service; expected text",
    ]
    file.write_text("<<<<<<<")
    for arguments in (["--list-saved"], ["--saved", "a"]):
        done = hp_tui("call", *arguments, HP_TUI_REQUESTS=str(file))
        assert done.returncode == 2
        assert "is no file of saved requests" in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert file.read_text() == "<<<<<<<"


def test_the_screen_without_a_terminal_says_what_to_use_instead():
    done = hp_tui()
    assert done.returncode == 2
    assert "hp-tui status --json" in done.stderr


def test_a_named_consul_that_is_none_is_refused():
    done = hp_tui("demo", "--consul-bin", sys.executable, "--fetch-only")
    assert done.returncode == 1
    assert "cannot be used" in done.stderr


WITHOUT_EXTRA = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"textual", "rich", "pygments", "re2"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
import importlib.util
there = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {"textual", "pygments", "re2"} else there(name, package)
sys.meta_path.insert(0, Hidden())
from hp_tui.cli.main import main
main(sys.argv[1:])
"""


def without_the_extra(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What an installation of the libraries alone says: nothing of the screen's can be imported."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CONSUL_")}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRA, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env=clean,
    )


def test_without_the_extra_the_screen_says_the_command_that_adds_it():
    done = without_the_extra()
    assert done.returncode == 2
    assert done.stderr == (
        "hp-tui: this installation has no screen (textual, pygments, re2 missing); "
        "add it with: pip install 'hp-tui[console]'\n"
    )


def test_without_the_extra_a_picture_says_so_too(tmp_path):
    done = without_the_extra("status", "--svg", str(tmp_path / "screen.svg"))
    assert done.returncode == 2
    assert "--svg draws the screen, and this installation has no screen" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--help"], 0),
        (["status", "--help"], 0),
        (["call", "--list-saved"], 0),
        (["fleet", "nobody"], 2),
        (["--address", "127.0.0.1:1", "status"], 3),
        (["--address", "127.0.0.1:1", "kv", "get", "a"], 3),
        (["--address", "127.0.0.1:1", "call", "critic-agent"], 3),
    ],
    ids=str,
)
def test_without_the_extra_everything_else_works(arguments, status):
    done = without_the_extra(*arguments)
    assert "Traceback" not in done.stderr
    assert "No module named" not in done.stderr
    assert done.returncode == status
