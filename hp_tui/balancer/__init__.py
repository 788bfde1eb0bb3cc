"""Client-side load balancing for gRPC: round robin, a circuit breaker per endpoint, bounded retries."""

from hp_tui.balancer.breaker import BreakerChanged, CircuitBreaker, Permit
from hp_tui.balancer.client import LoadBalancedGRPCClient
from hp_tui.balancer.errors import (
    CallFailedError,
    CircuitOpenError,
    ClientClosedError,
    InvalidCallError,
    LoadBalancerError,
    NoHealthyEndpointsError,
)
from hp_tui.balancer.facade import BalancedChannel
from hp_tui.balancer.keepalive import Keepalive, server_options
from hp_tui.balancer.retry import RetryPolicy
from hp_tui.balancer.source import EndpointSource, StaticEndpoints
from hp_tui.model.balancing import BreakerState

__all__ = [
    "BalancedChannel",
    "BreakerChanged",
    "BreakerState",
    "CallFailedError",
    "CircuitBreaker",
    "CircuitOpenError",
    "ClientClosedError",
    "EndpointSource",
    "InvalidCallError",
    "Keepalive",
    "LoadBalancedGRPCClient",
    "LoadBalancerError",
    "NoHealthyEndpointsError",
    "Permit",
    "RetryPolicy",
    "StaticEndpoints",
    "server_options",
]
