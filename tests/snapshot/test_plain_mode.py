"""Plain mode, which is for a Textual that is not known here, draws the same pictures as the other mode."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("file", "chosen"),
    [
        ("test_first_eight.py", "main or help"),  # the others show a value in colours, which plain mode does not have
        ("test_topology.py", ""),
    ],
)
def test_the_goldens_are_the_same_in_plain_mode(file: str, chosen: str) -> None:
    pytest_command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    command = [*pytest_command, f"tests/snapshot/{file}", "-k", chosen]
    environ = {**os.environ, "HP_TUI_PLAIN": "1", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
