"""What commands share: one sentence on standard error, exit statuses, safe text."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Coroutine
from typing import Any

OK, BAD, USAGE, UNREACHABLE = 0, 1, 2, 3
INTERRUPTED = 130
READER_LEFT = 141
"""128 + SIGPIPE: the reader of our output, such as ``head``, has enough."""


def complain(sentence: str) -> None:
    """One sentence for the user, on standard error; it is lost where the terminal is gone."""
    with contextlib.suppress(OSError):
        print(f"hp-tui: {visible(sentence)}", file=sys.stderr, flush=True)


def visible(text: str) -> str:
    """Text from the network made harmless for a terminal; its line breaks stay."""
    from hp_tui.widgets import escape  # of the widgets this alone, and only when there is something to print

    return escape.visible(text, lines=True)


def width(text: str) -> int:
    """Terminal cells that ``text`` takes, after control characters were made visible."""
    from wcwidth import wcswidth

    return max(0, wcswidth(text))


def counted(number: int, noun: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def run_async(work: Coroutine[Any, Any, int]) -> int:
    """Run a command's work; a failure becomes one sentence and its exit status, never a traceback.

    Consul not reachable, or without a leader: 3. An address or file that cannot be used: 2. Any other answer we cannot use: 1.
    """
    from hp_tui.registry import ConfigurationError, ConsulUnreachableError, NoLeaderError, RegistryError

    try:
        return asyncio.run(work)
    except ConfigurationError as error:
        complain(str(error))
        return USAGE
    except (ConsulUnreachableError, NoLeaderError) as error:
        complain(str(error))
        return UNREACHABLE
    except RegistryError as error:
        complain(str(error))
        return BAD
    except BrokenPipeError:
        return reader_left()
    except KeyboardInterrupt:
        return INTERRUPTED


def reader_left() -> int:
    """Discard the rest of standard output, so that no error is printed at exit. Returns the exit status."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_LEFT
