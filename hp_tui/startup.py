"""What a start saves: no collection of garbage while modules and widgets are made, as all of them stay.

A full collection walks every object there is, hundreds of thousands by then. What has been made when the start is over is
taken out of the collector's sight for good (``gc.freeze``), so that later collections are short pauses too.

And how often Textual may paint.
"""

from __future__ import annotations

import gc
import os
import sys

PAINTS_A_SECOND = "240"
"""Textual's clock of paints (``TEXTUAL_FPS``) skips up to two of its periods after a paint that came off its beat. At its
own 60 a key pressed just after such a paint is seen 33 ms later. There are no more paints for it: only what changed is
painted, and pictures come at most 20 times a second."""


THREADS_WAIT = 0.001
"""Seconds a busy event loop keeps other threads from running, instead of CPython's 5 ms: one of them reads the keys, and has to
wait twice for each."""


def begin() -> None:
    """Collect no garbage until :func:`over`. To be called before Textual is imported."""
    gc.disable()
    sys.setswitchinterval(THREADS_WAIT)
    os.environ.setdefault("TEXTUAL_FPS", PAINTS_A_SECOND)


SELDOM = 100
"""Collections of the middle generation before one of everything, 20 ms of a busy screen; CPython's own figure is 10."""


def over() -> None:
    """Collect again, from now on only what is made from now on."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(*gc.get_threshold()[:2], SELDOM)
        gc.enable()


def loaded() -> None:
    """More modules were loaded, which stay as well: a collection of everything that sees gRPC's takes 50 ms."""
    if gc.isenabled():
        gc.freeze()
