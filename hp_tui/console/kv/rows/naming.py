"""What can be the name of a key."""

from __future__ import annotations

from hp_tui.widgets.escape import visible


def bad_key(key: str) -> str:
    """Why a name cannot be that of a new key, '' when it can."""
    if not key:
        return "the key is empty; expected a path such as config/service.json"
    if key.startswith("/"):
        return f"{visible(key)} begins with a slash; Consul's keys do not: leave it out"
    if key.endswith("/"):
        return f"{visible(key)} ends with a slash and would be a folder; expected the path of a value"
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in key):
        return f"{visible(key)} has control characters; expected printable ones"
    return ""
