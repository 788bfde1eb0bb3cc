"""Under which id and address an instance registers."""

from __future__ import annotations

import ipaddress
import re
import socket

from hp_tui.heartpulse.config import FleetConfig

_WILDCARDS = {"0.0.0.0", "::"}


def instance_id(config: FleetConfig, port: int) -> str:
    """The id under which the instance registers, unique among those of its service.

    The configured id comes first. Otherwise, on a loopback address, it is ``critic-agent-1`` on the default port and
    ``critic-agent-PORT`` on another. On other addresses it is ``critic-agent-HOST`` with the host's name, which each
    container has of its own, and ends in the port where that is not the default.
    """
    if config.instance_id:
        return config.instance_id
    name, default = config.member.name, port == config.member.port
    if _is_loopback(config.host):
        return f"{name}-{1 if default else port}"
    host = re.sub(r"[^A-Za-z0-9_.-]+", "-", socket.gethostname()) or "host"
    return f"{name}-{host}" if default else f"{name}-{host}-{port}"


def advertised_address(config: FleetConfig, consul_host: str) -> str:
    """The address at which others reach this instance. ``consul_host`` is the agent's host, '' for a Unix socket.

    '' where the agent is on this very machine: discovery then gives the address that the agent itself advertises.
    """
    if config.advertise or config.host not in _WILDCARDS:
        return config.advertise or config.host
    if not consul_host or _is_loopback(consul_host):
        return ""
    return _outgoing_address(consul_host)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _outgoing_address(towards: str) -> str:
    """The local address that packets to ``towards`` would leave from.

    Sends nothing: connecting a UDP socket only looks up the route. Where there is no route, or the name does not resolve,
    it is the address of this machine's own name; failing that, loopback.
    """
    for target in (towards, socket.gethostname()):
        try:
            family, _, _, _, address = socket.getaddrinfo(target, 9, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect(address)
                return str(probe.getsockname()[0])
        except (OSError, UnicodeError):
            continue
    return "127.0.0.1"
