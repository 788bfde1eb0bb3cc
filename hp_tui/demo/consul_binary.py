"""Finds a real Consul executable, or obtains one. Never a fake.

Order: the one that was named (``--consul-bin``, ``HP_TUI_CONSUL_BIN``), ``consul`` on PATH, the cache directory, then
the sources of :mod:`hp_tui.demo.consul_sources`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from platformdirs import user_cache_path

from hp_tui.demo.consul_sources import SOURCES, Source
from hp_tui.demo.errors import NoConsulError

ShowNotice = Callable[[str], None]

WAYS_TO_HELP = (
    "Three ways to help: install Consul so that `consul` is on PATH; name an executable with --consul-bin or "
    "HP_TUI_CONSUL_BIN; or put one at {cached}."
)


def find_consul(
    named: str | None = None,
    *,
    say: ShowNotice = lambda _: None,
    environ: Mapping[str, str] | None = None,
    cache: Path | None = None,
    sources: Sequence[Source] = SOURCES,
) -> Path:
    """Path of a Consul executable that runs.

    ``named`` wins over everything and is never replaced by another; ``say`` gets the progress, a sentence at a time.
    Raises :class:`NoConsulError` saying what was tried and the three ways to help.
    """
    environ = os.environ if environ is None else environ
    named = named or environ.get("HP_TUI_CONSUL_BIN")
    if named:
        problem = why_not(Path(named))
        if problem:
            raise NoConsulError(f"--consul-bin {named!r} cannot be used: {problem}. Expected a Consul executable.")
        return Path(named)
    on_path = shutil.which("consul", path=environ.get("PATH"))
    if on_path and not why_not(Path(on_path)):
        return Path(on_path)
    cache = cache or user_cache_path("hp-tui") / "consul"
    cached = cache / "consul"
    if cached.exists() and not why_not(cached):
        return cached
    return _obtain(cached, sources, say)


def why_not(path: Path) -> str:
    """Why ``path`` is no Consul that runs here, or ''."""
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


def _obtain(cached: Path, sources: Sequence[Source], say: ShowNotice) -> Path:
    cached.parent.mkdir(parents=True, exist_ok=True)
    with _locked(cached.parent / ".lock"):
        if cached.exists() and not why_not(cached):
            return cached
        tried = []
        for source in sources:
            say(f"obtaining Consul: {source.name}")
            with tempfile.TemporaryDirectory(dir=cached.parent, prefix="fetch-") as scratch:
                try:
                    found = source.fetch(Path(scratch), say)
                except (OSError, ValueError, subprocess.SubprocessError) as error:
                    tried.append(f"{source.name}: {error}")
                    say(f"  not this way: {error}")
                    continue
                problem = why_not(found)
                if problem:
                    tried.append(f"{source.name}: {problem}")
                    continue
                # Rename is atomic: nobody ever sees half an executable.
                found.rename(cached)
                say(f"Consul is at {cached}")
                return cached
    lines = "\n".join(f"  - {line}" for line in tried)
    raise NoConsulError(f"no Consul here, and none could be obtained:\n{lines}\n{WAYS_TO_HELP.format(cached=cached)}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two at once obtain it once."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
