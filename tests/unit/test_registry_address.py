"""Addresses, environment and TLS files, as Consul's own CLI takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hp_tui.registry import ConfigurationError, ConsulAddress, ConsulServiceRegistry, TLSFiles
from hp_tui.registry.address import basic_auth
from hp_tui.registry.environment import VARIABLES
from hp_tui.registry.token import TokenSource


@pytest.mark.parametrize(
    ("text", "base", "shown"),
    [
        ("127.0.0.1:8500", "http://127.0.0.1:8500", "127.0.0.1:8500"),
        ("consul-server:8500", "http://consul-server:8500", "consul-server:8500"),
        (" localhost:8500 ", "http://localhost:8500", "localhost:8500"),
        ("http://h:1", "http://h:1", "h:1"),
        ("https://consul.example", "https://consul.example:443", "https://consul.example:443"),
        ("https://h:8501/prefix/", "https://h:8501/prefix", "https://h:8501/prefix"),
        ("[::1]:8500", "http://[::1]:8500", "[::1]:8500"),
        ("unix:///run/consul.sock", "http://localhost:80", "unix:///run/consul.sock"),
    ],
)
def test_an_address_is_read(text: str, base: str, shown: str) -> None:
    address = ConsulAddress.parse(text)
    assert (address.base, str(address)) == (base, shown)


@pytest.mark.parametrize(
    "text",
    [
        *("", "host", "host:", "host:port", "host:0", "host:70000", ":8500", "[::1:8500", "a b:1", "h:1?x=1"),
        *("ftp://h:1", "http://", "http://h:1/#f", "unix://", "unix://relative"),
    ],
)
def test_an_address_that_does_not_parse_says_what_was_given_and_expected(text: str) -> None:
    with pytest.raises(ConfigurationError, match="expected host:port") as caught:
        ConsulAddress.parse(text)
    assert repr(text) in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_an_address_may_carry_a_user_and_a_password_which_are_never_shown() -> None:
    address = ConsulAddress.parse("https://ops:p%40ss@consul.example:8501")
    assert (address.auth, str(address)) == ("ops:p@ss", "https://consul.example:8501")
    assert "p@ss" not in repr(address)
    with pytest.raises(ConfigurationError) as caught:
        ConsulAddress.parse("https://ops:secret@consul.example:8501/#x")
    assert "secret" not in str(caught.value)
    assert basic_auth("ops:p@ss") == {"Authorization": "Basic b3BzOnBAc3M="}
    with pytest.raises(ConfigurationError, match="CONSUL_HTTP_AUTH"):
        basic_auth("a\r\nInjected: header")


def test_every_variable_of_consuls_own_command_line_is_read(tmp_path: Path) -> None:
    read: set[str] = set()

    class Spy(dict[str, str]):
        def get(self, key: str, default: object = None) -> Any:
            read.add(key)
            return super().get(key, default)

    ConsulServiceRegistry.from_env(Spy())
    assert read == VARIABLES


def test_a_token_file_is_read_again_when_it_changes_and_keeps_the_last_while_it_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    source = TokenSource("", str(file))
    assert source.current() == "first"
    file.write_text("the second\n")  # no token: two words
    assert source.current() == "first"
    file.write_text("third")
    assert source.current() == "third"
    file.unlink()
    assert source.current() == "third"
    source.use("by-hand")
    file.write_text("fourth")
    assert source.current() == "by-hand"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="it is not text; expected a text file with one token"):
        TokenSource("", str(file))


def test_the_environment_is_consuls_own() -> None:
    environ = {"CONSUL_HTTP_ADDR": "consul-server:8501", "CONSUL_HTTP_SSL": "true", "CONSUL_HTTP_TOKEN": "secret"}
    registry = ConsulServiceRegistry.from_env(environ, datacenter="dc2")
    assert registry.address == "https://consul-server:8501"
    assert registry.datacenter == "dc2"
    assert ConsulServiceRegistry.from_env({}).address == "127.0.0.1:8500"


def test_an_explicit_token_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONSUL_HTTP_TOKEN", "from-environment")
    assert ConsulServiceRegistry(token="explicit")._connection.token == "explicit"
    assert ConsulServiceRegistry()._connection.token == ""
    assert ConsulServiceRegistry.from_env(token="explicit")._connection.token == "explicit"
    file = tmp_path / "token"
    file.write_text("from-file\n")
    environ = {"CONSUL_HTTP_TOKEN_FILE": str(file), "CONSUL_HTTP_TOKEN": "from-variable"}
    assert ConsulServiceRegistry.from_env(environ)._connection.token == "from-file"
    assert ConsulServiceRegistry.from_env(environ, token="explicit")._connection.token == "explicit"


@pytest.mark.parametrize(
    "environ",
    [
        {"CONSUL_HTTP_SSL": "maybe"},
        {"CONSUL_HTTP_TOKEN_FILE": "/nonexistent/token"},
        {"CONSUL_HTTP_TOKEN": "two words"},
        {"CONSUL_HTTP_TOKEN": "line\r\nInjected: header"},
        {"CONSUL_HTTP_ADDR": "https://h:1", "CONSUL_CACERT": "/nonexistent/ca.pem"},
        {"CONSUL_HTTP_ADDR": "https://h:1", "CONSUL_CLIENT_CERT": "/nonexistent/cert.pem"},
    ],
)
def test_a_variable_that_cannot_be_used_is_refused_before_anything_is_sent(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="expected"):
        ConsulServiceRegistry.from_env(environ)


def test_a_token_is_never_part_of_a_message() -> None:
    with pytest.raises(ConfigurationError) as caught:
        ConsulServiceRegistry(token="very secret")
    assert "secret" not in str(caught.value)


def test_tls_files_are_not_read_for_plain_http() -> None:
    ConsulServiceRegistry("127.0.0.1:8500", tls=TLSFiles(cacert="/nonexistent"))


@pytest.mark.parametrize("bad", [{"timeout": 0}, {"wait": 601}, {"wait": 0}, {"timeout": float("nan")}])
def test_numbers_out_of_range_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(bad))):
        ConsulServiceRegistry(**bad)  # type: ignore[arg-type]
