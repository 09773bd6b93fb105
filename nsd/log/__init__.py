"""The log: one line per event on standard error, a sentence with fixed keys, or the same as JSON.

At most five lines of a kind are said in any second (`repetition.py`), and what is left out is
counted; but whoever wants level debug gets all lines.

Whoever has something to say asks `structlog.get_logger()`; only the composition root calls
`set_up`. What libraries say through `logging` comes out in the same form.
"""

import contextlib
import json
import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from nsd.log.repetition import Repetition
from nsd.settings import Log


def set_up(log: Log, repetition: Repetition, stream: TextIO | None = None) -> None:
    """Send every event of at least `log.level` to `stream` (standard error) in `log.format`.

    Whoever sets up has `repetition` tell once a second what it left out.
    """
    level = logging.getLevelNamesMapping()[log.level.upper()]
    lines = _Lines(stream or sys.stderr)
    limit = [] if log.level == "debug" else [repetition]
    structlog.configure(
        processors=[*_KNOWN, *limit, *_WRITTEN, _renderer(log)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Foreign()], level=max(level, logging.INFO), force=True)
    logging.captureWarnings(capture=True)
    # Broken HTTP is the client's affair, and what handlers raise is logged where it is caught.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)


class _Lines:
    """Writes lines; a reader that went away stops the log, never the server."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = write


class _Foreign(logging.Handler):
    """Hands what libraries log to the same processors, with their logger's name as a key."""

    def emit(self, record: logging.LogRecord) -> None:
        level = max(record.levelno // 10 * 10, logging.DEBUG)
        structlog.get_logger().log(
            level, record.getMessage(), logger=record.name, exc_info=record.exc_info
        )


_KNOWN: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
]
_WRITTEN: list[Processor] = [
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


def _renderer(log: Log) -> Processor:
    return structlog.processors.JSONRenderer() if log.format == "json" else _console


def _console(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Render `time level sentence key=value …`; a defect's traceback follows, indented."""
    head = f"{event.pop('timestamp')} {event.pop('level'):<8} {_shown(event.pop('event'))}"
    traceback = event.pop("exception", "").splitlines()
    pairs = [f"{key}={_quoted(value)}" for key, value in event.items()]
    return "\n    ".join([" ".join([head, *pairs]), *map(_shown, traceback)])


def _quoted(value: object) -> str:
    text = _shown(value)
    return text if text and not set(text) & set(' "=') else json.dumps(text)


def _shown(value: object) -> str:
    # A name or a header out of the net must not end the line or speak to the terminal.
    text = str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode()
