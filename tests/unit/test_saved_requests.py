"""Saved requests: a file people can read and share, that is never lost and holds no credential."""

from __future__ import annotations

import json
import threading

import pytest
from msgspec.structs import replace

from hp_tui.calls.saved import SavedRequests
from hp_tui.calls.saved_format import SavedRequestsError
from hp_tui.cli.call_input import Given
from hp_tui.model.calls import CallSpec

SPEC = CallSpec(
    "critic-agent",
    "heartpulse.v1.CriticAgent/Critique",
    '{\n  "text": "grüße",\n  "strictness": 2\n}',
    40,
    2.5,
    0.75,
    (("x-trace", "abc:1"), ("x-trace", "d"), ("authorization", "Bearer s3cret")),
)
KEPT = replace(SPEC, metadata=(("x-trace", "abc:1"), ("x-trace", "d"), ("authorization", "")))


@pytest.fixture
def saved(tmp_path) -> SavedRequests:
    return SavedRequests(tmp_path / "config" / "requests.json")


def test_what_was_saved_is_read_but_for_credentials(saved):
    assert saved.read() == ()
    saved.save("long text", SPEC)
    assert saved.get("long text") == KEPT
    assert "s3cret" not in saved.path.read_text()
    saved.save("plain", CallSpec("svc"))
    assert saved.get("plain") == CallSpec("svc")


def test_the_file_is_for_people_and_version_control(saved):
    saved.save("b", CallSpec("svc", "a.B/C", '{"z": 1, "a": [1.50, "ü"]}', rate=10.0, timeout=3.0))
    saved.save("A", SPEC)
    text = saved.path.read_text("utf-8")
    assert text == (
        """{
  "format": "hp-tui requests 1",
  "requests": {
    "A": {
      "service": "critic-agent",
      "method": "heartpulse.v1.CriticAgent/Critique",
      "body": {
        "text": "grüße",
        "strictness": 2
      },
      "timeout": 0.75,
      "count": 40,
      "rate": 2.5,
      "metadata": [
        "x-trace: abc:1",
        "x-trace: d",
        "authorization:"
      ]
    },
    "b": {
      "service": "svc",
      "method": "a.B/C",
      "body": {
        "z": 1,
        "a": [
          1.5,
          "ü"
        ]
      },
      "timeout": 3,
      "rate": 10
    }
  }
}
"""
    )
    saved.save("A", saved.get("A"), replace=True)
    assert saved.path.read_text("utf-8") == text, "saving the same again changes nothing"


def test_a_new_file_is_its_owner_s_and_a_shared_one_keeps_its_mode_and_its_link(saved, tmp_path):
    saved.save("a", SPEC)
    assert saved.path.stat().st_mode & 0o777 == 0o600
    saved.path.chmod(0o664)
    link = tmp_path / "link.json"
    link.symlink_to(saved.path)
    SavedRequests(link).save("b", SPEC)
    assert link.is_symlink()
    assert [one.name for one in saved.read()] == ["a", "b"]
    assert saved.path.stat().st_mode & 0o777 == 0o664
    assert [path.name for path in saved.path.parent.iterdir()] == ["requests.json"], "nothing is left beside it"


def test_rename_and_delete(saved):
    saved.save("a", SPEC)
    saved.save("b", CallSpec("svc"))
    saved.rename("a", "c")
    saved.delete("b")
    assert saved.read()[0].name == "c"
    assert saved.get("c") == KEPT


@pytest.mark.parametrize(
    ("does", "said"),
    [
        (lambda it: it.save("a", SPEC), "a request 'a' is saved already"),
        (lambda it: it.rename("a", "b"), "a request 'b' is saved already"),
        (lambda it: it.rename("gone", "x"), "no request 'gone' is saved"),
        (lambda it: it.delete("gone"), "no request 'gone' is saved"),
        (lambda it: it.get("aa"), "no request 'aa' is saved in"),
        (lambda it: it.save("", SPEC), "name '' cannot be used"),
        (lambda it: it.save("x\x1b[31m", SPEC), "cannot be used; expected 1 to 80 printable characters"),
        (lambda it: it.save("x" * 81, SPEC), "expected 1 to 80"),
        (lambda it: it.rename("a", " x"), "cannot be used"),
        (lambda it: it.save("x", replace(SPEC, body="{")), "the body cannot be saved"),
        (lambda it: it.save("x", replace(SPEC, body='{"a": 1, "a": 2}')), "a name is in the same object twice"),
        (lambda it: it.save("x", replace(SPEC, body='{"a": NaN}')), "NaN is no number"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_writes_nothing(saved, does, said):
    saved.save("a", SPEC)
    saved.save("b", SPEC)
    before = saved.path.read_bytes()
    with pytest.raises(SavedRequestsError) as refused:
        does(saved)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert saved.path.read_bytes() == before


UNREADABLE = [
    (b"", "no file of saved requests"),
    (b"<<<<<<< HEAD\n{}", "no file of saved requests"),
    (b"\xff\xfe\x00", "no file of saved requests"),
    (b"[" * 100_000, "nested"),
    (b"[]", "another shape"),
    (b'{"format": "hp-tui requests 9", "requests": {}}', "its format is 'hp-tui requests 9'"),
    (b'{"format": "hp-tui requests 1", "requests": []}', "no file of saved requests"),
    (b" " * 9_000_000, "too large"),
]


@pytest.mark.parametrize(("data", "said"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_file_that_cannot_be_read_is_said_and_never_overwritten(saved, data, said):
    saved.path.parent.mkdir()
    saved.path.write_bytes(data)
    for does in (saved.read, lambda: saved.save("a", SPEC), lambda: saved.delete("a"), lambda: saved.rename("a", "b")):
        with pytest.raises(SavedRequestsError) as refused:
            does()
        assert said in str(refused.value)
        assert str(saved.path) in str(refused.value)
        assert len(str(refused.value).splitlines()) == 1
    assert saved.path.read_bytes() == data


def test_entries_that_make_no_sense_are_named_and_stay_and_so_does_what_is_not_known(saved):
    good = {"service": "svc", "method": "a.B/C", "owner": "team critic"}
    bad = {
        "number": 7,
        "nothing": {},
        "count": {**good, "count": "many"},
        "metadata": {**good, "metadata": ["no colon"]},
        "method": {**good, "method": ""},
    }
    raw = {"format": "hp-tui requests 1", "about": "ours", "requests": {"good": good, **bad}}
    saved.path.parent.mkdir()
    saved.path.write_text(json.dumps(raw))
    problems = {one.name: one.problem for one in saved.read()}
    assert problems.pop("good") == ""
    assert problems == {
        "number": "it is '7'; expected an object",
        "nothing": "it has no service; expected text",
        "count": "count is 'many'; expected a whole number",
        "metadata": "metadata has 'no colon'; expected text 'name: value'",
        "method": "method is ''; expected text",
    }
    with pytest.raises(SavedRequestsError, match=r"request 'count' in .* cannot be used: count is 'many'"):
        saved.get("count")
    saved.save("new", CallSpec("svc"))
    after = json.loads(saved.path.read_text())
    assert after["about"] == "ours"
    assert {**bad, "good": good} == {name: entry for name, entry in after["requests"].items() if name != "new"}


def test_many_consoles_at_once_lose_nothing(saved):
    def add(number: int) -> None:
        for step in range(5):
            SavedRequests(saved.path).save(f"{number}-{step}", SPEC)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(saved.read()) == 30


def test_a_directory_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SavedRequestsError, match="cannot be"):
        SavedRequests(tmp_path / "file" / "requests.json").save("a", SPEC)


def test_the_command_line_overrides_what_was_saved(saved):
    saved.save("a", SPEC)
    given = Given(saved="a", count=1, data='{"text": "x"}', metadata=("authorization: Bearer 7", "X-Trace: e"))
    assert given.spec(saved) == replace(
        SPEC, count=1, body='{"text": "x"}', metadata=(("authorization", "Bearer 7"), ("X-Trace", "e"))
    )
    moved = Given(service="critic-canary", saved="a", metadata=("authorization: 7",)).spec(saved)
    assert (moved.service, moved.count, moved.rate) == ("critic-canary", 40, 2.5)


def test_a_credential_that_is_not_kept_has_to_be_given(saved):
    saved.save("a", SPEC)
    with pytest.raises(ValueError, match="the value of authorization is not saved with 'a': give it, as in -H"):
        Given(saved="a").spec(saved)
    with pytest.raises(ValueError, match="a service is missing"):
        Given().spec(saved)
