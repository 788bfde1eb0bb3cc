"""Names in URLs: which can stand there, and the one place where they are quoted."""

from __future__ import annotations

from urllib.parse import quote


def path_to(prefix: str, name: str = "") -> str:
    """The path of ``name`` below ``prefix``, such as ``/v1/agent/service/``: every byte that means something is quoted.

    Slashes stay: Consul takes the rest of the path as the name, and proxies often refuse ``%2F``.
    """
    return prefix + quote(name, safe="/")


def in_url(name: str) -> bool:
    """Whether a path can name ``name``: HTTP servers in Go redirect paths with ``//``, ``.`` or ``..``.

    Consul also refuses unprintable characters in paths (``disable_http_unprintable_char_filter``).
    """
    segments = name.removesuffix("/").split("/")
    if name and ("" in segments or "." in segments or ".." in segments):
        return False
    return name.isprintable()
