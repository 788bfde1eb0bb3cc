"""The ACL token: as given, or what a file holds now."""

from __future__ import annotations

import logging
import os

from hp_tui.registry.environment import read_token_file
from hp_tui.registry.errors import ConfigurationError

log = logging.getLogger(__name__)


class TokenSource:
    """The token to send. With ``file`` (a path) it is read again whenever the file changes, as agents rotate it.

    A file that cannot be read later, such as while it is replaced, leaves the last token in use; that is logged once.
    Raises :class:`ConfigurationError` for a token no header can carry, and for a file that cannot be read at first.
    """

    def __init__(self, token: str, file: str = "") -> None:
        if not isinstance(file, str):
            raise ConfigurationError(f"token_file is {file!r}; expected a path, '' for none")
        self._file = file
        self._stamp: tuple[int, int, int] | None = None
        self._problem = ""
        self._token = checked_token(token)
        if file:
            self._stamp, self._token = _stamp(file), checked_token(read_token_file(file))

    def current(self) -> str:
        """The token to send now; '' is the anonymous one."""
        if self._file and (stamp := _stamp(self._file)) != self._stamp:
            self._stamp = stamp
            self._read_again()
        return self._token

    def use(self, token: str) -> None:
        """Use ``token`` from now on, and no file."""
        self._token, self._file = checked_token(token), ""

    def _read_again(self) -> None:
        try:
            self._token = checked_token(read_token_file(self._file))
            self._problem = ""
        except ConfigurationError as error:
            if str(error) != self._problem:
                log.warning("%s; the token read before stays in use", error)
            self._problem = str(error)


def checked_token(token: object) -> str:
    """``token`` without blanks around it. Raises :class:`ConfigurationError` for what no header can carry."""
    if not isinstance(token, str):
        raise ConfigurationError("the ACL token is no text: expected its SecretID, '' for the anonymous one")
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError("the ACL token has spaces or characters no header can carry: expected its SecretID")
    return token


def _stamp(path: str) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
