"""A growing reply: what is kept of a stream is bounded whatever the server sends."""

from __future__ import annotations

import json

import pytest
from google.protobuf.message import DecodeError

from hp_tui.calls.codec import WIRE_LIMIT
from hp_tui.calls.progress import MESSAGE_LIMIT, Progress
from hp_tui.model.calls import Reply
from tests.probe_protos import message_class, probe_pool

POOL = probe_pool()
ANSWER = message_class(POOL, "Answer")


class Call:
    """One call's progress, its replies, and the clock it sees."""

    def __init__(self, *, live: bool = True) -> None:
        self.now = 0.0
        self.live = live
        self.replies: list[Reply] = []
        self.progress = Progress(
            1, ANSWER.DESCRIPTOR, POOL, self.replies.append, live=lambda: self.live, clock=lambda: self.now
        )

    def take(self, message, *, after: float = 1.0) -> None:
        self.now += after
        self.progress.add(message.SerializeToString(), streams=True)


def test_each_message_replaces_the_last_one_on_the_screen():
    call = Call()
    for number in (1, 2, 3):
        call.take(ANSWER(number=number))
    assert [(reply.messages, reply.shown, json.loads(reply.body)["number"]) for reply in call.replies] == [
        (1, 1, "1"),
        (2, 1, "2"),
        (3, 1, "3"),
    ]
    call.progress.finished((), ())
    assert [one["number"] for one in json.loads(call.replies[-1].body)] == ["1", "2", "3"]
    assert (call.replies[-1].status, call.replies[-1].shown) == ("OK", 3)


def test_of_many_messages_the_newest_are_kept():
    call = Call(live=False)
    for number in range(10_000):
        call.take(ANSWER(number=number))
    assert call.replies == [], "of many calls at once only the newest is shown while it streams"
    call.progress.finished((), ())
    (reply,) = call.replies
    assert (reply.messages, reply.shown) == (10_000, MESSAGE_LIMIT)
    assert json.loads(reply.body)[-1]["number"] == "9999"


def test_large_messages_are_kept_within_one_bound_and_what_is_missing_is_counted():
    call = Call(live=False)
    for _ in range(50):
        call.take(ANSWER(text="x" * 1_000_000))
    call.take(ANSWER(text="the last"))
    call.progress.finished((), ())
    (reply,) = call.replies
    assert len(reply.body) <= 2 * WIRE_LIMIT
    assert json.loads(reply.body)["text"] == "the last"
    assert (reply.messages, reply.shown) == (51, 1)


def test_bytes_that_are_no_message_end_the_call_at_once():
    call = Call()
    call.take(ANSWER(number=1))
    with pytest.raises(DecodeError):
        call.progress.add(b"\xff\xff\xff\xff", streams=True)
    call.progress.unreadable()
    assert (call.replies[-1].status, call.replies[-1].messages) == ("INTERNAL", 1)


def test_a_cancelled_stream_does_not_seem_to_go_on_and_a_call_without_a_word_says_nothing():
    call = Call()
    call.progress.cancelled()
    assert call.replies == []
    call.take(ANSWER(number=1))
    call.progress.cancelled()
    assert (call.replies[-1].status, call.replies[-1].ok) == ("CANCELLED", False)
