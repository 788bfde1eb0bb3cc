"""When a failed attempt is tried again. Names follow the rules of "Retry"."""

from __future__ import annotations

import random

import grpc
import pytest
from tenacity import wait_fixed

from hp_tui.balancer import RetryPolicy
from hp_tui.balancer.retry import RetryBudget, pushback

CODE = grpc.StatusCode
METHOD = "/pkg.Service/Method"


def test_retry_2_unavailable_alone_by_default():
    policy = RetryPolicy()
    assert [code for code in CODE if policy.allows(code, METHOD, idempotent=False)] == [CODE.UNAVAILABLE]
    assert policy.max_attempts == 5


def test_retry_2_more_codes_for_idempotent_methods_only():
    policy = RetryPolicy(idempotent=frozenset({METHOD}))
    assert policy.allows(CODE.INTERNAL, METHOD, idempotent=False)
    assert policy.allows(CODE.INTERNAL, "/pkg.Service/Other", idempotent=True)
    assert not policy.allows(CODE.INTERNAL, "/pkg.Service/Other", idempotent=False)
    assert not policy.allows(CODE.DEADLINE_EXCEEDED, METHOD, idempotent=True)


def test_retry_4_backoff_is_2_4_8_10_10():
    policy = RetryPolicy(jitter=0.0)
    assert [policy.pause(retry, random.Random(1)) for retry in range(1, 7)] == [2, 4, 8, 10, 10, 10]


def test_retry_4_jitter_is_twenty_per_cent_either_way():
    policy, rng = RetryPolicy(), random.Random(7)
    pauses = [policy.pause(1, rng) for _ in range(2_000)]
    assert 1.6 <= min(pauses) < 1.65
    assert 2.35 < max(pauses) <= 2.4


def test_retry_4_the_waits_are_tenacitys_and_can_be_replaced():
    assert RetryPolicy(wait=wait_fixed(0.25), jitter=0.0).pause(9, random.Random(1)) == 0.25


@pytest.mark.parametrize(
    ("value", "seconds"), [("1500", 1.5), ("0", 0.0), ("-1", -0.001), ("soon", -1.0), ("", -1.0), (b"250", 0.25)]
)
def test_retry_5_pushback_is_read_and_what_does_not_parse_means_stop(value, seconds):
    assert pushback([("x", "1"), ("grpc-retry-pushback-ms", value)]) == seconds


def test_retry_5_no_pushback_is_none():
    assert pushback([("x", "1")]) is None


def test_retry_6_budget_lets_retries_through_only_above_half():
    budget = RetryBudget(10, 0.1)
    for _ in range(4):
        budget.failed()
    assert budget.allows
    budget.failed()
    assert not budget.allows
    budget.succeeded()
    assert budget.allows
    for _ in range(1_000):
        budget.succeeded()
    assert budget.tokens == 10


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_attempts", 0),
        ("max_attempts", 1.5),
        ("jitter", -0.1),
        ("jitter", 2),
        ("budget", -1),
        ("budget_return", "1"),
    ],
)
def test_a_number_out_of_range_is_named_with_its_value(name, value):
    with pytest.raises(ValueError, match=f"{name} is {value!r}; expected"):
        RetryPolicy(**{name: value})
