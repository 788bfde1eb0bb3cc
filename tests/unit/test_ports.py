"""Free ports: none is given twice, taken by the kernel, or shared with another process that asks the same way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from hp_tui.demo.ports import BLOCK, BLOCKS, EPHEMERAL, FIRST, HOST, Ports, bind, ephemeral_from


@pytest.fixture
def ports() -> Iterator[Ports]:
    with closing(Ports()) as ports:
        yield ports


def test_ports_are_different_and_below_those_of_outgoing_connections(ports: Ports) -> None:
    taken = ports.take(3 * BLOCK)
    assert len(set(taken)) == 3 * BLOCK
    assert all(FIRST < port < ephemeral_from() for port in taken)


def test_two_that_choose_the_same_block_do_not_share_it() -> None:
    with closing(Ports(pick=lambda starts: starts[-1])) as one, closing(Ports(pick=lambda starts: starts[-1])) as other:
        assert not set(one.take(50)) & set(other.take(50))


def test_a_port_somebody_listens_on_is_passed_over() -> None:
    with closing(Ports(pick=lambda starts: starts[-1])) as first:
        (port,) = first.take(1)
    with closing(Ports(pick=lambda starts: starts[-1])) as ports:
        held = bind(port)
        assert held is not None
        with held:
            held.listen()
            assert port not in ports.take(BLOCK - 2)


def test_a_long_life_goes_round_in_its_blocks(ports: Ports) -> None:
    once = [ports.take(1)[0] for _ in range(BLOCKS * (BLOCK - 1))]
    again = {ports.take(1)[0] for _ in range(BLOCK)}
    assert again <= set(once)


def test_more_than_there_are_is_refused_with_a_sentence(ports: Ports) -> None:
    with pytest.raises(OSError, match=f"free ports of {HOST}"):
        ports.take(BLOCK * BLOCKS + 1)


@pytest.mark.parametrize("said", ["", "many few", "1024\t60999"])
def test_a_range_that_cannot_be_used_counts_as_the_usual_one(tmp_path: Path, said: str) -> None:
    source = tmp_path / "range"
    source.write_text(said)
    assert ephemeral_from(source) == EPHEMERAL


def test_the_range_is_the_kernels(tmp_path: Path) -> None:
    source = tmp_path / "range"
    source.write_text("20000\t60999\n")
    assert ephemeral_from(source) == 20_000
