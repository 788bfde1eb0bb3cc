"""The reply of one call while it arrives. A stream is shown as it goes on, and only its newest messages are held."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor

from hp_tui.calls.codec import WIRE_LIMIT, to_json
from hp_tui.calls.shorten import shorten
from hp_tui.model.calls import STREAMING, Reply

MESSAGE_LIMIT = 20
"""Newest messages of a stream that a reply shows; fewer where they are large: together at most ``WIRE_LIMIT`` bytes."""
SHOWN_EVERY = 0.1
"""Seconds between reports of a stream that goes on. Its first message is reported at once."""

Pairs = Sequence[tuple[str, str]]


class Progress:
    """Call ``number``, whose replies are of type ``message``; ``report`` is called with each new state of the reply.

    ``live`` returns whether this call is shown while it streams: the newest of several at once. ``clock`` is
    monotonic seconds.
    """

    def __init__(
        self,
        number: int,
        message: Descriptor,
        pool: Any,
        report: Callable[[Reply], None],
        *,
        live: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._number = number
        self._message = message
        self._class = message_factory.GetMessageClass(message)
        self._pool = pool
        self._report = report
        self._live = live
        self._clock = clock
        self._started = clock()
        self._shown_at = -math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._newest: deque[tuple[bytes, int]] = deque()  # and how many bytes were cut off each
        self._bytes = 0
        self.messages = 0
        self.note = ""

    def add(self, raw: bytes, *, streams: bool) -> None:
        """Add a serialized message. Raises ``DecodeError`` for bytes that are no message of the method."""
        short = shorten(raw, self._message, WIRE_LIMIT)
        self._class.FromString(short)
        self.messages += 1
        self._newest.append((short, len(raw) - len(short)))
        self._bytes += len(short)
        while len(self._newest) > MESSAGE_LIMIT or (self._bytes > WIRE_LIMIT and len(self._newest) > 1):
            self._bytes -= len(self._newest.popleft()[0])
        if streams:
            self._show()

    def _show(self) -> None:
        """Report the newest message, at most once in :data:`SHOWN_EVERY` seconds."""
        if self._timer is not None or not self._live():
            return
        wait = self._shown_at + SHOWN_EVERY - self._clock()
        if wait <= 0:
            self._show_now()
        else:
            self._timer = asyncio.get_running_loop().call_later(wait, self._show_now)

    def _show_now(self) -> None:
        self._timer = None
        self._shown_at = self._clock()
        text, cut = self._as_json(*self._newest[-1])
        self._send(text, cut, ok=True, status=STREAMING)

    def finished(self, headers: Pairs, trailers: Pairs) -> None:
        """The call succeeded."""
        self._end(ok=True, status="OK", details=self.note, headers=tuple(headers), trailers=tuple(trailers))

    def failed(self, error: grpc.RpcError) -> None:
        """The call ended with the status of ``error``; the messages before it are still shown."""
        code = getattr(error, "code", lambda: None)()
        details = getattr(error, "details", lambda: "")()
        trailers = getattr(error, "trailing_metadata", lambda: ())()
        status = code.name if isinstance(code, grpc.StatusCode) else "UNKNOWN"
        note = getattr(error, "note", "")
        said = f"{details or error}{f' ({note})' if note else ''}"
        self._end(ok=False, status=status, details=said, trailers=as_pairs(trailers))

    def unreadable(self) -> None:
        """The server answered with bytes that are no message of the method. gRPC's own status for that is INTERNAL."""
        says = f"the reply does not parse as {self._message.full_name}: is the server of another version?"
        self._end(ok=False, status="INTERNAL", details=says)

    def cancelled(self) -> None:
        """The run was cancelled here. A stream that was shown is reported as ended."""
        if self.messages and self._live():
            self._end(ok=False, status="CANCELLED", details="cancelled here")
        self.close()

    def close(self) -> None:
        """Report nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self, **facts: Any) -> None:
        self.close()
        made = [self._as_json(*one) for one in self._newest]
        texts = [text for text, _ in made]
        body = texts[0] if len(texts) == 1 else "[\n" + ",\n".join(texts) + "\n]" if texts else ""
        self._send(body, sum(cut for _, cut in made), shown=len(texts), **facts)

    def _as_json(self, short: bytes, cut: int) -> tuple[str, int]:
        text, more = to_json(short, self._message, self._pool)
        return text, cut + more

    def _send(self, body: str, cut: int, **facts: Any) -> None:
        ms = (self._clock() - self._started) * 1000
        self._report(
            Reply(call=self._number, ms=ms, body=body, messages=self.messages, truncated=cut, **{"shown": 1, **facts})
        )


def as_pairs(metadata: Any) -> tuple[tuple[str, str], ...]:
    """Metadata as text; bytes as hex."""
    return tuple((str(name), value if isinstance(value, str) else value.hex()) for name, value in metadata or ())
