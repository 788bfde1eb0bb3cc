"""What the token may not see is told as that, never as gone or as none."""

from __future__ import annotations

from hp_tui.console.main.rows.outage import outage_message
from hp_tui.engine.events import InstancesSeen, ServicesSeen
from hp_tui.engine.store import reduce
from hp_tui.model.catalog import Instance, InstancesUpdate, ServiceSummary, ServicesUpdate
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.visibility import Visibility

LIST = (ServiceSummary("api"), ServiceSummary("consul"))
LOST = "rights lost: node:read; this is the last good answer"


def loaded() -> FleetSnapshot:
    snapshot = reduce(FleetSnapshot(), ServicesSeen(1.0, ServicesUpdate(LIST, 1.0)))
    update = InstancesUpdate("api", (Instance("api-1", "api", "n", "127.0.0.1", 1),), 1.0)
    return reduce(snapshot, InstancesSeen(1.0, update))


def test_instances_of_lost_rights_stay_and_the_timeline_says_rights_lost() -> None:
    before = loaded()
    kept = before.services["api"].instances
    assert kept is not None
    update = InstancesUpdate(
        "api", tuple(view.instance for view in kept), 1.0, stale=True, error=LOST, visibility=Visibility.FILTERED
    )
    snapshot = reduce(reduce(before, InstancesSeen(2.0, update)), InstancesSeen(3.0, update))
    view = snapshot.services["api"]
    assert (view.stale, view.error, view.instances) == (True, LOST, kept)
    assert [(line.subject, line.new) for line in snapshot.timeline] == [("api", "rights lost: node:read")]


def test_a_list_of_lost_rights_stays_and_is_told_once() -> None:
    error = "rights lost: service:read; this is the last good answer"
    update = ServicesUpdate(LIST, 1.0, stale=True, error=error, visibility=Visibility.FILTERED)
    snapshot = reduce(reduce(loaded(), ServicesSeen(2.0, update)), ServicesSeen(3.0, update))
    assert list(snapshot.services) == ["api", "consul"]
    assert [(line.subject, line.new) for line in snapshot.timeline] == [("consul", "rights lost: service:read")]


def test_a_list_that_was_filtered_from_the_start_is_not_called_empty() -> None:
    empty = ServicesUpdate((), 1.0, visibility=Visibility.FILTERED)
    message = outage_message(reduce(FleetSnapshot(), ServicesSeen(1.0, empty)), 2.0)
    assert message is not None
    assert "shows this token no services" in message.title
    none = outage_message(reduce(FleetSnapshot(), ServicesSeen(1.0, ServicesUpdate((), 1.0))), 2.0)
    assert none is not None
    assert "no services yet" in none.title


def test_a_first_answer_that_is_old_is_shown_as_old() -> None:
    error = "the cluster has no leader: this is the last good answer"
    old = ServicesUpdate(LIST, 1.0, stale=True, error=error, visibility=Visibility.UNREACHABLE)
    instances = InstancesUpdate("api", (Instance("api-1", "api", "n", "127.0.0.1", 1),), 1.0, stale=True, error=error)
    snapshot = reduce(reduce(FleetSnapshot(), ServicesSeen(9.0, old)), InstancesSeen(9.0, instances))
    view = snapshot.services["api"]
    assert (snapshot.loaded, view.stale, view.error, view.at) == (True, True, error, 1.0)
    assert view.instances is not None
