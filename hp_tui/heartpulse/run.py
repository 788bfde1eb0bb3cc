"""One instance, from start to graceful end."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from aiohttp.web import Response

from hp_tui.heartpulse import log as logs
from hp_tui.heartpulse.config import FleetConfig
from hp_tui.heartpulse.definition import Ports, service_definition
from hp_tui.heartpulse.faults import FaultSwitch
from hp_tui.heartpulse.grpc_server import bind, make_server
from hp_tui.heartpulse.identity import advertised_address, instance_id
from hp_tui.heartpulse.live_settings import SETTINGS, key_of
from hp_tui.heartpulse.metrics import Metrics
from hp_tui.heartpulse.serving import Serving
from hp_tui.heartpulse.web import HttpEndpoint, json_response
from hp_tui.heartpulse.wiring import add_servicer
from hp_tui.registry import ConsulServiceRegistry, GracefulShutdown, LiveConfig, RegistrationLoop

log = logging.getLogger(__name__)


async def run_instance(config: FleetConfig) -> None:
    """Serve until SIGTERM or SIGINT, then shut down without failing calls. A second signal does not wait for calls.

    Raises :class:`~hp_tui.heartpulse.errors.PortInUseError`, and
    :class:`~hp_tui.registry.errors.ConfigurationError` or ``InvalidRegistrationError`` for settings Consul cannot use.
    """
    stop, force = asyncio.Event(), asyncio.Event()
    registry = ConsulServiceRegistry.from_env(config.consul_environ, datacenter=config.datacenter)
    with _signals(stop, force):
        async with registry, FleetInstance(config, registry) as instance:
            await stop.wait()
            await instance.leave(force)


class FleetInstance:
    """A running service for the time of its ``async with`` block. It is registered as soon as Consul answers.

    Leaving the block stops it at once; :meth:`leave` before that shuts it down gracefully.
    """

    def __init__(self, config: FleetConfig, registry: ConsulServiceRegistry) -> None:
        self.id = ""
        self.ports = Ports(0, 0, 0)
        self._config = config
        self._registry = registry
        self._began = time.monotonic()
        self._serving = Serving((config.member.grpc_service,))
        self._switch = FaultSwitch() if config.allow_faults else None
        self._metrics = Metrics()
        self._server = make_server(self._metrics, self._serving, config.member.grpc_service, self._switch)
        self._stack = AsyncExitStack()
        self._registration: RegistrationLoop | None = None
        self._live: LiveConfig[Any] | None = None

    async def __aenter__(self) -> FleetInstance:
        async with AsyncExitStack() as stack:  # what was started is stopped if a later part cannot start
            await self._start(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def leave(self, force: asyncio.Event) -> None:
        """Stop serving, enter maintenance, give notice, deregister and drain. ``force`` ends the wait for calls in flight."""
        if self._registration is None:
            return
        log.info("shutting down: leaving Consul, then waiting for calls in flight")
        shutdown = GracefulShutdown(
            self._registry,
            self._registration,
            service=self._config.member.name,
            service_id=self.id,
            set_serving=self._serving.set_serving,
            drain=self._server.stop,
            notice=self._config.shutdown_notice,
            grace=self._config.shutdown_grace,
        )
        forced = asyncio.create_task(self._stop_when(force))
        report = await shutdown.run()
        forced.cancel()
        log.info(
            "shut down: %s%s",
            ", ".join(f"{step} {seconds * 1000:.0f} ms" for step, seconds in report.steps),
            "" if report.announced else "; Consul could not be told",
        )

    async def _stop_when(self, force: asyncio.Event) -> None:
        await force.wait()
        log.warning("second signal: calls in flight are cancelled")
        await self._server.stop(0)

    async def _start(self, stack: AsyncExitStack) -> None:
        """Bind every port, serve, and start the registration loop."""
        config = self._config
        # First the gRPC port: the id may be made from it, and replies and metrics carry the id.
        port = bind(self._server, config.host, config.port, config.default_port)
        self.id = instance_id(config, port)
        logs.configure(self.id, config.log_level)
        self._metrics.identify(config.member.name, self.id, config.version)
        health, metrics = (
            HttpEndpoint("health", "/health", self._health),
            HttpEndpoint("metrics", "/metrics", self._scrape),
        )
        stack.push_async_callback(health.close)
        stack.push_async_callback(metrics.close)
        health_port = await health.start(config.host, config.health_port, config.default_health_port)
        metrics_port = await metrics.start(config.host, config.metrics_port, config.default_metrics_port)
        self.ports = Ports(port, health_port, metrics_port)
        await self._connect_and_serve(stack)
        await self._serving.set_serving(True)
        self._log_start()
        address = advertised_address(config, urlsplit(f"//{self._registry.address}").hostname or "")
        definition = service_definition(config, self.id, address, self.ports)
        self._registration = await stack.enter_async_context(self._registry.keep_registered(definition))

    async def _connect_and_serve(self, stack: AsyncExitStack) -> None:
        member = self._config.member
        upstreams = []
        if member.upstreams:
            from hp_tui.heartpulse.upstream import connect

            for name in member.upstreams:
                upstream = await stack.enter_async_context(connect(name, self._registry, self._config.call_timeout))
                self._metrics.watch_client(upstream.client.snapshot)
                upstreams.append(upstream)
        if kind := SETTINGS.get(member.name):
            self._live = await stack.enter_async_context(
                LiveConfig(self._registry.kv, key_of(member.name), kind, kind())
            )
        add_servicer(member.name, self._server, self.id, upstreams, lambda: self._live.value if self._live else None)
        stack.push_async_callback(self._server.stop, None)
        await self._server.start()

    def _log_start(self) -> None:
        config, ports = self._config, self.ports
        log.info(
            "serving %s %s on %s: gRPC %d, health %d, metrics %d; ready in %.0f ms%s",
            config.member.name,
            config.version,
            config.host,
            ports.grpc,
            ports.health,
            ports.metrics,
            (time.monotonic() - self._began) * 1000,
            "; the fault switch is served" if self._switch is not None else "",
        )
        if config.connect:
            log.info(
                "consul.connect is enabled: this service itself speaks plain gRPC; its sidecar proxy does mTLS, "
                "configured by Consul's gRPC API at %s",
                config.consul_grpc_addr,
            )

    def _health(self) -> Response:
        reason = self._serving.reason
        registration = self._registration
        body = {
            "status": "not serving" if reason else "serving",
            "reason": reason,
            "service": self._config.member.name,
            "instance": self.id,
            "version": self._config.version,
            "uptime_s": round(time.monotonic() - self._began, 1),
            "registered": registration is not None and registration.registered,
            "consul": registration.error if registration is not None else "",
            "settings": self._live.error if self._live is not None else "",
        }
        return json_response(body, 503 if reason else 200)

    def _scrape(self) -> Response:
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

        return Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


@contextmanager
def _signals(stop: asyncio.Event, force: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set ``stop``, the next one ``force``."""
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        (force if stop.is_set() else stop).set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
