"""The program in docs/library.md runs as written."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from hp_tui import ConsulServiceRegistry

LIBRARY = Path(__file__).parents[2] / "docs" / "library.md"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    found = re.search(r"```python\n(.*?)```", LIBRARY.read_text("utf-8"), re.DOTALL)
    assert found
    assert len(found[1].splitlines()) < 40
    path = tmp_path / "example.py"
    path.write_text(found[1], "utf-8")
    return path


async def test_the_example_serves_asks_and_leaves(consul, example, eventually):
    environ = {**os.environ, "CONSUL_HTTP_ADDR": consul.http_addr}

    async def start(word: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, str(example), word, "greeter", env=environ, stdout=asyncio.subprocess.PIPE
        )

    async def ask() -> str:
        asking = await start("ask")
        said, _ = await asking.communicate()
        assert asking.returncode == 0
        return said.decode()

    servers = [await start("serve"), await start("serve")]
    try:
        async with ConsulServiceRegistry(consul.http_addr) as registry:

            async def passing() -> int:
                return sum(one.health == "passing" for one in await registry.instances("greeter"))

            await eventually(lambda: _equals(passing(), 2))
            assert await ask() == "status: SERVING\n\n"
            servers[0].send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(servers[0].wait(), 20) == 0
            assert len(await registry.instances("greeter")) == 1
            assert await ask() == "status: SERVING\n\n"
    finally:
        for server in servers:
            if server.returncode is None:
                server.kill()
                await server.wait()


async def _equals(found, wanted) -> bool:
    return await found == wanted
