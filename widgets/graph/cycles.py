"""Which links run against the rest: taken the other way round, nothing goes in circles."""

from __future__ import annotations

from collections.abc import Sequence


def closing(nodes: Sequence[str], links: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Few links without which there is no cycle (Eades, Lin, Smyth 1993).

    Nodes are lined up: those that call nobody to the end, those that nobody calls to the beginning, and where neither is
    left the one that calls the most more than it is called. Links that run backwards in that line are the answer.
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
