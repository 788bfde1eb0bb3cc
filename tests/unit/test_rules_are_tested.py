"""Every numbered rule of the libraries has a test that names it, such as ``test_breaker_4_half_open_admits_one``.

The rules stand in ``RULES.md`` beside the code that holds them.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADING = re.compile(r"^## (\w+)\b")
RULE = re.compile(r"^(\d+)\. ")


def rules() -> set[tuple[str, int]]:
    """Topic and number of each rule in any ``RULES.md`` of the product."""
    found = set()
    for path in (ROOT / "hp_tui").rglob("RULES.md"):
        topic = ""
        for line in path.read_text("utf-8").splitlines():
            if heading := HEADING.match(line):
                topic = heading[1].lower()
            elif topic and (rule := RULE.match(line)):
                found.add((topic, int(rule[1])))
    return found


def with_a_test(topics: set[str]) -> set[tuple[str, int]]:
    """Topic and number of each rule that a test carries in its name."""
    named = re.compile(rf"^\s*(?:async )?def test_({'|'.join(sorted(topics))})_(\d+)_\w+", re.MULTILINE)
    return {
        (topic, int(number))
        for path in (ROOT / "tests").rglob("test_*.py")
        for topic, number in named.findall(path.read_text("utf-8"))
    }


def test_every_numbered_rule_has_a_test_that_names_it() -> None:
    wanted = rules()
    assert {"breaker", "balancer", "retry", "watch", "registration", "kv"} <= {topic for topic, _ in wanted}
    found = with_a_test({topic for topic, _ in wanted})
    assert sorted(wanted - found) == []
    assert sorted(found - wanted) == [], "a test names a rule that does not exist"


def test_rules_are_numbered_without_a_gap() -> None:
    wanted = rules()
    for topic in {topic for topic, _ in wanted}:
        numbers = sorted(number for name, number in wanted if name == topic)
        assert numbers == list(range(1, len(numbers) + 1)), topic


def test_no_module_cites_a_rule_that_does_not_exist() -> None:
    wanted = rules()
    cited = re.compile(r"RULES\.md (\w+) (\d+)")
    for path in (ROOT / "hp_tui").rglob("*.py"):
        for topic, number in cited.findall(path.read_text("utf-8")):
            assert (topic.lower(), int(number)) in wanted, f"{path.name} cites {topic} {number}"
