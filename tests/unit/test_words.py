"""Names are the field's, or plain: words that only this project would understand do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("hp_tui", "widgets", "tests")
PLAIN = {
    "deed": "action",
    "deeds": "actions",
    "plight": "outage message",
    "glass": "screen buffer",
    "ledger": "history log",
    "keeper": "history writer",
    "outlook": "action preview",
    "acting": "action bindings",
    "fitting": "request validation",
}
"""A word that had to be learnt first, and what to say instead."""
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def sources() -> list[Path]:
    """Every Python file of ours; hp_tui/widgets is a link to widgets."""
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return [path for path in found if "_pb2" not in path.name and "hp_tui/widgets" not in path.as_posix()]


def names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that the file itself gives, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno


def words(name: str) -> set[str]:
    """The words of an identifier, in small letters."""
    return {word.lower() for word in WORD.findall(name)}


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_name_uses_a_private_word(path):
    tree = ast.parse(path.read_text("utf-8"))
    found = [
        f"{path.name}:{line} {name}: say {PLAIN[word]}"
        for name, line in names(tree)
        for word in sorted(words(name) & PLAIN.keys())
    ]
    assert found == []


def test_prose_uses_none_either():
    private = re.compile(r"\b(deeds?|plight|the glass|outlook)\b", re.IGNORECASE)
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *sources()]
    found = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}"
        for path in pages
        if path.name not in {"CHANGELOG.md", Path(__file__).name}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if private.search(line)
    ]
    assert found == []
