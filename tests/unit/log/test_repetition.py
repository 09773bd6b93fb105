"""How many lines of a kind are said, and how many are counted instead."""

import io
import json
import logging
from collections import Counter
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from nsd import log
from nsd.log.repetition import LEFT_OUT, MOST_A_SECOND, MOST_KINDS, Kind, Repetition
from nsd.settings import Log


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Where lines are written as JSON, by a log that is put back afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def said(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


REFUSED = Kind("warning", "a transfer was refused", "")


@given(st.lists(st.floats(0, 0.5), max_size=200))
def test_no_second_holds_more_than_five_lines_of_a_kind(pauses: list[float]) -> None:
    clock = Clock()
    repetition = Repetition(clock)
    times = []
    for pause in pauses:
        clock.now += pause
        if repetition.admits(REFUSED):
            times.append(clock.now)
    for first, sixth in zip(times, times[MOST_A_SECOND:], strict=False):
        assert sixth - first >= 1


@given(st.lists(st.integers(0, 3), max_size=100))
def test_what_is_not_said_is_counted(numbers: list[int]) -> None:
    repetition = Repetition(Clock())
    admitted = Counter(
        number for number in numbers if repetition.admits(Kind("info", str(number), ""))
    )
    left_out = {int(kind.text): count for kind, count in repetition._take_left_out()}
    assert admitted + Counter(left_out) == Counter(numbers)


def test_a_kind_that_fell_silent_is_said_again_and_not_remembered() -> None:
    clock = Clock()
    repetition = Repetition(clock)
    for _ in range(10):
        repetition.admits(REFUSED)
    clock.now = 2.0
    assert repetition.admits(REFUSED)
    repetition.tell()
    clock.now = 4.0
    repetition.tell()
    assert repetition._said == {}


def test_kinds_beyond_a_number_are_one_kind_together() -> None:
    repetition = Repetition(Clock())
    kinds = [Kind("info", str(number), "") for number in range(2 * MOST_KINDS)]
    admitted = [kind for kind in kinds if repetition.admits(kind)]
    assert len(admitted) == MOST_KINDS + MOST_A_SECOND
    assert len(repetition._said) == MOST_KINDS + 1


def test_a_line_tells_how_many_of_a_kind_were_left_out(lines: io.StringIO) -> None:
    repetition = Repetition(Clock())
    log.set_up(Log(format="json"), repetition, lines)
    for number in range(30):
        structlog.get_logger().warning("a transfer was refused", client=f"192.0.2.{number}")
    structlog.get_logger().warning("something else")
    repetition.tell()
    repetition.tell()
    *refused, other, counted = said(lines)
    assert [line["client"] for line in refused] == [f"192.0.2.{number}" for number in range(5)]
    assert other["event"] == "something else"
    del counted["timestamp"]
    assert counted == {
        "level": "warning",
        "event": LEFT_OUT,
        "like": "a transfer was refused",
        "count": 25,
    }


def test_tracebacks_are_limited_by_the_class_of_the_error(lines: io.StringIO) -> None:
    log.set_up(Log(format="json"), Repetition(Clock()), lines)
    for error in [ValueError("one"), KeyError("other")] * 10:
        try:
            raise error
        except LookupError:
            structlog.get_logger().exception("a query failed")
        except ValueError as caught:
            structlog.get_logger().error("a query failed", exc_info=caught)
    found = [str(line["exception"]).splitlines()[-1] for line in said(lines)]
    assert Counter(found) == {"ValueError: one": 5, "KeyError: 'other'": 5}


def test_all_that_a_library_says_at_a_level_is_one_kind(lines: io.StringIO) -> None:
    log.set_up(Log(format="json"), Repetition(Clock()), lines)
    for number in range(10):
        logging.getLogger("asyncio").error("socket %d", number)
        logging.getLogger("aiohttp.access").error("socket %d", number)
    assert Counter(line["logger"] for line in said(lines)) == {"asyncio": 5, "aiohttp.access": 5}


def test_whoever_asks_for_debug_gets_all_of_it(lines: io.StringIO) -> None:
    log.set_up(Log(format="json", level="debug"), Repetition(Clock()), lines)
    for _ in range(30):
        structlog.get_logger().warning("refused a transfer")
    assert len(said(lines)) == 30
