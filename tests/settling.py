"""When an App under a pilot has done all that a key causes.

Textual's pilot looks at the processor: after each key it sleeps 20 ms, twice, until the process took less than 1 ms of them.
That is too long for an App that is done, and too short for one that got no processor on a crowded machine. Here it is looked
up: nothing is ready to run on the loop, no thread is at work, nothing is left to paint.
"""

from __future__ import annotations

import asyncio
from typing import Any

from textual._context import active_app
from textual.app import App

AT_MOST = 1.0
"""Seconds, as Textual's own: an App that is always at work is looked at while it is."""
A_THREAD_WORKS = 0.001


async def settled(min_sleep: float = 0.0, max_sleep: float = AT_MOST) -> None:
    """Stands in for ``textual._wait.wait_for_idle``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + max_sleep
    await asyncio.sleep(min_sleep)
    while loop.time() < deadline:
        if _ready(loop):
            await asyncio.sleep(0)
        elif _threads_at_work(loop):
            await asyncio.sleep(A_THREAD_WORKS)
        elif not _hurried(active_app.get(None)):
            return


def _ready(loop: Any) -> bool:
    """Whether anything but the caller can go on: the loop has queued all that is due before it runs the caller."""
    timers = loop._scheduled
    return bool(loop._ready) or bool(timers and timers[0].when() <= loop.time())


def _threads_at_work(loop: Any) -> bool:
    pool = loop._default_executor
    return pool is not None and pool._idle_semaphore._value < len(pool._threads)


def _hurried(app: App[Any] | None) -> bool:
    """Have what waits for the next beat of a clock of Textual's, a new size or a paint, done now."""
    if app is None or not app._screen_stack or app._batch_count:
        return False
    if app._resize_timer is not None:
        app._check_resize()
        return True
    render_queue = getattr(app.screen_stack[0], "render_queue", None)
    if render_queue is not None and render_queue.due:
        render_queue.finish()
        return True
    screen = app.screen
    repaint = screen._layout_required or screen._scroll_required or screen._repaint_required or screen._dirty_widgets
    waits = repaint or screen._recompose_required or screen._callbacks
    if waits and screen.is_current:
        screen._on_timer_update()
        return True
    return False
