"""Finding and obtaining Consul, without the network."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hp_tui.demo.consul_binary import find_consul, problem_of
from hp_tui.demo.consul_sources import Source, check_sum
from hp_tui.demo.errors import NoConsulError


def make_consul(path: Path, version: str = "v1.8.7") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho Consul {version}\n")
    path.chmod(0o755)
    return path


def never(scratch: Path, report) -> Path:
    raise AssertionError("nothing had to be obtained")


def test_the_order_is_named_then_path_then_cache(tmp_path):
    named = make_consul(tmp_path / "named" / "consul")
    on_path = make_consul(tmp_path / "bin" / "consul")
    cached = make_consul(tmp_path / "cache" / "consul")
    environ = {"PATH": str(on_path.parent), "HP_TUI_CONSUL_BIN": str(named)}
    options = {"cache": cached.parent, "sources": (Source("never", never),)}
    assert find_consul(environ=environ, **options) == named
    assert find_consul(environ={"PATH": str(on_path.parent)}, **options) == on_path
    assert find_consul(environ={"PATH": ""}, **options) == cached


def test_a_named_one_is_never_replaced_by_another(tmp_path):
    make_consul(tmp_path / "cache" / "consul")
    with pytest.raises(NoConsulError, match="no such file"):
        find_consul(str(tmp_path / "typo"), environ={"PATH": ""}, cache=tmp_path / "cache")


def test_what_is_no_consul_is_told_why(tmp_path):
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho hello\n")
    assert problem_of(other) == "not executable"
    other.chmod(0o755)
    assert "`consul version` answered 'hello" in problem_of(other)


def test_sources_are_tried_in_order_and_the_first_that_runs_is_kept(tmp_path):
    said: list[str] = []

    def fails(scratch: Path, report) -> Path:
        raise OSError("unreachable")

    sources = (Source("first", fails), Source("second", lambda scratch, report: make_consul(scratch / "x" / "consul")))
    found = find_consul(environ={"PATH": ""}, cache=tmp_path / "cache", sources=sources, report=said.append)
    assert found == tmp_path / "cache" / "consul"
    assert "  not this way: unreachable" in said
    assert sorted(path.name for path in found.parent.iterdir()) == [".lock", "consul"]


def test_a_failure_reports_what_was_tried_and_the_three_ways_to_help(tmp_path):
    def fails(scratch: Path, report) -> Path:
        raise ValueError("no such release")

    with pytest.raises(NoConsulError) as failed:
        find_consul(environ={"PATH": ""}, cache=tmp_path / "cache", sources=(Source("the archive", fails),))
    text = str(failed.value)
    assert "the archive: no such release" in text
    for way in ("on PATH", "HP_TUI_CONSUL_BIN", str(tmp_path / "cache" / "consul")):
        assert way in text
    assert not (tmp_path / "cache" / "consul").exists()


def test_a_wrong_sum_is_refused_with_both_sums(tmp_path):
    archive = tmp_path / "consul.zip"
    archive.write_bytes(b"tampered")
    with pytest.raises(ValueError, match=f"SHA-256 {hashlib.sha256(b'tampered').hexdigest()}, expected 00ff"):
        check_sum(archive, "00ff")
