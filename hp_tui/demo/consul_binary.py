"""Finds a Consul executable, or obtains one.

Order: the one that was named (``--consul-bin``, ``HP_TUI_CONSUL_BIN``), ``consul`` on PATH, the cache directory, then
the sources of :mod:`hp_tui.demo.consul_sources`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from hp_tui.demo.consul_sources import SOURCES, Report, Source
from hp_tui.demo.errors import NoConsulError

WAYS_TO_HELP = (
    "Three ways to help: install Consul so that `consul` is on PATH; name an executable with --consul-bin or "
    "HP_TUI_CONSUL_BIN; or put one at {cached}."
)


def find_consul(
    named: str | None = None,
    *,
    report: Report = lambda _: None,
    environ: Mapping[str, str] | None = None,
    cache: Path | None = None,
    sources: Sequence[Source] = SOURCES,
) -> Path:
    """Path of a Consul executable that runs.

    ``named`` wins over everything and is never replaced by another. ``report`` is called with each line of progress.
    Raises :class:`NoConsulError` saying what was tried and the three ways to help.
    """
    environ = os.environ if environ is None else environ
    named = named or environ.get("HP_TUI_CONSUL_BIN")
    if named:
        problem = problem_of(Path(named))
        if problem:
            raise NoConsulError(f"--consul-bin {named!r} cannot be used: {problem}. Expected a Consul executable.")
        return Path(named)
    on_path = shutil.which("consul", path=environ.get("PATH"))
    if on_path and not problem_of(Path(on_path)):
        return Path(on_path)
    cache = cache or user_cache_path("hp-tui") / "consul"
    cached = cache / "consul"
    if cached.exists() and not problem_of(cached):
        return cached
    return _obtain(cached, sources, report)


def problem_of(path: Path) -> str:
    """Why ``path`` is not a Consul executable that runs here; '' where it is."""
    if not path.is_file():
        return "no such file"
    if not os.access(path, os.X_OK):
        return "not executable"
    try:
        done = subprocess.run([path, "version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it does not run here ({error})"
    if done.returncode != 0 or not done.stdout.startswith("Consul v"):
        return f"`consul version` answered {done.stdout[:60]!r}"
    return ""


def _obtain(cached: Path, sources: Sequence[Source], report: Report) -> Path:
    cached.parent.mkdir(parents=True, exist_ok=True)
    with _locked(cached.parent / ".lock"):
        if cached.exists() and not problem_of(cached):
            return cached
        tried = []
        for source in sources:
            report(f"obtaining Consul: {source.name}")
            with tempfile.TemporaryDirectory(dir=cached.parent, prefix="fetch-") as scratch:
                try:
                    found = source.fetch(Path(scratch), report)
                except (OSError, ValueError, subprocess.SubprocessError) as error:
                    tried.append(f"{source.name}: {error}")
                    report(f"  not this way: {error}")
                    continue
                problem = problem_of(found)
                if problem:
                    tried.append(f"{source.name}: {problem}")
                    continue
                # Rename is atomic: nobody ever sees half an executable.
                found.rename(cached)
                report(f"Consul is at {cached}")
                return cached
    lines = "\n".join(f"  - {line}" for line in tried)
    raise NoConsulError(f"no Consul here, and none could be obtained:\n{lines}\n{WAYS_TO_HELP.format(cached=cached)}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process obtains it while the others wait."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
