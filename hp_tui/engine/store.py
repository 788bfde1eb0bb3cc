"""The reducer: ``(FleetSnapshot, event) -> FleetSnapshot``.

Pure: events carry their times, nothing here reads a clock or does I/O, so that a recorded stream of events replays to
the same pictures. What did not change is shared between the old and the new snapshot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.reducers import balancing, bulk, calls, catalog, edges, kv, link
from hp_tui.engine.reducers.log import Line, history_loaded, logged, noticed
from hp_tui.model.fleet import FleetSnapshot

Reducer = Callable[[FleetSnapshot, Any], FleetSnapshot]


def reduce(snapshot: FleetSnapshot, event: events.Event) -> FleetSnapshot:
    """The snapshot after ``event``; the same object when the event changed nothing."""
    new = snapshot
    for step in _STEPS[type(event)]:
        new = step(new, event)
    return snapshot if new is snapshot else replace(new, at=max(new.at, event.at))


def _noticed(snapshot: FleetSnapshot, event: events.Noticed) -> FleetSnapshot:
    return noticed(snapshot, event.at, event.severity, event.text, event.subject)


def _acted(snapshot: FleetSnapshot, event: events.Acted) -> FleetSnapshot:
    line = Line(event.kind, event.severity, event.subject, event.service, new=event.text)
    snapshot = logged(snapshot, event.at, [line])
    return noticed(snapshot, event.at, event.severity, event.text, event.subject)


_STEPS: dict[type[events.Event], tuple[Reducer, ...]] = {
    events.LinkSeen: (link.link_seen,),
    events.AddressUsed: (link.address_used,),
    events.ClusterSeen: (link.cluster_seen,),
    events.DatacenterLeft: (link.datacenter_left,),
    events.TokenReplaced: (kv.token_replaced,),
    events.ServicesSeen: (catalog.services_seen, edges.redraw),
    events.CountsSeen: (catalog.counts_seen,),
    events.InstancesSeen: (catalog.instances_seen, edges.redraw),
    events.InstancesFound: (catalog.instances_found,),
    events.SearchSeen: (catalog.search_seen,),
    events.InstancesLeft: (catalog.instances_left, edges.redraw),
    events.IntentionsSeen: (edges.intentions_seen, edges.redraw),
    events.RatesSeen: (edges.rates_seen, edges.redraw),
    events.BalancerSpoke: (balancing.balancer_spoke, calls.call_spoke),
    events.EndpointsSeen: (balancing.endpoints_seen,),
    events.RunSeen: (calls.run_seen,),
    events.ReplySeen: (calls.reply_seen,),
    events.RunsLoaded: (calls.runs_loaded,),
    events.MethodsSeen: (calls.methods_seen,),
    events.BodyChecked: (calls.body_checked,),
    events.SavedSeen: (calls.saved_seen,),
    events.LevelSeen: (kv.level_seen,),
    events.KVRefused: (kv.kv_refused,),
    events.KeyBusy: (kv.key_busy,),
    events.KeySeen: (kv.key_seen,),
    events.KeySaved: (kv.key_saved,),
    events.KeyConflicted: (kv.key_conflicted,),
    events.ConflictSettled: (kv.conflict_settled,),
    events.KeyFailed: (kv.key_failed,),
    events.HistoryLoaded: (history_loaded,),
    events.BulkBegan: (bulk.began,),
    events.BulkStepped: (bulk.stepped,),
    events.BulkStopping: (bulk.stopping,),
    events.BulkEnded: (bulk.ended,),
    events.Noticed: (_noticed,),
    events.Acted: (_acted,),
}
