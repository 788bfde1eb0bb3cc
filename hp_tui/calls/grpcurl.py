"""A run as a `grpcurl` command line."""

from __future__ import annotations

import json
import shlex

from hp_tui.model.calls import CallSpec


def as_grpcurl(spec: CallSpec, address: str) -> str:
    """The command that fires one such call at ``address`` (``host:port``), quoted for a POSIX shell."""
    try:
        body = json.dumps(json.loads(spec.body or "{}"))
    except ValueError:
        body = spec.body
    words = ["grpcurl", "-plaintext", "-max-time", f"{spec.timeout:g}"]
    for name, value in spec.metadata:
        words += ["-H", f"{name}: {value}"]
    words += ["-d", body, address, spec.method.strip("/")]
    return shlex.join(words)
