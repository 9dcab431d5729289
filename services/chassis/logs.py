"""Structured logs, one JSON object a line, with the correlation id where there is one and never a message's content."""

from __future__ import annotations

import logging
import sys

import structlog

from services.contracts.masks import without_numbers


def configure(level: str, **bound: str) -> None:
    """Set up structlog for this process; `bound` is added to every line."""
    number = getattr(logging, level.upper())
    logging.basicConfig(level=number, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    # Nameko logs a failing worker with its arguments, kombu an undecodable message with its body: personal data.
    for name in ("nameko", "kombu", "amqp"):
        logging.getLogger(name).setLevel(logging.CRITICAL if name == "kombu" else logging.ERROR)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
            lambda _, __, line: without_numbers(str(line)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    structlog.contextvars.bind_contextvars(**bound)
