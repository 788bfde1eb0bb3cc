"""The language of the filter line."""

from __future__ import annotations

import time

import pytest

from hp_tui.console.health.rows.table import Order, health_rows
from hp_tui.console.shared.rows.filter_fields import INSTANCE_FIELDS, instance_values, service_matches
from hp_tui.console.shared.rows.filter_parser import Filter, parse_filter
from hp_tui.console.shared.rows.row_keys import split_key
from hp_tui.console.timeline.rows import TIMELINE_FIELDS, timeline_items
from tests import fleets
from tests.fleets import NOW


def found(text: str) -> list[str]:
    """Ids of the instances a filter finds in the troubled fleet."""
    wanted = parse_filter(text, INSTANCE_FIELDS)
    assert not wanted.error, wanted.error
    rows = health_rows(fleets.troubled().services, NOW, order=Order.NAME, wanted=wanted, grouped=False)
    return [split_key(row.key).id for row in rows]


CRITICS = ["critic-agent-1", "critic-agent-2", "critic-agent-3"]
VALIDATORS = ["validator-agent-1", "validator-agent-2"]
CASES = {
    "tag:critic": CRITICS,
    "tag:canary": ["critic-agent-3"],
    "TAG:CANARY": ["critic-agent-3"],
    "tag:canary,validator": ["critic-agent-3", *VALIDATORS],
    "service:critic status:critical": ["critic-agent-2"],
    "status:crit": ["critic-agent-2"],
    "critic !status:critical": ["critic-agent-1", "critic-agent-3"],
    "!tag:agent": ["aol-core-1", "heart-pulse-1"],
    "version:1.1": ["critic-agent-3"],
    "meta:version=1.1": ["critic-agent-3"],
    "meta:ersion=1.1": [],
    "meta:upstream": ["aol-core-1", "heart-pulse-1"],
    "breaker:open": ["critic-agent-2"],
    "breaker:none service:a": ["aol-core-1", "heart-pulse-1", *VALIDATORS],
    "node:consul-server agent -3": ["critic-agent-3"],
    "127.0.0.1:50063": ["critic-agent-2"],
    "address:50063": ["critic-agent-2"],
    "id:agent-2": ["critic-agent-2", "validator-agent-2"],
    "tag:llm re:agent-[12]$": ["critic-agent-1", "critic-agent-2", *VALIDATORS],
    "tag:llm !re:agent-[12]$": ["critic-agent-3"],
    "": ["aol-core-1", *CRITICS, "heart-pulse-1", *VALIDATORS],
}


@pytest.mark.parametrize("text", CASES)
def test_what_is_found(text: str) -> None:
    assert found(text) == CASES[text]


@pytest.mark.parametrize("text", ["tag:", "!", "re:", '"', "status:", "   "])
def test_half_a_term_asks_nothing_yet(text: str) -> None:
    wanted = parse_filter(text, INSTANCE_FIELDS)
    assert not wanted
    assert not wanted.error


@pytest.mark.parametrize(
    "text", ["10.0.0.1:8080", "localhost:8080", "[::1]:80", "http://x", '"tga:x"', "critic-agent:50053"]
)
def test_an_address_or_a_quoted_word_is_text(text: str) -> None:
    wanted = parse_filter(text, INSTANCE_FIELDS)
    assert wanted(f"before {text.strip(chr(34))} after")
    assert not wanted("something else")


def test_an_unknown_field_names_those_there_are() -> None:
    assert parse_filter("tga:x", INSTANCE_FIELDS).error == (
        "no field “tga”; there are tag, node, meta, service, status, version, breaker, id, address. "
        "In quotes it is plain text"
    )


def test_a_value_that_never_stands_in_a_field_names_those_that_do() -> None:
    assert parse_filter("status:red", INSTANCE_FIELDS).error == (
        "status is never “red”; expected passing, warning, critical, maintenance"
    )


def test_where_there_are_no_fields_a_colon_is_a_letter() -> None:
    wanted = parse_filter("config:limits")
    assert not wanted.error
    assert wanted("app/config:limits")


def test_words_stand_anywhere_and_quotes_keep_them_together() -> None:
    assert parse_filter("one two")("two and one")
    assert not parse_filter('"one two"')("two and one")
    assert parse_filter('"one two"')("One Two")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x$", "(a?){60}a{60}$"])
def test_no_pattern_backtracks_for_ever(pattern: str) -> None:
    wanted = parse_filter(f"re:{pattern}")
    assert not wanted.error
    before = time.process_time()
    assert not wanted("a" * 30_000 + "!") or pattern == "(a?){60}a{60}$"
    assert time.process_time() - before < 2.0, "re alone would need more than the age of the universe"


@pytest.mark.parametrize("pattern", ["[", "(", "a**b(", "(?!a)", r"\1", "x{5000}"])
def test_a_pattern_that_cannot_be_used_says_so(pattern: str) -> None:
    wanted = parse_filter(f"re:{pattern}")
    assert wanted.error.startswith("not a regular expression: ")
    assert "\n" not in wanted.error
    assert not wanted


def test_texts_that_are_no_unicode_are_searched_too() -> None:
    assert parse_filter("re:^end$")("half \ud800 of a pair", "end")
    assert parse_filter("re:評論")("評論家-一号機")


def test_a_service_whose_instances_are_not_loaded_is_found_by_what_is_known_of_it() -> None:
    service = fleets.troubled().services["critic-agent"]
    for text, finds in {
        "status:critical": True,
        "tag:llm": True,
        "service:critic": True,
        "node:x": False,
        "critic": True,
    }.items():
        assert service_matches(parse_filter(text, INSTANCE_FIELDS), service) is finds, text


def test_every_field_has_values() -> None:
    view = (fleets.troubled().services["critic-agent"].instances or ())[0]
    assert all(list(instance_values(view, name)) for name in INSTANCE_FIELDS)


TIMELINE = {
    "kind:breaker": ["5"],
    "kind:breaker,kv": ["3", "5"],
    "service:critic severity:bad": ["0", "5", "6"],
    "service:critic severity:bad !kind:health": ["5"],
    "subject:validator": ["2"],
    "kind:health flapping": ["0"],
}


@pytest.mark.parametrize("text", TIMELINE)
def test_lines_of_the_timeline_by_kind_service_and_severity(text: str) -> None:
    wanted = parse_filter(text, TIMELINE_FIELDS)
    assert [item.key for item in timeline_items(fleets.troubled().timeline, NOW, wanted)] == TIMELINE[text]


def test_filters_that_look_alike_are_alike() -> None:
    assert parse_filter("a") == parse_filter("a")
    assert parse_filter("a") != parse_filter("b")
    assert not Filter()
