"""The scripted tour holds on this machine, and the installed package runs it without the repository."""

from __future__ import annotations

import asyncio
import os
import re
import sys

STEPS = (
    "start Consul and the fleet",
    "every instance is registered and passing in Consul",
    "a pulse goes",
    "round robin shares calls evenly",
    "kill critic-agent-2 with SIGKILL",
)


async def test_every_step_of_the_tour_holds(consul_binary, tmp_path):
    environ = {**os.environ, "HP_TUI_CONSUL_BIN": str(consul_binary), "TMPDIR": str(tmp_path)}
    tour = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hp_tui", "demo"),
        cwd=tmp_path,
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaints = await tour.communicate()
    said = out.decode()
    lines = said.splitlines()
    assert tour.returncode == 0, said
    assert complaints == b""
    assert "FAILED" not in said
    passed = [line for line in lines if line.startswith("ok ")]
    assert lines[-1] == f"tour: {len(passed)} passed, 0 failed"
    for step in STEPS:
        assert any(step in line for line in passed), said
    for change in ("closed -> open", "half-open -> closed", "critical", "refused"):
        assert change in said.lower(), said
    picks = [int(number) for number in re.findall(r"critic-agent-\d\D+?(\d+) picks?", said)][:3]
    assert max(picks) - min(picks) <= 1, said
    assert os.listdir(tmp_path) == []
