"""Structured logs, one JSON object a line, in the form of the services' (`services.chassis.logs`)."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import Processor

from services.contracts.masks import without_numbers

OURS = ("anju", "admin")


class _Stderr(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what `sys.stderr` is when a line comes."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def configure(level: str, **bound: str) -> None:
    """Make the console's own loggers write, each line with `bound`; calling it again changes the level only."""
    shared: list[Processor] = [
        lambda _, __, line: {**bound, **line},
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
            lambda _, __, line: without_numbers(str(line)),
        ],
    )
    for name in OURS:
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        if not any(isinstance(one, _Stderr) for one in logger.handlers):
            handler = _Stderr()
            handler.setFormatter(formatter)
            logger.addHandler(handler)
