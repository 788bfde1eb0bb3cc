"""What can go wrong between us and Consul.

::

    RegistryError
    ├── ConfigurationError (also ValueError)   address, token or TLS files that cannot be used; nothing was sent
    ├── RegistryClosedError                    the registry, or what was waited on, was closed
    ├── WrongLoopError (also RuntimeError)     used from another event loop, thread or process than it lives on
    ├── ConsulUnreachableError                 no connection, no answer in time, connection lost, TLS refused
    ├── ConsulResponseError                    Consul answered something that does not help
    │   ├── ConsulForbiddenError               403: the ACL token is unknown or lacks a permission
    │   ├── NoLeaderError                      the cluster has no leader
    │   ├── TooManyConnectionsError            429: the agent's connection or rate limit
    │   └── MalformedResponseError             not JSON, or JSON of another shape: is that a Consul?
    │       └── NotConsulError                 a proxy's or another program's page, which says nothing of Consul
    ├── WrongDatacenterError                   an agent registers in its own datacenter only
    ├── NotOwnedError                          only the agent that owns the instance can do this
    ├── InvalidRegistrationError (ValueError)  a service definition that Consul or DNS would refuse
    ├── LockLostError                          a lock is not held any more; whatever it protects must stop
    ├── ServiceNotFoundError                   the local agent has no service of that id
    └── KVError
        ├── KVConflictError                    a check-and-set lost the race; nothing was overwritten
        ├── ValueTooLargeError (ValueError)    more than 512 KB; nothing was sent
        ├── InvalidKeyError (ValueError)       a key Consul cannot store, or that cannot be watched
        ├── InvalidExportError (ValueError)    text that is not in the format of ``consul kv export``
        └── TransactionError                   operations of a transaction that were refused, each with its key
"""

from __future__ import annotations

from collections.abc import Mapping

from hp_tui.model.kv import VALUE_LIMIT, KVConflict, KVOpError


class RegistryError(Exception):
    """Base of every error this package raises. ``str()`` is a sentence for the user."""


class ConfigurationError(RegistryError, ValueError):
    """An argument or environment variable that cannot be used. Says what was given and what is expected."""


class RegistryClosedError(RegistryError):
    """``what`` was closed, before this was asked of it or while somebody waited on it."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} was closed; nothing more can be asked of it. Make another one.")


class WrongLoopError(RegistryError, RuntimeError):
    """``what`` was used from another event loop, thread or process than it lives on. Nothing was sent."""

    def __init__(self, what: str, why: str, cure: str) -> None:
        self.what = what
        super().__init__(f"{what} cannot be used here: {why}. {cure}.")


class ConsulUnreachableError(RegistryError):
    """Consul at ``address`` did not answer; ``reason`` is the cause in a few words.

    A write that failed so may or may not have been carried out.
    """

    def __init__(self, address: str, reason: str) -> None:
        self.address = address
        self.reason = reason
        super().__init__(
            f"Consul at {address} cannot be reached: {reason}; expected a Consul agent's HTTP API there. "
            "Start it, or name another address (CONSUL_HTTP_ADDR)."
        )


class ConsulResponseError(RegistryError):
    """Consul answered with a status that is no success. ``body`` is its text, cut at 500 characters."""

    def __init__(self, status: int, body: str, *, request: str = "", message: str = "") -> None:
        self.status = status
        self.body = body[:500]
        self.request = request
        said = " ".join(self.body.split())
        super().__init__(
            message
            or f"Consul answered {request or 'a request'} with status {status}"
            + (f": {said}" if said else "")
            + "; expected 200. See the agent's log (consul monitor)."
        )


class ConsulForbiddenError(ConsulResponseError):
    """The ACL token was refused. ``permission`` is the rule that is probably missing, such as ``key:read``."""

    def __init__(self, request: str, permission: str, body: str = "", status: int = 403) -> None:
        self.permission = permission
        said = " ".join(body[:500].split()) or "Forbidden"
        if "ACL not found" in said:
            cause = f"the token is unknown to Consul ({said}). Use a token that exists (CONSUL_HTTP_TOKEN)."
        else:
            need = f" with {permission}" if permission else " that allows it"
            cause = f"{said}. Use a token{need} (CONSUL_HTTP_TOKEN)."
        super().__init__(status, body, request=request, message=f"Consul refused {request}: {cause}")


class NoLeaderError(ConsulResponseError):
    """The cluster has no leader, so nothing can be read consistently or written."""

    def __init__(self, request: str = "", body: str = "", status: int = 500) -> None:
        super().__init__(
            status,
            body,
            request=request,
            message=f"Consul cannot carry out {request or 'the request'}: the cluster has no leader. "
            "It usually elects one within seconds; if not, look at the servers (consul operator raft list-peers).",
        )


class TooManyConnectionsError(ConsulResponseError):
    """429: the agent's limit on connections of one client address (200 by default) or on requests is reached."""

    def __init__(self, request: str, body: str = "") -> None:
        said = " ".join(body[:500].split()) or "Too Many Requests"
        super().__init__(
            429,
            body,
            request=request,
            message=f"Consul refused {request}: {said}. Close other clients on this host, or raise "
            "limits.http_max_conns_per_client (or limits.request_limits) on the agent.",
        )


class MalformedResponseError(ConsulResponseError):
    """A success whose body is not what Consul documents. ``expected`` names the shape."""

    def __init__(self, request: str, expected: str, got: str, status: int = 200) -> None:
        self.expected = expected
        super().__init__(
            status,
            got,
            request=request,
            message=f"The answer to {request} is not Consul's: expected {expected}, got {got[:120]!r}. "
            "Is there a proxy or another program at this address?",
        )


class NotConsulError(MalformedResponseError):
    """Something else answered: an HTML page, a login, a 404 that is not Consul's. It changes nothing that was known."""

    def __init__(self, request: str, what: str, got: str, status: int) -> None:
        super().__init__(request, "Consul's answer", got, status)
        sentence = (
            f"not Consul: {request} was answered with status {status} and {what}; expected a Consul agent's HTTP API. "
            "Is there a proxy, a login, or another program at this address?"
        )
        self.args = (sentence,)


class WrongDatacenterError(RegistryError):
    """Asked of a registry of datacenter ``asked``, whose agent is in ``agent``: agents register in their own only."""

    def __init__(self, what: str, asked: str, agent: str) -> None:
        self.asked = asked
        self.agent = agent
        super().__init__(
            f"{what} in datacenter {asked!r} cannot be asked of an agent in {agent!r}: an agent registers in its own only. "
            f"Use an agent in {asked!r}, or leave the datacenter away."
        )


class NotOwnedError(RegistryError):
    """Only the agent on ``node`` can do this to instance ``instance_id``."""

    def __init__(self, instance_id: str, node: str, what: str, command: str) -> None:
        self.instance_id = instance_id
        self.node = node
        super().__init__(
            f"{what} of {instance_id!r} must be asked of the agent on node {node!r}, which owns it, not of this one. "
            f"Attach to that agent, or run there: {command}"
        )


class InvalidRegistrationError(RegistryError, ValueError):
    """A field of a service definition is out of its range; nothing was sent."""

    def __init__(self, field: str, given: object, expected: str) -> None:
        self.field = field
        super().__init__(f"service definition: {field} is {given!r}; expected {expected}")


class ServiceNotFoundError(RegistryError):
    """The local agent has no service of id ``service_id``."""

    def __init__(self, service_id: str) -> None:
        self.service_id = service_id
        super().__init__(
            f"the agent has no service with id {service_id!r}; expected one registered on this very agent "
            "(consul services or /v1/agent/services lists them)"
        )


class LockLostError(RegistryError):
    """The lock on ``key`` is not held (any more); ``reason`` says why. Whatever it protects must stop."""

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        self.reason = reason
        super().__init__(f"the lock on {key!r} is lost: {reason}. Stop what it protects, or acquire it again.")


class KVError(RegistryError):
    """Base of errors of the KV store's own."""


class KVConflictError(KVError):
    """Somebody changed the key after it was read. ``conflict`` holds both sides; nothing was overwritten."""

    def __init__(self, conflict: KVConflict) -> None:
        self.conflict = conflict
        now = "deleted" if conflict.theirs is None else f"at index {conflict.theirs.modify_index}"
        expected = "absent" if conflict.base is None else f"at index {conflict.base.modify_index}"
        super().__init__(
            f"key {conflict.key!r} was changed by somebody else: expected it {expected}, it is {now}. "
            "Nothing was overwritten; read it again and decide."
        )


class ValueTooLargeError(KVError, ValueError):
    """A value above :data:`hp_tui.model.kv.VALUE_LIMIT`; ``size`` is in bytes. Nothing was sent."""

    def __init__(self, key: str, size: int) -> None:
        self.key = key
        self.size = size
        super().__init__(
            f"the value of {key!r} has {size} bytes; Consul stores at most {VALUE_LIMIT} a key. "
            "Split it over several keys."
        )


class InvalidKeyError(KVError, ValueError):
    """A key that cannot be used as asked."""

    def __init__(self, key: object, expected: str) -> None:
        self.key = key
        super().__init__(f"key {key!r} cannot be used: expected {expected}")


class InvalidExportError(KVError, ValueError):
    """Text that ``consul kv import`` would not take."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"not an export of Consul's KV: {problem}; expected a JSON list of "
            '{"key": text, "flags": number, "value": base64}, as `consul kv export` prints'
        )


class TransactionError(KVError):
    """A transaction was refused. ``errors`` has one entry for each operation that was the cause.

    ``by_operation`` has the same texts by the operation's place in the transaction.
    """

    def __init__(self, errors: tuple[KVOpError, ...], by_operation: Mapping[int, str] | None = None) -> None:
        self.errors = errors
        self.by_operation = dict(by_operation or {})
        causes = "; ".join(f"{error.key!r}: {error.what}" for error in errors[:5])
        more = f" (and {len(errors) - 5} more)" if len(errors) > 5 else ""
        super().__init__(f"the transaction was refused and changed nothing: {causes}{more}")
