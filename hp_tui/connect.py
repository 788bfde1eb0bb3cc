"""Makes the registry that the settings describe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hp_tui.registry import ConsulServiceRegistry
    from hp_tui.settings import Settings


def registry_for(settings: Settings) -> ConsulServiceRegistry:
    """The registry that ``settings`` describe, not yet connected.

    Raises ``ConfigurationError`` when the address or the TLS files cannot be used.
    """
    from hp_tui.registry import ConsulServiceRegistry, TLSFiles

    address = settings.address
    if settings.ssl and "://" not in address:
        address = f"https://{address}"
    tls = TLSFiles(
        cacert=settings.cacert,
        capath=settings.capath,
        client_cert=settings.client_cert,
        client_key=settings.client_key,
        server_name=settings.tls_server_name,
        verify=settings.ssl_verify,
    )
    return ConsulServiceRegistry(
        address,
        token=settings.token,
        token_file=settings.token_file,
        datacenter=settings.datacenter,
        namespace=settings.namespace,
        partition=settings.partition,
        http_auth=settings.http_auth,
        tls=tls,
        timeout=settings.timeout,
    )
