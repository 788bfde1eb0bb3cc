"""Free loopback ports that stay ours: the kernel hands them to nobody, and no other demo takes them.

A port asked of the kernel (``bind`` to 0) comes from the range it also takes the local end of every outgoing connection
from, so it can be gone by the time a server starts on it. These come from below that range, in blocks; whoever holds the
first port of a block owns the rest of it (the way of Consul's own ``sdk/freeport``).
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

HOST = "127.0.0.1"
BLOCK = 100
"""Ports in a block, the guard among them: four demos' worth."""
BLOCKS = 8
"""Most blocks one process claims; it goes round in them after that."""
FIRST = 10_240
"""Below are the ports of well-known servers."""
EPHEMERAL = 32_768
"""Where outgoing connections start on Linux unless it is told otherwise, and above it elsewhere."""


class Ports:
    """Claims blocks as they are needed and keeps them as long as it lives."""

    def __init__(self, pick: Callable[[Sequence[int]], int] = random.choice) -> None:
        self._pick = pick
        self._guards: list[socket.socket] = []
        self._ports: list[int] = []
        self._next = 0

    def take(self, count: int) -> list[int]:
        """``count`` different TCP ports nobody listens on. Raises :class:`OSError` when there are not so many."""
        taken: list[int] = []
        unlucky = 0
        while len(taken) < count:
            if self._next >= len(self._ports):
                self._claim()
            port = self._ports[self._next]
            self._next += 1
            if port not in taken and is_free(port):
                taken.append(port)
            else:
                unlucky += 1
                if unlucky > BLOCK * BLOCKS:
                    raise OSError(f"no {count} free ports of {HOST} between {FIRST} and {ephemeral_from()}")
        return taken

    def _claim(self) -> None:
        """Another block, or the first port of those there are."""
        if len(self._guards) == BLOCKS:
            self._next = 0
            return
        starts = list(range(FIRST, ephemeral_from() - BLOCK + 1, BLOCK))
        while starts:
            start = self._pick(starts)
            starts.remove(start)
            guard = bound(start)
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


def bound(port: int) -> socket.socket | None:
    """A socket that holds the port, or None where somebody else does."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        return None
    return sock


def is_free(port: int) -> bool:
    """Whether a server could start on the port now."""
    held = bound(port)
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


_OURS = Ports()


def free_ports(count: int) -> list[int]:
    """``count`` different TCP ports of 127.0.0.1 nobody listens on, of this process's blocks.

    Raises :class:`OSError` when there are not so many.
    """
    return _OURS.take(count)
