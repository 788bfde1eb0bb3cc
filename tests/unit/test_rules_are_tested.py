"""Every numbered rule of the libraries has a test that names it, such as ``test_breaker_4_half_open_admits_one``.

Numbers are those that the docstrings of `hp_tui.balancer` and `hp_tui.registry` refer to.
"""

from __future__ import annotations

import re
from pathlib import Path

RULES = {"breaker": 9, "balancer": 8, "retry": 7, "watch": 8, "registration": 5, "kv": 5}


def test_every_numbered_rule_has_a_test_that_names_it() -> None:
    tests = Path(__file__).resolve().parents[1]
    named = re.compile(rf"^\s*(?:async )?def test_({'|'.join(RULES)})_(\d+)_\w+", re.MULTILINE)
    found = {
        (topic, int(number))
        for path in tests.rglob("test_*.py")
        for topic, number in named.findall(path.read_text("utf-8"))
    }
    wanted = {(topic, number) for topic, count in RULES.items() for number in range(1, count + 1)}
    assert sorted(wanted - found) == []
    assert sorted(found - wanted) == [], "a test names a rule that does not exist"
