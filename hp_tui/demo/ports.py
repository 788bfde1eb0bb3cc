"""Free loopback ports that neither the kernel nor another demo takes before they are used.

``bind`` to port 0 gives a port of the ephemeral range. Outgoing connections use that range too, so the port can be taken
before a server starts on it. The ports here lie below that range, in blocks. Whoever holds the first port of a block, its
guard, owns the others (as in Consul's ``sdk/freeport``).
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

HOST = "127.0.0.1"
BLOCK = 100
"""Ports in a block, its guard included: enough for four demos."""
BLOCKS = 8
"""Blocks that one process claims at most. After that it starts again at the first."""
FIRST = 10_240
"""Lowest port used; well-known servers have lower ones."""
EPHEMERAL = 32_768
"""First port of the ephemeral range on Linux by default; other systems begin higher."""


class Ports:
    """Claims blocks as they are needed and holds them until :meth:`close`."""

    def __init__(self, pick: Callable[[Sequence[int]], int] = random.choice) -> None:
        self._pick = pick
        self._guards: list[socket.socket] = []
        self._ports: list[int] = []
        self._next = 0

    def take(self, count: int) -> list[int]:
        """``count`` different TCP ports nobody listens on. Raises :class:`OSError` when there are not so many."""
        taken: list[int] = []
        skipped = 0
        while len(taken) < count:
            if self._next >= len(self._ports):
                self._claim()
            port = self._ports[self._next]
            self._next += 1
            if port not in taken and is_free(port):
                taken.append(port)
            else:
                skipped += 1
                if skipped > BLOCK * BLOCKS:
                    raise OSError(f"no {count} free ports of {HOST} between {FIRST} and {ephemeral_from()}")
        return taken

    def _claim(self) -> None:
        """Claim another block; where that is impossible, start again at the first port."""
        if len(self._guards) == BLOCKS:
            self._next = 0
            return
        starts = list(range(FIRST, ephemeral_from() - BLOCK + 1, BLOCK))
        while starts:
            start = self._pick(starts)
            starts.remove(start)
            guard = bind(start)
            if guard is not None:
                self._guards.append(guard)
                self._ports += range(start + 1, start + BLOCK)
                return
        if not self._guards:
            raise OSError(f"no block of {BLOCK} ports of {HOST} is free between {FIRST} and {ephemeral_from()}")
        self._next = 0

    def close(self) -> None:
        """Give the blocks back."""
        for guard in self._guards:
            guard.close()
        self._guards.clear()
        self._ports.clear()
        self._next = 0


def bind(port: int) -> socket.socket | None:
    """A socket that holds the port; None where another one does."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        return None
    return sock


def is_free(port: int) -> bool:
    """Whether a server could start on the port now."""
    held = bind(port)
    if held is not None:
        held.close()
    return held is not None


def ephemeral_from(source: Path = Path("/proc/sys/net/ipv4/ip_local_port_range")) -> int:
    """The first port the kernel may give to an outgoing connection."""
    try:
        low = int(source.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return EPHEMERAL
    return low if low >= FIRST + BLOCK else EPHEMERAL


_PORTS = Ports()


def free_ports(count: int) -> list[int]:
    """``count`` different TCP ports of 127.0.0.1 nobody listens on, from this process's blocks.

    Raises :class:`OSError` when there are not so many.
    """
    return _PORTS.take(count)
