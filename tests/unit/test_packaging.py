"""What the wheel holds."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> list[str]:
    target = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(target), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        return wheel.namelist()


def test_the_top_level_is_exactly_our_two_packages(names):
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"hp_tui", "widgets"}


@pytest.mark.parametrize(
    "name",
    [
        "hp_tui/localdev/consul-config.hcl",
        "hp_tui/app.tcss",
        "hp_tui/py.typed",
        "hp_tui/fleet/protos/critic_pb2.py",
        "hp_tui/fleet/protos/critic.proto",
    ],
)
def test_it_brings_what_is_not_python_too(names, name):
    assert name in names


def test_consul_configuration_and_goldens_are_no_packages(names):
    assert not [name for name in names if name.startswith(("consul/", "snapshots/", "tests/"))]
    assert not list((ROOT / "consul").rglob("*.py"))
