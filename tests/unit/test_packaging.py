"""What the wheel holds."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> list[str]:
    target = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(target), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        return wheel.namelist()


def test_the_top_level_is_one_package(names):
    """A second one called ``widgets`` would collide with anybody's own module of that name."""
    top = {name.split("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"hp_tui"}


def test_each_file_is_in_it_once(names):
    assert len(names) == len(set(names))
    assert "hp_tui/widgets/table.py" in names
    assert "hp_tui/widgets/textual_internals/driver.py" in names


def test_the_source_archive_holds_what_the_wheel_is_made_from(tmp_path):
    (built,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(built) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = (path for path in tmp_path.iterdir() if path.is_dir())
    (wheel,) = WheelBuilder(str(unpacked)).build(directory=str(tmp_path / "wheel"), versions=["standard"])
    with zipfile.ZipFile(wheel) as again:
        assert "hp_tui/widgets/table.py" in again.namelist()
        assert "hp_tui/widgets/graph/picture.py" in again.namelist()


@pytest.mark.parametrize(
    "name",
    [
        "hp_tui/demo/consul-config.hcl",
        "hp_tui/console/app.tcss",
        "hp_tui/py.typed",
        "hp_tui/heartpulse/protos/critic_pb2.py",
        "hp_tui/heartpulse/protos/critic.proto",
    ],
)
def test_it_brings_what_is_not_python_too(names, name):
    assert name in names


def test_consul_configuration_and_goldens_are_no_packages(names):
    assert not [name for name in names if name.startswith(("consul/", "snapshots/", "tests/"))]
    assert not list((ROOT / "consul").rglob("*.py"))
