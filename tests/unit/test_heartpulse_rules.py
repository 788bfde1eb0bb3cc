"""The critic's and the validator's rules, and the verdict made of both."""

from __future__ import annotations

import pytest

from hp_tui.heartpulse.critique import critique
from hp_tui.heartpulse.protos.aol_core_pb2 import MissingAnswer, Verdict
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueReply
from hp_tui.heartpulse.protos.validator_pb2 import ValidateReply
from hp_tui.heartpulse.validation import violations
from hp_tui.heartpulse.verdict import compose, verdict

GOOD = "The pump runs at forty beats a minute. Check the valve before noon."


def test_a_plain_text_has_nothing_to_remark() -> None:
    assert critique(GOOD).score == 1.0
    assert critique(GOOD).remarks == ()
    assert violations(GOOD) == ()


@pytest.mark.parametrize(
    ("text", "rule", "score"),
    [
        ("", "empty", 0.0),
        ("… — !", "empty", 0.0),
        ("Check it", "too-short", 0.7),
        (" ".join(f"w{n}" for n in range(31)) + ".", "long-sentence", 0.9),
        ("the the pump runs on", "repetition", 0.9),
        ("it is very, very good here", "repetition", 0.8),
        ("this is just a pump here", "filler", 0.95),
        ("CHECK THE VALVE NOW please", "shouting", 0.8),
    ],
)
def test_each_critic_rule_costs_what_its_table_says(text: str, rule: str, score: float) -> None:
    judged = critique(text)
    assert rule in {remark.rule for remark in judged.remarks}
    assert judged.score == score


def test_a_critic_penalty_is_capped_and_the_score_never_negative() -> None:
    long = " ".join(f"w{n}" for n in range(31)) + ". "
    assert critique(long * 10).score == 0.7
    everything = ("VERY VERY REALLY REALLY JUST JUST SIMPLY SIMPLY " * 20 + ". ") * 5
    assert 0.0 <= critique(everything).score <= 0.2


def test_sentences_are_split_at_their_ends_and_not_at_decimal_points() -> None:
    twenty = " ".join(f"w{n}" for n in range(20))
    assert critique(f"{twenty}. {twenty}! {twenty}?").remarks == ()
    assert [remark.rule for remark in critique(f"{twenty} 1.5 {twenty}").remarks] == ["long-sentence"]


@pytest.mark.parametrize(
    ("text", "terms", "rule", "says"),
    [
        (" \n", (), "not-empty", "nothing"),
        ("x" * 4001, (), "max-length", "4001"),
        ("beep\x07", (), "no-control", "U+0007 at character 5"),
        ("a (b", (), "balanced-brackets", "'(' at character 3 is not closed"),
        ("a [b)", (), "balanced-brackets", "')' at character 5 closes nothing"),
        ("a]", (), "balanced-brackets", "']' at character 2"),
        ("done: todo", (), "no-placeholder", "'todo' at character 7"),
        ("Dear {{name}}", (), "no-placeholder", "{{name}}"),
        ("the pump", ("Pump", "valve"), "required-terms", "lacks 'valve'"),
    ],
)
def test_each_validator_rule_names_what_breaks_it(text: str, terms: tuple[str, ...], rule: str, says: str) -> None:
    (broken,) = violations(text, terms)
    assert broken.rule == rule
    assert says in broken.comment


def test_tabs_and_line_breaks_are_no_control_characters_and_todolist_no_placeholder() -> None:
    assert violations("a\tb\r\nc todolist (x[y]{z})") == ()


@pytest.mark.parametrize(
    ("score", "valid", "expected"),
    [
        (0.6, True, Verdict.VERDICT_ACCEPTED),
        (0.59, True, Verdict.VERDICT_REVISE),
        (1.0, False, Verdict.VERDICT_REJECTED),
        (None, True, Verdict.VERDICT_UNDECIDED),
        (None, False, Verdict.VERDICT_REJECTED),
        (1.0, None, Verdict.VERDICT_UNDECIDED),
    ],
)
def test_the_verdict_never_accepts_what_was_not_checked(
    score: float | None, valid: bool | None, expected: Verdict.ValueType
) -> None:
    critic = None if score is None else CritiqueReply(score=score)
    validator = None if valid is None else ValidateReply(valid=valid)
    assert verdict(critic, validator) == expected


def test_a_missing_answer_makes_the_reply_degraded_and_is_named() -> None:
    missing = MissingAnswer(service="validator-agent", status="UNAVAILABLE", detail="no endpoint")
    reply = compose("t1", CritiqueReply(score=1.0), None, (missing,), "aol-core-1")
    assert reply.degraded
    assert [one.service for one in reply.missing] == ["validator-agent"]
    assert reply.HasField("critique")
    assert not reply.HasField("validation")
    assert reply.verdict == Verdict.VERDICT_UNDECIDED
