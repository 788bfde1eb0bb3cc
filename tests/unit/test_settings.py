"""Where settings come from, and what a bad one gets."""

from __future__ import annotations

import pytest

from hp_tui.settings import DEFAULT_ADDRESS, SettingsError, load_settings


@pytest.fixture
def config(tmp_path):
    return tmp_path / "config.toml"


def test_defaults_without_anything(config):
    settings = load_settings(environ={}, config=config)
    assert (settings.address, settings.token, settings.read_only) == (DEFAULT_ADDRESS, "", False)


def test_flags_win_over_the_environment_and_that_over_the_file(config):
    config.write_text('address = "file:1"\ntoken = "file"\ntimeout = 3\n')
    environ = {"CONSUL_HTTP_ADDR": "environment:2", "CONSUL_HTTP_TOKEN": "environment"}
    settings = load_settings({"address": "flag:3", "token": None}, environ=environ, config=config)
    assert (settings.address, settings.token, settings.timeout) == ("flag:3", "environment", 3)


def test_a_datacenter_can_be_read_only_by_configuration(config):
    config.write_text("[datacenters.prod]\nread_only = true\n")
    assert load_settings({"datacenter": "prod"}, environ={}, config=config).read_only
    assert not load_settings({"datacenter": "dev"}, environ={}, config=config).read_only


def test_another_datacenter_has_its_own_settings_and_coming_back_the_old_ones(config):
    config.write_text('address = "a:1"\n[datacenters.prod]\nread_only = true\naddress = "prod:1"\n')
    dev = load_settings({"datacenter": "dev"}, environ={}, config=config)
    prod = dev.in_datacenter("prod")
    assert (prod.datacenter, prod.read_only, prod.address) == ("prod", True, "prod:1")
    back = prod.in_datacenter("dev")
    assert (back.datacenter, back.read_only, back.address) == ("dev", False, "a:1")


def test_a_wrong_setting_of_any_datacenter_is_said_at_the_start(config):
    config.write_text("[datacenters.prod]\nreadonly = true\n")
    with pytest.raises(SettingsError, match=r"datacenters.prod sets 'readonly'"):
        load_settings(environ={}, config=config)


def test_a_token_file_is_read_and_stripped(config, tmp_path):
    (tmp_path / "token").write_text("s3cret\n")
    environ = {"CONSUL_HTTP_TOKEN_FILE": str(tmp_path / "token")}
    assert load_settings(environ=environ, config=config).token == "s3cret"
    both = {**environ, "CONSUL_HTTP_TOKEN": "from-variable"}  # the file comes first, as in Consul's own CLI
    assert load_settings(environ=both, config=config).token == "s3cret"
    by_flag = load_settings({"token": "by-flag"}, environ=both, config=config)
    assert (by_flag.token, by_flag.token_file) == ("by-flag", "")
    path = environ["CONSUL_HTTP_TOKEN_FILE"]
    assert load_settings({"token_file": path}, environ={}, config=config).token == "s3cret"
    with pytest.raises(SettingsError, match="--token-file='/nowhere' cannot be read"):
        load_settings({"token_file": "/nowhere"}, environ={}, config=config)


def test_a_datacenters_own_token_takes_the_place_of_a_files(config, tmp_path):
    config.write_text('[datacenters.dc2]\ntoken = "of-dc2"\n')
    (tmp_path / "token").write_text("s3cret")
    settings = load_settings(environ={"CONSUL_HTTP_TOKEN_FILE": str(tmp_path / "token")}, config=config)
    other = settings.in_datacenter("dc2")
    assert (settings.token, other.token, other.token_file) == ("s3cret", "of-dc2", "")
    assert other.in_datacenter("dc1").token_file == settings.token_file


def test_every_variable_of_consuls_own_command_line_is_a_setting(config, tmp_path):
    environ = {
        "CONSUL_HTTP_AUTH": "ops:secret",
        "CONSUL_NAMESPACE": "team",
        "CONSUL_PARTITION": "part",
        "CONSUL_CAPATH": str(tmp_path),
    }
    settings = load_settings(environ=environ, config=config)
    assert (settings.http_auth, settings.namespace, settings.partition) == ("ops:secret", "team", "part")
    assert settings.capath == str(tmp_path)
    assert "secret" not in repr(settings)
    with pytest.raises(SettingsError, match="capath names '/nowhere', which is not a folder"):
        load_settings(environ={"CONSUL_CAPATH": "/nowhere"}, config=config)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8500", "http://consul:8500", "https://[::1]:8501", "unix:///run/consul.sock"]
)
def test_addresses_consul_itself_takes(config, address):
    assert load_settings({"address": address}, environ={}, config=config).address == address


@pytest.mark.parametrize(
    "address", ["", "consul", "host:port", "host:99999", "ftp://host:1", "ho st:1", "unix://", "host:0"]
)
def test_an_address_that_does_not_parse_is_named_with_what_is_expected(config, address):
    with pytest.raises(SettingsError, match="expected"):
        load_settings({"address": address}, environ={}, config=config)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"CONSUL_HTTP_SSL": "maybe"}, "CONSUL_HTTP_SSL='maybe': expected true or false"),
        ({"CONSUL_CACERT": "/nowhere/ca.pem"}, "cacert names '/nowhere/ca.pem'"),
        ({"CONSUL_HTTP_TOKEN_FILE": "/nowhere/token"}, "CONSUL_HTTP_TOKEN_FILE='/nowhere/token' cannot be read"),
    ],
)
def test_a_bad_variable_is_named(config, environ, sentence):
    with pytest.raises(SettingsError, match=sentence):
        load_settings(environ=environ, config=config)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("adress = 'x:1'", "sets 'adress': expected one of address"),
        ("timeout = 'long'", "sets timeout to 'long': expected float"),
        ("read_only = 1", "sets read_only to 1: expected bool"),
        ("address = ", "cannot be used"),
    ],
)
def test_a_bad_file_is_named(config, text, sentence):
    config.write_text(text)
    with pytest.raises(SettingsError, match=sentence):
        load_settings(environ={}, config=config)
