"""Why Consul was not reached, in a few words that name the cure."""

from __future__ import annotations

import os
import ssl

import aiohttp

_CERTIFICATE = {
    9: "is not valid yet: compare the clocks of both machines",
    10: "has expired: renew it on the agent",
    18: "is signed by itself: name its CA (CONSUL_CACERT or CONSUL_CAPATH)",
    19: "is of a CA that is not known here: name it (CONSUL_CACERT or CONSUL_CAPATH)",
    20: "is of a CA that is not known here: name it (CONSUL_CACERT or CONSUL_CAPATH)",
    21: "is of a CA that is not known here: name it (CONSUL_CACERT or CONSUL_CAPATH)",
    62: "is for another name: say which (CONSUL_TLS_SERVER_NAME)",
    64: "is for another address: say for which name (CONSUL_TLS_SERVER_NAME)",
}
"""By OpenSSL's verification error (``X509_V_ERR_…``)."""
_ALERTS = {
    "CERTIFICATE_REQUIRED": "it wants a client certificate (CONSUL_CLIENT_CERT and CONSUL_CLIENT_KEY)",
    "BAD_CERTIFICATE": "it refused the client certificate (CONSUL_CLIENT_CERT): none, or of another CA than it trusts",
    "UNKNOWN_CA": "it does not know the CA of the client certificate (CONSUL_CLIENT_CERT)",
    "CERTIFICATE_EXPIRED": "the client certificate has expired (CONSUL_CLIENT_CERT): renew it",
    "CERTIFICATE_UNKNOWN": "it refused the client certificate (CONSUL_CLIENT_CERT)",
    "WRONG_VERSION_NUMBER": "it speaks no TLS: use http:// (without --ssl, CONSUL_HTTP_SSL=false)",
    "RECORD_LAYER_FAILURE": "it speaks no TLS: use http:// (without --ssl, CONSUL_HTTP_SSL=false)",
}
"""By a part of OpenSSL's reason: what the other side said in an alert, or what it sent instead of TLS."""


def reason(error: BaseException) -> str:
    """What ``error``, raised by the HTTP client, means for somebody who wants to reach Consul."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate(error.certificate_error)
    found: BaseException | None = error
    while found is not None:  # an alert arrives when the first answer is read, wrapped by then
        inner = found.os_error if isinstance(found, aiohttp.ClientConnectorError) else None
        if inner is None and isinstance(found, ssl.SSLError):
            return _alert(found)
        found = inner or found.__cause__ or found.__context__
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "it closed the connection without an answer (also what an agent does beyond its connection limit)"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return os.strerror(number).lower() if number and number > 0 else str(error.os_error)
    return str(error) or type(error).__name__


def _certificate(error: Exception) -> str:
    code = getattr(error, "verify_code", 0)
    said = getattr(error, "verify_message", "") or str(error)
    return f"TLS: its certificate {_CERTIFICATE.get(code, 'was refused')} ({said})"


def _alert(error: ssl.SSLError) -> str:
    said = (error.reason or str(error)).upper().replace(" ", "_")
    cure = next((cure for part, cure in _ALERTS.items() if part in said), "it failed")
    return f"TLS: {cure} ({said.lower().replace('_', ' ')})"
