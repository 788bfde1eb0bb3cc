"""The registry and the balanced client for services that use threads instead of asyncio.

The same semantics, carried out on one event loop in a background thread that all of them share. Every method blocks its
caller, may be called from any thread, and raises what the asynchronous one raises. A thread that runs an event loop of
its own is refused (it would stand still), and so is a process forked after the object was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.lazy import loaded_on_use

if TYPE_CHECKING:
    from hp_tui.blocking.client import BlockingGRPCClient
    from hp_tui.blocking.kv import BlockingKV
    from hp_tui.blocking.registry import BlockingServiceRegistry

__all__ = ["BlockingGRPCClient", "BlockingKV", "BlockingServiceRegistry"]

__getattr__ = loaded_on_use(
    __name__,
    {
        "BlockingGRPCClient": "client",
        "BlockingKV": "kv",
        "BlockingServiceRegistry": "registry",
    },
)
