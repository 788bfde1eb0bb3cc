"""What Consul answered: a success with what its headers say, or the error that its status and text mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from hp_tui.registry.errors import (
    ConsulForbiddenError,
    ConsulResponseError,
    MalformedResponseError,
    NoLeaderError,
    NotConsulError,
    TooManyConnectionsError,
)

FILTERED = "X-Consul-Results-Filtered-By-ACLs"
_SINCE_FILTERED = (FILTERED, "X-Consul-Query-Backend", "X-Consul-Default-ACL-Policy")
"""Headers of Consul 1.11 and later; an answer with one of them, and without :data:`FILTERED`, was not filtered."""


_TITLE = re.compile(r"<title[^>]*>([^<]+)</title>", re.IGNORECASE)
_OWN_404 = re.compile(
    r"$|404 page not found|unknown (service|check)|no service registered|service(ID)? .*not found|session id .*not found"
    r"|check ?id .*not found|intention not found|policy not found|token not found",
    re.IGNORECASE,
)
"""How the bodies of Consul's own 404 begin; some are empty."""


class Response(Struct, frozen=True):
    """A success (or 404, 409 where allowed) as received.

    ``index`` is ``X-Consul-Index`` (0 when absent or unreadable, and then ``indexed`` is False), ``last_contact`` seconds
    since the answering server heard from the leader, ``known_leader`` True unless Consul says otherwise. ``filtered``:
    Consul left out what the token may not read; it says so only where ``tells_filtering`` (1.11 and later).
    """

    status: int
    body: bytes
    request: str
    index: int = 0
    known_leader: bool = True
    last_contact: float = 0.0
    content_hash: str = ""
    indexed: bool = True
    filtered: bool = False
    tells_filtering: bool = False

    def json(self, expected: type = list) -> Any:
        """The body as JSON of type ``expected``; ``null`` is an empty one, as Go writes nil lists and maps.

        Raises :class:`MalformedResponseError` if it is anything else.
        """
        names: dict[type, str] = {list: "a JSON list", dict: "a JSON object", str: "a JSON string"}
        try:
            value = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise self.malformed(names[expected]) from None
        if value is None:
            return expected()
        if not isinstance(value, expected):
            raise self.malformed(names[expected])
        return value

    def error(self, permission: str = "") -> ConsulResponseError:
        """The error for an allowed status that turned out not to help."""
        return error_of(self.status, self.body.decode("utf-8", "replace"), self.request, permission)

    def malformed(self, expected: str) -> MalformedResponseError:
        """The error that says this answer is not ``expected``."""
        return MalformedResponseError(self.request, expected, self.body[:200].decode("utf-8", "replace"), self.status)


def parse_response(response: Any, request: str, permission: str = "", allow: Sequence[int] = ()) -> Response:
    """The answer in py-consul's ``response``: status, headers, body in bytes. Statuses in ``allow`` are no error.

    Raises :class:`ConsulResponseError` and its subclasses; ``permission`` is what a 403 is said to lack.
    """
    status, headers, body = response
    if foreign := _foreign(status, headers, body):
        raise NotConsulError(request, foreign, body[:200].decode("utf-8", "replace"), status)
    if not 200 <= status < 300 and status not in allow:
        raise error_of(status, body.decode("utf-8", "replace"), request, permission)
    return Response(
        status,
        body,
        request,
        index=_number(headers.get("X-Consul-Index")),
        known_leader=headers.get("X-Consul-KnownLeader", "true").lower() != "false",
        last_contact=_number(headers.get("X-Consul-LastContact")) / 1000,
        content_hash=headers.get("X-Consul-ContentHash", ""),
        indexed=_number(headers.get("X-Consul-Index")) > 0,
        filtered=headers.get(FILTERED, "").lower() == "true",
        tells_filtering=any(name in headers for name in _SINCE_FILTERED),
    )


_HINTS = {
    "No path to datacenter": "Consul does not know or reach that datacenter; expected one that "
    "`consul catalog datacenters` lists",
    "Client sent an HTTP request to an HTTPS server": "this agent speaks TLS; expected https:// in the address "
    "(--ssl, CONSUL_HTTP_SSL=true)",
    "Namespaces are a Consul Enterprise feature": "this Consul is open source and has no namespaces; expected none "
    "(CONSUL_NAMESPACE)",
    "Partitions are a Consul Enterprise feature": "this Consul is open source and has no partitions; expected none "
    "(CONSUL_PARTITION)",
}
"""By a part of what Consul says."""


def _foreign(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """What answered instead of Consul, in a few words; '' where it may have been Consul.

    Consul sends no HTML but from its web interface. Its 404 has one of its headers, or one of the plain texts of its
    agent's endpoints; any other 404 says nothing of what Consul has.
    """
    content = headers.get("Content-Type", "").lower()
    start = body[:512].lstrip().lower()
    if "html" in content or start.startswith((b"<!doctype html", b"<html")):
        title = _TITLE.search(body[:4096].decode("utf-8", "replace"))
        return f"an HTML page{f' ({title[1].strip()[:80]!r})' if title else ''}"
    if status == 404 and not any(name.lower().startswith("x-consul-") for name in headers):
        text = body.decode("utf-8", "replace")
        if not _OWN_404.match(text):
            return "a 404 without Consul's marks"
    return ""


def error_of(status: int, text: str, request: str, permission: str = "") -> ConsulResponseError:
    """The error for an answer that is no success.

    Older agents wrap what a server said in a 500 (``rpc error making call: …``), so the text counts too.
    """
    if status == 403 or "Permission denied" in text or "ACL not found" in text:
        return ConsulForbiddenError(request, permission, text, status)
    if status == 429:
        return TooManyConnectionsError(request, text)
    if "No cluster leader" in text or "leadership lost" in text or "node is not the leader" in text:
        return NoLeaderError(request, text, status)
    if hint := next((hint for part, hint in _HINTS.items() if part in text), ""):
        return ConsulResponseError(status, text, request=request, message=f"{request} cannot be carried out: {hint}")
    if 300 <= status < 400:
        return ConsulResponseError(
            status,
            text,
            request=request,
            message=f"{request} was redirected (status {status}), which Consul's API never needs: "
            "name the agent's own address, with https:// if it wants TLS",
        )
    return ConsulResponseError(status, text, request=request)


def _number(text: str | None) -> int:
    """A counter of a header; 0 for what is missing or no number."""
    try:
        return max(int(text or 0), 0)
    except ValueError:
        return 0
