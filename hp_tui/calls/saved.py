"""Requests saved under a name: one JSON file that people can read, share and put under version control.

::

    {
      "format": "hp-tui requests 1",
      "requests": {
        "critic: long text": {
          "service": "critic-agent",
          "method": "heartpulse.v1.CriticAgent/Critique",
          "body": {"text": "…"},
          "count": 40,
          "rate": 10,
          "timeout": 5,
          "metadata": ["x-trace: abc", "authorization:"]
        }
      }
    }

Names are in order; ``count``, ``rate`` and ``metadata`` are left out where they are 1, 0 and empty. A credential is written
without its value. A file that cannot be parsed is never overwritten, and fields that this version does not know stay in it.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hp_tui.calls.errors import nearest
from hp_tui.calls.saved_format import Raw, SavedRequestsError, entry_of, order, request_of
from hp_tui.model.calls import CallSpec, SavedRequest, request_name_problem
from hp_tui.private_files import replace_private

FORMAT = "hp-tui requests 1"
MAX_BYTES = 8 * 1024 * 1024


class SavedRequests:
    """The requests in one file. Every method reads it again, as others change it too. All of them block: use a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def at(cls, configured: str) -> SavedRequests:
        """The requests in the file that the settings name; '' is ``requests.json`` in the configuration directory."""
        if configured:
            return cls(Path(configured).expanduser())
        from platformdirs import user_config_path

        return cls(user_config_path("hp-tui") / "requests.json")

    def read(self) -> tuple[SavedRequest, ...]:
        """Every request, in the order of names; a damaged one has a ``problem``. A missing file has no requests.

        Raises :class:`SavedRequestsError` for a file that cannot be read as a whole.
        """
        entries = self._load()["requests"]
        return tuple(request_of(name, entries[name]) for name in sorted(entries, key=order))

    def get(self, name: str) -> CallSpec:
        """The request of that name. Raises :class:`SavedRequestsError`, also for a damaged one."""
        found = {request.name: request for request in self.read()}
        if name not in found:
            raise SavedRequestsError(f"no request {name!r} is saved in {self.path}; {nearest(name, found)}")
        if found[name].problem:
            raise SavedRequestsError(f"request {name!r} in {self.path} cannot be used: {found[name].problem}")
        return found[name].spec

    def save(self, name: str, spec: CallSpec, *, replace: bool = False) -> None:
        """Write the request under the name. Raises :class:`SavedRequestsError` where it is taken, unless ``replace``."""
        entry = entry_of(spec)

        def change(entries: Raw) -> None:
            if name in entries and not replace:
                raise SavedRequestsError(f"a request {name!r} is saved already in {self.path}; nothing was written")
            entries[_checked(name)] = entry

        self._change(change)

    def rename(self, old: str, new: str) -> None:
        """Raises :class:`SavedRequestsError` when the old name is gone or the new one is taken."""

        def change(entries: Raw) -> None:
            if new in entries:
                raise SavedRequestsError(f"a request {new!r} is saved already in {self.path}; nothing was renamed")
            entries[_checked(new)] = self._pop(entries, old)

        self._change(change)

    def delete(self, name: str) -> None:
        """Raises :class:`SavedRequestsError` when it is gone already."""
        self._change(lambda entries: self._pop(entries, name))

    def _pop(self, entries: Raw, name: str) -> Any:
        if name not in entries:
            raise SavedRequestsError(f"no request {name!r} is saved in {self.path} any more")
        return entries.pop(name)

    def _change(self, change: Callable[[Raw], object]) -> None:
        """Read, change and replace the file under a lock."""
        path = self.path.resolve()  # a symbolic link stays one
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _locked(path.parent):
                raw = self._load()
                change(raw["requests"])
                raw["requests"] = {name: raw["requests"][name] for name in sorted(raw["requests"], key=order)}
                replace_private(path, _text(raw))
        except OSError as error:
            raise SavedRequestsError(f"{self.path} cannot be written: {error.strerror}; nothing was saved") from None

    def _load(self) -> Raw:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return {"format": FORMAT, "requests": {}}
        except OSError as error:
            raise SavedRequestsError(f"saved requests in {self.path} cannot be read: {error.strerror}") from None
        why = ""
        try:
            raw = json.loads(data) if len(data) <= MAX_BYTES else None
        except ValueError as error:
            raw, why = None, str(error)
        except RecursionError:
            raw, why = None, "nested too deeply"
        if isinstance(raw, dict) and raw.get("format") == FORMAT and isinstance(raw.get("requests"), dict):
            return raw
        if not why and isinstance(raw, dict) and "format" in raw:
            why = f"its format is {raw['format']!r}"
        raise SavedRequestsError(
            f"{self.path} is no file of saved requests ({why or 'another shape, or too large'}); expected JSON with "
            f"format {FORMAT!r} and requests by name. It is left as it is: mend it, or move it away."
        )


def _checked(name: str) -> str:
    problem = request_name_problem(name)
    if problem:
        raise SavedRequestsError(problem)
    return name


def _text(raw: Raw) -> bytes:
    try:
        text = json.dumps(raw, indent=2, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # an unpaired surrogate in the body
        text = json.dumps(raw, indent=2).encode()
    return text + b"\n"


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Lock the directory, so that no other console changes its files meanwhile."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
