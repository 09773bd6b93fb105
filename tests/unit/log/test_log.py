"""The log's lines, in both formats."""

import io
import json
import logging
import re
import time
import warnings
from collections.abc import Iterator

import pytest
import structlog

from nsd import log
from nsd.log.repetition import Repetition
from nsd.settings import Log


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def written(settings: Log) -> io.StringIO:
    stream = io.StringIO()
    log.set_up(settings, Repetition(time.monotonic), stream)
    return stream


def test_an_event_is_one_line_of_time_level_sentence_and_keys() -> None:
    out = written(Log())
    structlog.get_logger().info("Zone was created.", zone="example.org", serial=7, by="a b")
    line = re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z (.*)\n", out.getvalue())
    assert line
    assert line[1] == 'info     Zone was created. zone=example.org serial=7 by="a b"'


def test_json_is_one_object_a_line() -> None:
    out = written(Log(format="json"))
    structlog.get_logger().warning("Query was refused.", client="192.0.2.1")
    event = json.loads(out.getvalue())
    assert event.pop("timestamp")
    assert event == {"level": "warning", "event": "Query was refused.", "client": "192.0.2.1"}


@pytest.mark.parametrize("settings", [Log(), Log(format="json")], ids=lambda log: log.format)
def test_a_value_from_outside_cannot_start_a_line_or_reach_the_terminal(settings: Log) -> None:
    out = written(settings)
    structlog.get_logger().info("Refused.", name="a\n2026 info Granted.\x1b[2J\r", other="\u2028")
    assert len(out.getvalue().splitlines()) == 1
    assert out.getvalue().rstrip("\n").isprintable()


def test_what_is_below_the_level_is_not_written() -> None:
    out = written(Log(level="warning"))
    structlog.get_logger().info("Nothing of note.")
    logging.getLogger("aiohttp").info("Nothing of note.")
    assert out.getvalue() == ""


def test_libraries_and_warnings_come_out_in_the_same_form() -> None:
    out = written(Log(format="json"))
    logging.getLogger("aiohttp.web").error("Error %s", "handling")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.warn("old", UserWarning, stacklevel=1)
    said = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["level"], one["logger"]) for one in said] == [
        ("error", "aiohttp.web"),
        ("warning", "py.warnings"),
    ]


def test_a_defect_s_traceback_follows_its_line_indented() -> None:
    out = written(Log())
    defect = ValueError("first\nsecond")
    structlog.get_logger().error("Call failed.", path="/", exc_info=defect)
    head, *rest = out.getvalue().splitlines()
    assert head.endswith("error    Call failed. path=/")
    assert all(line.startswith("    ") for line in rest)
    assert rest[0].strip() == "ValueError: first"


def test_a_reader_that_went_away_does_not_stop_the_server() -> None:
    out = written(Log())
    out.close()
    structlog.get_logger().info("Still here.")
