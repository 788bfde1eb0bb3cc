"""The services' log: one line for each event, on standard error: ``time level instance message``."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

LEVELS = ("debug", "info", "warning", "error")


class LineFormatter(logging.Formatter):
    """``2026-01-31T09:30:00.123Z info    critic-agent-1 message``; a traceback follows on lines of its own."""

    def __init__(self, instance: str) -> None:
        super().__init__()
        self._instance = instance

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        line = f"{at}Z {record.levelname.lower():<7} {self._instance} {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(instance: str, level: str) -> None:
    """Send every log record of ``level`` (one of :data:`LEVELS`) and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(instance))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)  # health checks would fill the log
