"""`hp-tui kv`: Consul KV from the command line. Every write is check-and-set; nothing is overwritten unseen."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hp_tui.cli.global_flags import settings_of, show_help
from hp_tui.cli.output import BAD, OK, USAGE, complain, counted, run_async, visible
from hp_tui.cli.parser import Commands, Parser, whole
from hp_tui.connect import registry_for
from hp_tui.model.kv import KVEntry
from hp_tui.registry import InvalidExportError, InvalidKeyError, KVConflictError, ValueTooLargeError
from hp_tui.settings import Settings

if TYPE_CHECKING:
    from hp_tui.registry.kv import KVStore

Work = Callable[["KVStore"], Awaitable[int]]


def flags(group: Parser) -> None:
    """The commands below this one, and what each takes."""
    group.set_defaults(run=lambda _: show_help(group))
    commands: Commands = group.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    index = whole(0)

    to_get = commands.add_parser("get", help="print a value, byte for byte when the output is no terminal")
    to_get.add_argument("key", metavar="KEY", help="the whole key")
    to_get.set_defaults(run=lambda given: get(settings_of(given), given.key))

    to_put = commands.add_parser(
        "put",
        help="write a value",
        description="Write a value with check-and-set. Exit status 1 when somebody else changed it meanwhile.",
    )
    to_put.add_argument("key", metavar="KEY", help="the whole key")
    to_put.add_argument("value", metavar="VALUE", help="the value, @FILE, or - for standard input")
    to_put.add_argument("--cas", type=index, help="the index it was read at; refused if it has changed")
    to_put.add_argument("--create", action="store_true", help="only if it does not exist")
    to_put.set_defaults(
        run=lambda given: put(settings_of(given), given.key, given.value, cas=given.cas, create=given.create)
    )

    to_delete = commands.add_parser("delete", help="delete one key")
    to_delete.add_argument("key", metavar="KEY", help="the whole key; never a prefix")
    to_delete.add_argument("--cas", type=index, help="the index it was read at")
    to_delete.set_defaults(run=lambda given: delete(settings_of(given), given.key, cas=given.cas))

    to_ls = commands.add_parser("ls", help="list one level of the tree")
    to_ls.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="a folder, ending in /")
    to_ls.set_defaults(run=lambda given: ls(settings_of(given), given.prefix))

    to_export = commands.add_parser("export", help="print keys and values in the format of `consul kv export`")
    to_export.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="keys that begin so")
    to_export.set_defaults(run=lambda given: export(settings_of(given), given.prefix))

    to_import = commands.add_parser("import", help="write what `consul kv export` printed")
    to_import.add_argument("source", metavar="SOURCE", help="a file of `consul kv export`, or -")
    to_import.set_defaults(run=lambda given: import_(settings_of(given), given.source))


def get(settings: Settings, key: str) -> int:
    """Print a value byte for byte, with a line break added on a terminal only. 1 when there is no such key."""

    async def work(kv: KVStore) -> int:
        entry = await kv.get(key)
        if entry is None:
            complain(f"key {key!r} does not exist")
            return BAD
        if not sys.stdout.isatty():
            sys.stdout.buffer.write(entry.value)
            sys.stdout.buffer.flush()
        else:
            print(_shown(entry))
        return OK

    return _run(settings, work)


def put(settings: Settings, key: str, value: str, *, cas: int | None, create: bool) -> int:
    """Write ``value`` (text, ``@file`` or ``-`` for standard input) with check-and-set.

    ``cas`` is the index it was read at, ``create`` means it must not exist; with neither, what is stored now is read first
    and the write refused if somebody changes it in between. 1 on a conflict, with both sides on standard error.
    """
    if _read_only(settings):
        return USAGE
    try:
        data = _data(value)
    except OSError as error:
        complain(f"{value!r} cannot be read: {error.strerror}; expected @FILE, - or the value itself")
        return USAGE

    async def work(kv: KVStore) -> int:
        base = await kv.get(key)
        index = 0 if create else cas if cas is not None else base.modify_index if base else 0
        seen = base if base is not None and base.modify_index == index else None
        entry = await kv.put(key, data, cas=index, base=seen)
        print(f"{visible(key)} written at index {entry.modify_index}")
        return OK

    return _run(settings, work)


def delete(settings: Settings, key: str, *, cas: int | None) -> int:
    """Delete one key as it was read at index ``cas`` (by default: now). 1 on a conflict or when there is none."""
    if _read_only(settings):
        return USAGE

    async def work(kv: KVStore) -> int:
        entry = await kv.get(key)
        if entry is None:
            complain(f"key {key!r} does not exist")
            return BAD
        await kv.delete(key, cas=entry.modify_index if cas is None else cas, base=entry)
        print(f"{visible(key)} deleted")
        return OK

    return _run(settings, work)


def ls(settings: Settings, prefix: str) -> int:
    """Print one level of the tree; folders end in ``/``."""

    async def work(kv: KVStore) -> int:
        for child in await kv.level(prefix):
            print(visible(child))
        return OK

    return _run(settings, work)


def export(settings: Settings, prefix: str) -> int:
    """Print everything under a prefix in the format of ``consul kv export``."""

    async def work(kv: KVStore) -> int:
        print(await kv.export(prefix))
        return OK

    return _run(settings, work)


def import_(settings: Settings, source: str) -> int:
    """Write what ``consul kv export`` printed, from a file or ``-``. 1 when some keys were refused, each named."""
    if _read_only(settings):
        return USAGE
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        complain(f"{source!r} cannot be read ({error}); expected a file that `consul kv export` wrote")
        return USAGE

    async def work(kv: KVStore) -> int:
        result = await kv.import_(text)
        for error in result.errors:
            complain(f"{error.key}: {error.what}")
        print(f"{counted(len(result.done), 'key')} written, {len(result.errors)} refused")
        return BAD if result.errors else OK

    return _run(settings, work)


def _run(settings: Settings, work: Work) -> int:
    async def guarded() -> int:
        async with registry_for(settings) as registry:
            try:
                return await work(registry.kv)
            except KVConflictError as error:
                _explain(error)
                return BAD
            except (InvalidKeyError, ValueTooLargeError, InvalidExportError) as error:
                complain(str(error))
                return USAGE

    return run_async(guarded())


def _explain(error: KVConflictError) -> None:
    conflict = error.conflict
    complain(f"{conflict.key}: refused, somebody changed it meanwhile; nothing was overwritten")
    theirs = (
        "deleted" if conflict.theirs is None else f"(index {conflict.theirs.modify_index}) {_shown(conflict.theirs)}"
    )
    mine = "delete it" if conflict.mine is None else conflict.mine.decode("utf-8", "replace")
    complain(f"  stored: {theirs}")
    complain(f"  yours:  {mine}")


def _shown(entry: KVEntry) -> str:
    return (
        visible(entry.text)
        if entry.text is not None
        else f"{len(entry.value)} bytes, not text: {entry.value[:64].hex(' ')}"
    )


def _data(value: str) -> bytes:
    if value == "-":
        return sys.stdin.buffer.read()
    return Path(value[1:]).read_bytes() if value.startswith("@") else value.encode()


def _read_only(settings: Settings) -> bool:
    if settings.read_only:
        complain("this is a read-only console: writing is left out")
    return settings.read_only
