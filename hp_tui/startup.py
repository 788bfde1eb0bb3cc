"""Settings of the Python process that make the console start and react faster.

No garbage is collected during the start: modules and widgets all stay, and a full collection walks hundreds of thousands of
objects. After the start they are excluded from collection (``gc.freeze``), so that later collections are short.
"""

from __future__ import annotations

import gc
import os
import sys

PAINTS_A_SECOND = "240"
"""Textual's paint timer (``TEXTUAL_FPS``) skips up to two periods after a paint outside its rhythm. With Textual's default of
60, the effect of a key pressed just after such a paint is seen 33 ms later. A higher rate causes no more paints: only what
changed is painted, and snapshots come at most 20 times a second."""


SWITCH_INTERVAL = 0.001
"""Seconds for which a busy event loop keeps other threads from running; CPython's default is 5 ms. One thread reads the keys,
and waits twice for each."""


def begin() -> None:
    """Collect no garbage until :func:`over`. Call it before Textual is imported."""
    gc.disable()
    sys.setswitchinterval(SWITCH_INTERVAL)
    os.environ.setdefault("TEXTUAL_FPS", PAINTS_A_SECOND)


FULL_COLLECTION_AFTER = 100
"""Collections of the middle generation before a full one, which takes 20 ms on a busy screen; CPython's default is 10."""


def over() -> None:
    """Collect again, but only objects made from now on."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(*gc.get_threshold()[:2], FULL_COLLECTION_AFTER)
        gc.enable()


def loaded() -> None:
    """Exclude the modules loaded since: a full collection that includes gRPC's objects takes 50 ms."""
    if gc.isenabled():
        gc.freeze()
