"""Which folders of the KV store are open, and which levels of it were asked for."""

from __future__ import annotations

from collections.abc import Callable

from hp_tui.model.fleet import FleetSnapshot, KVView, LinkState


class OpenFolders:
    """Levels are loaded as their folders are opened, each asked for once; ``ask`` asks for that of a prefix."""

    def __init__(self, datacenter: str, ask: Callable[[str], None]) -> None:
        self.opened: set[str] = set()
        self._ask = ask
        self._asked: set[str] = set()
        """Those that are not there yet."""
        self._datacenter = datacenter

    @property
    def root_is_asked(self) -> bool:
        """Whether the top level was asked for and is not there yet."""
        return "" in self._asked

    def follow(self, snapshot: FleetSnapshot) -> bool:
        """Take over a picture, and ask for the root and for opened folders that are not there: at the start, and with
        another token.

        Returns whether it is of another datacenter: folders there are other folders, whatever their names.
        """
        left, self._datacenter = self._datacenter, snapshot.cluster.datacenter
        moved = left not in {"", self._datacenter}
        if moved:
            self.opened.clear()
            self._asked.clear()
        self._asked -= snapshot.kv.levels.keys()
        if snapshot.kv.error or snapshot.link.state is not LinkState.LIVE:
            self._asked.clear()
        else:
            for prefix in ("", *sorted(self.opened)):
                self._want(prefix, snapshot.kv)
        return moved

    def open(self, prefix: str, kv: KVView) -> None:
        """Open a folder; ``kv`` says which levels are there."""
        self.opened.add(prefix)
        self._want(prefix, kv)

    def open_to(self, key: str, kv: KVView) -> None:
        """Open the folders that lead to ``key``."""
        parts = key.split("/")[:-1]
        for depth in range(len(parts)):
            self.open("/".join(parts[: depth + 1]) + "/", kv)

    def close(self, prefix: str) -> None:
        self.opened.discard(prefix)

    def _want(self, prefix: str, kv: KVView) -> None:
        if prefix not in kv.levels and prefix not in self._asked:
            self._asked.add(prefix)
            self._ask(prefix)
