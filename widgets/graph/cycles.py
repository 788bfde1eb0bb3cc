"""Which links to reverse so that the graph has no cycle."""

from __future__ import annotations

from collections.abc import Sequence


def closing(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """A small set of links without which there is no cycle (Eades, Lin, Smyth 1993).

    Nodes are put in a sequence: those without outgoing links at the end, those without incoming links at the start, and if
    neither is left, the node with the largest surplus of outgoing links. The result is the links that run backwards in it.
    """
    out: dict[str, set[str]] = {node: set() for node in nodes}
    into: dict[str, set[str]] = {node: set() for node in nodes}
    for source, target in links:
        out[source].add(target)
        into[target].add(source)
    left = dict.fromkeys(nodes)
    head: list[str] = []
    tail: list[str] = []

    def take(node: str, line: list[str]) -> None:
        line.append(node)
        del left[node]
        for other in out[node]:
            into[other].discard(node)
        for other in into[node]:
            out[other].discard(node)

    while left:
        ends = [node for node in left if not out[node]]
        for node in reversed(ends):
            take(node, tail)
        begins = [node for node in left if not into[node]]
        for node in begins:
            take(node, head)
        if left and not ends and not begins:
            take(max(left, key=lambda node: len(out[node]) - len(into[node])), head)
    place = {node: number for number, node in enumerate([*head, *reversed(tail)])}
    return {link for link in links if place[link[0]] > place[link[1]]}
