"""Short texts of durations, times, shares and methods. Everything takes its numbers; nothing reads a clock."""

from __future__ import annotations

import math
import time

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not the locale's: the console is English, and its pictures are alike everywhere."""
NOTHING = "–"
"""Shown where there is no value."""


def age(seconds: float) -> str:
    """A duration in seconds as at most four cells: ``12s 4m 3h 2d``."""
    seconds = max(0, int(seconds))
    if seconds < 100:
        return f"{seconds}s"
    if seconds < 100 * 60:
        return f"{seconds // 60}m"
    if seconds < 48 * 3600:
        return f"{seconds // 3600}h"
    return f"{seconds // 86400}d"


def age_lasts(seconds: float) -> float:
    """For how many seconds :func:`age` goes on saying the same."""
    seconds = max(0.0, seconds)
    step = 1 if seconds < 100 else 60 if seconds < 100 * 60 else 3600 if seconds < 48 * 3600 else 86400
    return step - seconds % step


FIRST_BOUND = 10
"""Seconds from which a lower bound says anything."""


def at_least(seconds: float) -> str:
    """A duration that is only known to be no shorter: ``≥10s``, then whole minutes; '' while it would say nothing.

    Coarse, as it tells how long the console has watched: counted in seconds it would only draw the eye.
    """
    if seconds < FIRST_BOUND:
        return ""
    if seconds < 60:
        return f"≥{FIRST_BOUND}s"
    return f"≥{int(seconds) // 60}m" if seconds < 100 else f"≥{age(seconds)}"


def at_least_lasts(seconds: float) -> float:
    """For how many seconds :func:`at_least` goes on saying the same."""
    if seconds < 100:
        return next(bound for bound in (FIRST_BOUND, 60, 120) if seconds < bound) - max(0.0, seconds)
    return age_lasts(seconds)


def countdown(seconds: float) -> str:
    """Seconds left as ``0:47``; never below ``0:00``."""
    left = max(0, math.ceil(seconds))
    return f"{left // 60}:{left % 60:02d}"


def clock(at: float) -> str:
    """Unix seconds as local ``HH:MM:SS``."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def stamp(at: float, now: float, *, brief: bool = False) -> str:
    """Unix seconds as local time of day, with the date where that is not the day of ``now``: ``13 Mar 23:58:01``.

    ``brief`` leaves the seconds of another day out.
    """
    then, today = time.localtime(at), time.localtime(now)
    if then[:3] == today[:3]:
        return clock(at)
    year = f" {then.tm_year}" if then.tm_year != today.tm_year else ""
    return f"{then.tm_mday} {MONTHS[then.tm_mon - 1]}{year} {clock(at)[:5] if brief else clock(at)}"


def day(at: float) -> str:
    """The local day of Unix seconds, to tell when another begins."""
    return time.strftime("%Y-%m-%d", time.localtime(at))


def milliseconds(value: float | None) -> str:
    """``3 ms``, ``0.4 ms``, ``2.0 s``, or :data:`NOTHING`."""
    if value is None:
        return NOTHING
    if value >= 1000:
        return f"{value / 1000:.1f} s"
    return f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def share(part: float, whole: float = 1.0) -> str:
    """``67 %``; below one percent but above nothing ``<1 %``."""
    if not whole or not part:
        return "0 %"
    percent = 100 * part / whole
    return "<1 %" if percent < 1 else f"{percent:.0f} %"


def rate(per_second: float) -> str:
    """``10/s``, ``0.5/s``."""
    return f"{per_second:.0f}/s" if per_second >= 10 or per_second == int(per_second) else f"{per_second:.1f}/s"


def count(number: int, singular: str, plural: str = "") -> str:
    """``1 service``, ``4 services``."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def short_method(method: str) -> str:
    """``pkg.v1.Service/Method`` as ``Service/Method``."""
    service, _, name = method.strip("/").rpartition("/")
    return f"{service.rpartition('.')[2]}/{name}" if service else name


def in_short(text: str, most: int) -> str:
    """``text``, cut with ``…`` where it has more than ``most`` characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
