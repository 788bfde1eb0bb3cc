"""Keys of the table's rows, whatever the network calls its things."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hp_tui.console.shared.rows.row_keys import row_key, service_key, split_key
from hp_tui.model.catalog import InstanceRef

NAMES = st.text(alphabet=st.sampled_from("ab0\\\0\x1f/"), max_size=6)


@given(NAMES, NAMES, NAMES)
def test_a_key_leads_back_to_its_instance(service: str, instance_id: str, node: str) -> None:
    ref = InstanceRef(service, instance_id, node)
    assert split_key(row_key(ref)) == ref


@given(NAMES)
def test_a_services_own_key_has_no_instance(name: str) -> None:
    assert split_key(service_key(name)) == InstanceRef(name, "", "")


@given(st.tuples(NAMES, NAMES, NAMES), st.tuples(NAMES, NAMES, NAMES))
def test_two_instances_never_share_a_key(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (row_key(InstanceRef(*one)) == row_key(InstanceRef(*other))) is (one == other)
