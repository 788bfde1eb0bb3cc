"""What a start saves: no collection of garbage while modules and widgets are made, as all of them stay.

A full collection walks every object there is, hundreds of thousands by then. What has been made when the start is over is
taken out of the collector's sight for good (``gc.freeze``), so that later collections are short pauses too.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """Collect no garbage until :func:`over`."""
    gc.disable()


def over() -> None:
    """Collect again, from now on only what is made from now on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
