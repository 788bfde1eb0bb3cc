"""Which private names of Textual, Rich, gRPC and Pygments our code touches: by syntax tree, and by class hierarchy at run time.

Ruff's SLF001 sees ``widget._x`` but not ``self._x`` in a subclass, nor a method that overrides a private one. Here every class
of ours is loaded, and each private name that it uses is looked for in the classes of others that it derives from.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import hp_tui

OTHERS = ("textual", "rich", "grpc", "pygments")
"""Libraries whose private names are looked for."""
GENERATED = "hp_tui.heartpulse.protos"


class Touch(NamedTuple):
    """A private name of somebody else that a module of ours uses."""

    module: str
    """Ours, dotted."""
    owner: str
    """The class or module of theirs that has the name; '' where only the syntax tells that it is not ours."""
    name: str


def modules() -> list[ModuleType]:
    """Every module of the product, loaded. Generated code and ``__main__`` are left out."""
    names = [info.name for info in pkgutil.walk_packages(hp_tui.__path__, "hp_tui.")]
    return [
        importlib.import_module(name)
        for name in names
        if not name.startswith(GENERATED) and not name.endswith("__main__")
    ]


@cache
def tree_of(module: ModuleType) -> ast.Module:
    """The syntax tree of a module's file, which may be empty."""
    assert module.__file__ is not None
    return ast.parse(Path(module.__file__).read_text("utf-8"))


def private(name: str) -> bool:
    """Whether a name is private by convention; ``__init__`` and the like are not."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__")) and name != "_"


def touches() -> set[Touch]:
    """All private names of others that the product touches, in whichever way."""
    found = modules()
    return {*_through_self(found), *_of_other_objects(found), *_imported(found)}


def _through_self(found: list[ModuleType]) -> Iterator[Touch]:
    """``self._x``, ``super()._x`` and definitions of ``_x`` in a class of ours, where a base of theirs has ``_x``."""
    for module in found:
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                theirs = names_of_others(kind)
                for base in kind.__mro__:  # a mixin of ours meets the library's class only here
                    if base.__module__.startswith("hp_tui"):
                        for name in own_names(base) & theirs.keys():
                            yield Touch(base.__module__, theirs[name], name)


def names_of_others(kind: type) -> dict[str, str]:
    """Private names that a class has from bases of others, each with the class that defines it."""
    found: dict[str, str] = {}
    for base in kind.__mro__:
        if base.__module__.split(".")[0] in OTHERS:
            for name in own_names(base) | set(filter(private, vars(base))):
                found[name] = f"{base.__module__}.{base.__qualname__}"
    return found


@cache
def own_names(kind: type) -> frozenset[str]:
    """Private names that the source of a class defines, or uses through ``self``, ``cls`` or ``super()``."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    except (OSError, TypeError):  # written in C
        return frozenset()
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _through(node.value)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name) and target.id.startswith("_")}
    return frozenset(filter(private, found))


def _through(value: ast.expr) -> bool:
    if isinstance(value, ast.Name):
        return value.id in {"self", "cls"}
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "super"


def _of_other_objects(found: list[ModuleType]) -> Iterator[Touch]:
    """``thing._x`` or ``getattr(thing, "_x")`` where nothing of ours is called ``_x``: it belongs to somebody else."""
    trees = [(module, tree_of(module)) for module in found]
    ours = {name for _, tree in trees for name in _defined(tree)}
    for module, tree in trees:
        for node in ast.walk(tree):
            name = _asked_of_another(node)
            if name and private(name) and name not in ours:
                yield Touch(module.__name__, "", name)


def _asked_of_another(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and not _through(node.value):
        return node.attr
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"getattr", "setattr"}:
        name = node.args[1]
        return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
    return ""


def _defined(tree: ast.AST) -> Iterator[str]:
    """Names that a module of ours gives to something: functions, classes, variables, attributes of ``self``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _through(node.value):
            yield node.attr


def _imported(found: list[ModuleType]) -> Iterator[Touch]:
    """``from textual._x import …``, ``from textual import _x`` and ``from x import _y``."""
    for module in found:
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OTHERS:
                hidden = any(map(private, node.module.split(".")))
                for alias in node.names:
                    if hidden or private(alias.name):
                        yield Touch(module.__name__, node.module, alias.name)
