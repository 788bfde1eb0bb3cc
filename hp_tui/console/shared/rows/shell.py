"""The command a user would type for what the screen does: to copy, to learn, to put into a runbook.

Every word is quoted for a POSIX shell. No command has a token in it: ``consul`` reads CONSUL_HTTP_TOKEN by itself, and for
``curl`` that variable is named where the console has a token.
"""

from __future__ import annotations

import json
import shlex
from urllib.parse import quote as in_url
from urllib.parse import urlsplit

from msgspec import Struct

from hp_tui.model.catalog import Instance
from hp_tui.model.fleet import Access, FleetSnapshot
from hp_tui.widgets.escape import visible

TOKEN_HEADER = '-H "X-Consul-Token: $CONSUL_HTTP_TOKEN"'
"""In double quotes: the shell that runs it puts the token in."""


class Reach(Struct, frozen=True):
    """How a command reaches the console's agent. ``datacenter`` is set where it is not the agent's own."""

    address: str
    access: Access = Access()
    datacenter: str = ""


def reach(snapshot: FleetSnapshot) -> Reach:
    """How the agent that ``snapshot`` comes from is reached, for the datacenter that is shown."""
    cluster = snapshot.cluster
    elsewhere = cluster.agent_datacenter and cluster.datacenter != cluster.agent_datacenter
    return Reach(snapshot.link.address, snapshot.link.access, cluster.datacenter if elsewhere else "")


def deregister(instance: Instance, at: Reach | str) -> str:
    """On the agent that owns the instance."""
    return _consul(["services", "deregister"], at, f"-id={instance.id}")


def deregister_there(instance: Instance) -> str:
    """The same, to be run on the instance's node."""
    return _join(["consul", "services", "deregister", f"-id={instance.id}"])


def deregister_in_catalog(instance: Instance, at: Reach | str) -> str:
    """Out of the catalog, past the agent; Consul's own command line cannot do that."""
    at = _reach(at)
    body = {"Datacenter": at.datacenter} if at.datacenter else {}
    body |= {"Node": instance.node, "ServiceID": instance.id}
    return _curl(at, "/v1/catalog/deregister", "-X", "PUT", "-d", json.dumps(body))


def maintenance(instance: Instance, at: Reach | str, *, enabled: bool, reason: str = "") -> str:
    """``consul maint`` for one service on its own agent."""
    return _consul(["maint"], at, *_maintenance(instance, enabled, reason))


def maintenance_there(instance: Instance, *, enabled: bool, reason: str = "") -> str:
    """The same, to be run on the instance's node."""
    return _join(["consul", "maint", *_maintenance(instance, enabled, reason)])


def show_service(service: str, at: Reach | str) -> str:
    """Consul's own command line has no health by instance; its HTTP API has."""
    at = _reach(at)
    path = f"/v1/health/service/{in_url(service, safe='')}"
    return _curl(at, f"{path}?dc={in_url(at.datacenter, safe='')}" if at.datacenter else path)


def kv_get(key: str, at: Reach | str) -> str:
    return _kv("get", at, "-detailed", key=key)


def kv_put(key: str, at: Reach | str, index: int, flags: int = 0) -> str:
    """Check-and-set from standard input; ``flags`` are kept only if they are named."""
    kept = [f"-flags={flags}"] if flags else []
    return _kv("put", at, "-cas", f"-modify-index={index}", *kept, key=key) + " -"


def kv_delete(key: str, at: Reach | str, index: int) -> str:
    return _kv("delete", at, "-cas", f"-modify-index={index}", key=key)


def base(address: str, *, tls: bool = False) -> str:
    """The address as a URL; ``host:port`` is HTTP, with ``tls`` HTTPS."""
    return address.rstrip("/") if "://" in address else f"{'https' if tls else 'http'}://{address}"


def quoted(word: str) -> str:
    """A word for a POSIX shell.

    One with characters that a terminal would act on when pasted is written as ``$'…'``, which bash, zsh and ksh know.
    """
    if visible(word) == word:
        return shlex.quote(word)
    return "$'" + "".join(map(_escaped, word)) + "'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return f"\\{char}"
    if visible(char) == char:
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "replace"))


def _join(words: list[str]) -> str:
    return " ".join(map(quoted, words))


def _maintenance(instance: Instance, enabled: bool, reason: str) -> list[str]:
    words = ["-enable" if enabled else "-disable", f"-service={instance.id}"]
    return [*words, f"-reason={reason}"] if enabled and reason else words


def _kv(verb: str, at: Reach | str, *options: str, key: str) -> str:
    at = _reach(at)
    datacenter = [f"-datacenter={at.datacenter}"] if at.datacenter else []
    last = ["--", key] if key.startswith("-") else [key]
    return _consul(["kv", verb], at, *datacenter, *options, *last)


def _reach(at: Reach | str) -> Reach:
    return at if isinstance(at, Reach) else Reach(at)


def _consul(command: list[str], at: Reach | str, *arguments: str) -> str:
    at = _reach(at)
    access, address = at.access, at.address
    secure = access.tls and "://" not in address
    files = {
        "ca-file": access.cacert,
        "client-cert": access.client_cert,
        "client-key": access.client_key,
        "tls-server-name": access.server_name,
    }
    options = [f"-http-addr={base(address, tls=True) if secure else address}"]
    options += [f"-{name}={value}" for name, value in files.items() if value]
    unchecked = [] if access.verify else ["CONSUL_HTTP_SSL_VERIFY=false"]
    return _join([*unchecked, "consul", *command, *options, *arguments])


def _curl(at: Reach, path: str, *arguments: str) -> str:
    options, url = _curl_options(at)
    known = [TOKEN_HEADER] if at.access.token else []
    return " ".join([_join(["curl", "-s", *options]), *known, _join([*arguments, f"{url}{path}"])])


def _curl_options(at: Reach) -> tuple[list[str], str]:
    """Options for the way to the agent, and the URL that goes with them."""
    access = at.access
    if at.address.startswith("unix://"):
        return ["--unix-socket", at.address.removeprefix("unix://")], "http://localhost"
    url = base(at.address, tls=access.tls)
    if not url.startswith("https://"):
        return [], url
    files = {"--cacert": access.cacert, "--cert": access.client_cert, "--key": access.client_key}
    options = [word for name, value in files.items() if value for word in (name, value)]
    options += [] if access.verify else ["-k"]
    if access.server_name:  # curl expects the name of the URL in the certificate
        parts = urlsplit(url)
        port = parts.port or 443
        options += ["--connect-to", f"{access.server_name}:{port}:{parts.hostname}:{port}"]
        url = f"https://{access.server_name}:{port}{parts.path}"
    return options, url
