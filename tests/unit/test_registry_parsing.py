"""Consul's answers, also odd and lying ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hp_tui.model.health import Health
from hp_tui.registry import parsing
from hp_tui.registry.errors import (
    ConsulForbiddenError,
    ConsulResponseError,
    MalformedResponseError,
    NoLeaderError,
    TooManyConnectionsError,
)
from hp_tui.registry.response import Response, error_of

HEALTH = {
    "Node": {"Node": "n1", "Address": "10.0.0.1"},
    "Service": {
        "ID": "api-1",
        "Service": "api",
        "Tags": ["b", "a"],
        "Meta": {"version": "1.2", "upstreams": "db, cache,db"},
        "Address": "",
        "Port": 50051,
        "CreateIndex": 3,
        "ModifyIndex": 4,
    },
    "Checks": [
        {"CheckID": "serfHealth", "Name": "Serf", "Status": "passing", "ServiceID": ""},
        {
            "CheckID": "c",
            "Name": "grpc",
            "Status": "warning",
            "ServiceID": "api-1",
            "Type": "grpc",
            "Output": "\x1b[31mred",
            "Definition": {"GRPC": "10.0.0.1:50051", "Interval": "10s", "Timeout": 5_000_000_000, "HTTP": ""},
        },
    ],
}
PROXY = {
    "Node": {"Node": "n1", "Address": "10.0.0.1"},
    "Service": {
        "ID": "api-1-sidecar-proxy",
        "Service": "api-sidecar-proxy",
        "Kind": "connect-proxy",
        "Port": 21000,
        "Proxy": {
            "DestinationServiceName": "api",
            "Upstreams": [{"DestinationName": "db"}, {"DestinationName": "db"}, {"DestinationName": None}, 7],
        },
    },
    "Checks": None,
}


def response(body: bytes) -> Response:
    return Response(200, body, "GET /v1/x")


def test_an_instance_is_read_whole() -> None:
    (one,) = parsing.instances([HEALTH])
    assert (one.id, one.service, one.node, one.endpoint) == ("api-1", "api", "n1", "10.0.0.1:50051")
    assert (one.version, one.upstreams, one.tags) == ("1.2", ("db", "cache"), ("b", "a"))
    assert one.health is Health.WARNING
    check = one.checks[0]
    assert dict(check.definition) == {"grpc": "10.0.0.1:50051", "interval": "10s", "timeout": "5s"}
    assert check.output == "\x1b[31mred"
    assert [check.node_level for check in one.checks] == [False, True]


def test_a_sidecar_tells_whom_it_serves_and_dials() -> None:
    (one,) = parsing.instances([PROXY])
    assert (one.kind, one.proxy_for, one.connect_upstreams) == ("connect-proxy", "api", ("db",))
    assert one.health is Health.PASSING


@pytest.mark.parametrize("check_id", ["_service_maintenance:api-1", "_node_maintenance"])
def test_maintenance_wins_over_critical(check_id: str) -> None:
    checks = [{"CheckID": check_id, "Status": "critical"}, {"CheckID": "c", "Status": "critical"}]
    (one,) = parsing.instances([HEALTH | {"Checks": checks}])
    assert one.health is Health.MAINTENANCE


def test_a_status_nobody_documents_is_critical() -> None:
    assert parsing.check({"CheckID": "c", "Status": "sleepy"}).status is Health.CRITICAL


@pytest.mark.parametrize("body", [b"<html>502</html>", b"", b"{", b'"text"', b"{}", b"\xff\xfe", b"[" * 100_000])
def test_something_that_is_not_consul_is_named_so(body: bytes) -> None:
    with pytest.raises(MalformedResponseError, match=r"GET /v1/x.*expected a JSON list"):
        response(body).json()


def test_null_is_an_empty_list_as_go_writes_it() -> None:
    assert response(b"null").json() == []
    assert response(b"null").json(dict) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("Node", "Service", "Checks", "ID", "Address", "Port", "Tags", "Meta", "Proxy", "Upstreams"),
                    *("CheckID", "Definition", "Interval", "Key", "Value", "Name", "InstanceCount", "ChecksPassing"),
                    *("SourceName", "DestinationName", "Permissions", "Action", "Kind", "Timeout", "Config", "Status"),
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(st.lists(JSON, max_size=4), st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_no_answer_of_the_right_outer_shape_can_break_the_parsers(rows: list[Any], fields: dict[str, Any]) -> None:
    for one in parsing.instances(rows):
        assert one.id
        assert isinstance(one.port, int)
        hash(one)
    parsing.counts(rows)
    parsing.intentions(rows)
    parsing.services(fields)
    parsing.agent(fields)
    parsing.entry(fields)


def test_counts_of_1_8_and_of_later_versions() -> None:
    old = {"Name": "api", "Tags": None, "InstanceCount": 3, "ChecksPassing": 4, "ChecksWarning": 1, "ChecksCritical": 1}
    new = old | {"Tags": ["x"], "ConnectedWithProxy": True, "Datacenter": "dc1"}
    (before,) = parsing.counts([old]) or ()
    (after,) = parsing.counts([new]) or ()
    assert (before.connected_with_proxy, after.connected_with_proxy) == (False, True)
    summary = after.summary()
    assert (summary.passing, summary.warning, summary.critical) == (1, 1, 1)
    assert parsing.counts([{"Name": "api", "Surprise": 1}]) is None


def test_counts_of_instances_never_exceed_the_instances() -> None:
    row = {"Name": "a", "InstanceCount": 2, "ChecksPassing": 0, "ChecksWarning": 5, "ChecksCritical": 1}
    (one,) = parsing.counts([row]) or ()
    assert (one.summary().passing, one.summary().warning, one.summary().critical) == (0, 1, 1)


def test_intentions_with_permissions_allow_if_one_does() -> None:
    rows = [
        {"SourceName": "*", "DestinationName": "db", "Action": "deny"},
        {"SourceName": "api", "DestinationName": "db", "Permissions": [{"Action": "deny"}, {"Action": "allow"}]},
    ]
    assert [(one.source, one.allowed) for one in parsing.intentions(rows)] == [("*", False), ("api", True)]


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (403, "Permission denied", ConsulForbiddenError),
        (403, "ACL not found", ConsulForbiddenError),
        (500, "rpc error making call: Permission denied", ConsulForbiddenError),
        (500, "No cluster leader", NoLeaderError),
        (500, "rpc error making call: No cluster leader", NoLeaderError),
        (429, "Your IP is issuing too many concurrent connections", TooManyConnectionsError),
        (500, "No path to datacenter", ConsulResponseError),
        (301, "", ConsulResponseError),
        (418, "teapot", ConsulResponseError),
    ],
)
def test_each_refusal_has_its_error_and_a_sentence(status: int, text: str, kind: type[ConsulResponseError]) -> None:
    error = error_of(status, text, "GET /v1/x", "service:read")
    assert type(error) is kind
    assert "GET /v1/x" in str(error)
    assert len(str(error)) < 400


def test_a_huge_body_does_not_become_a_huge_message() -> None:
    assert len(str(error_of(500, "x" * 10_000_000, "GET /v1/x"))) < 1000
    assert len(str(response(json.dumps("y" * 1_000_000).encode()).malformed("a JSON list"))) < 500
