"""Work beside requests: what it raises, what becomes of it, and who is told."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from nsd import background, metrics
from nsd.background import Background
from nsd.errors import Unavailable


class Time:
    """A clock that goes forward only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._waited: dict[float, asyncio.Event] = {}

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)
        if seconds in self._waited:
            self._waited[seconds].set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    async def has_slept(self, seconds: float) -> None:
        """Wait until somebody wants to sleep for so long; that sleep does not end."""
        await self._waited.setdefault(seconds, asyncio.Event()).wait()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def works(time: Time) -> AsyncIterator[Background]:
    works = Background(time, time.sleep)
    yield works
    await works.close()


class Step:
    """Raises what it is told, call by call; then it waits until it is let go, and succeeds."""

    def __init__(self, *raised: Exception) -> None:
        self._raised = list(raised)
        self.waits = asyncio.Event()
        self.let_go = asyncio.Event()

    async def __call__(self) -> None:
        if self._raised:
            raise self._raised.pop(0)
        self.waits.set()
        await self.let_go.wait()


async def test_a_loop_that_raises_is_logged_and_started_again(works: Background) -> None:
    ended = asyncio.Event()

    async def loop() -> None:
        if not works.failing and len(logs) < 1:
            raise ValueError("a defect")
        ended.set()
        await asyncio.Event().wait()

    with capture_logs() as logs:
        works.keep("keeping", loop)
        await ended.wait()
    assert [(entry["work"], entry["log_level"]) for entry in logs] == [("keeping", "error")]


async def test_the_pauses_double_up_to_a_minute(works: Background, time: Time) -> None:
    step = Step(*[OSError("gone")] * 8)
    works.every("stepping", 5, step)
    await step.waits.wait()
    assert time.slept == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_work_that_keeps_failing_is_named_until_it_succeeds(
    works: Background, time: Time
) -> None:
    step = Step(*[Unavailable("locked")] * 3)
    with capture_logs() as logs:
        works.every("reading", 5, step)
        await step.waits.wait()
        assert works.failing == ["reading"]
        assert b'nsd_background_failing{work="reading"} 1.0' in metrics.exposition()
        step.let_go.set()
        await time.has_slept(5)
        assert works.failing == []
    assert b'nsd_background_failing{work="reading"} 0.0' in metrics.exposition()
    assert [entry["log_level"] for entry in logs] == ["warning"] * 3 + ["info"]


async def test_a_step_that_takes_long_to_fail_is_failing_all_the_same(
    works: Background, time: Time
) -> None:
    step = Step()
    failures = 0

    async def slow() -> None:
        nonlocal failures
        if failures == 3:
            await step()
        failures += 1
        await time.sleep(10 * background.MOST_PAUSE_SECONDS)
        raise Unavailable("it takes too long")

    works.every("exporting", 5, slow)
    await step.waits.wait()
    time.now += 10 * background.MOST_PAUSE_SECONDS
    assert works.failing == ["exporting"]


async def test_a_step_may_ask_for_shorter_pauses(works: Background, time: Time) -> None:
    step = Step(*[Unavailable("locked")] * 4)
    works.every("following", 0.25, step, most_pause=2)
    await step.waits.wait()
    assert time.slept == [1, 2, 2, 2]


async def test_a_loop_that_runs_again_is_failing_no_longer(works: Background, time: Time) -> None:
    step = Step(*[OSError("gone")] * 3)
    works.keep("keeping", step)
    await step.waits.wait()
    assert works.failing == ["keeping"]
    assert b'nsd_background_failing{work="keeping"} 1.0' in metrics.exposition()
    time.now += 4
    assert works.failing == []
    assert b'nsd_background_failing{work="keeping"} 0.0' in metrics.exposition()


async def test_a_loop_that_returns_is_at_its_end(works: Background) -> None:
    step = Step(*[OSError("gone")] * 3)
    step.let_go.set()
    work = works.keep("keeping", step)
    assert work.task is not None
    await work.task
    assert works.failing == []
    assert b'work="keeping"' not in metrics.exposition()


async def test_a_loop_that_waits_for_something_cancelled_is_started_again(
    works: Background,
) -> None:
    again = asyncio.Event()

    async def loop() -> None:
        if logs:
            again.set()
            await asyncio.Event().wait()
        others = asyncio.ensure_future(asyncio.Event().wait())
        others.cancel()
        await others

    with capture_logs() as logs:
        works.keep("keeping", loop)
        await again.wait()
    assert [entry["why"] for entry in logs] == ["CancelledError()"]


async def test_two_failures_in_a_row_are_not_yet_an_alarm(works: Background) -> None:
    step = Step(Unavailable("locked"), Unavailable("locked"))
    works.every("reading", 5, step)
    await step.waits.wait()
    assert works.failing == []


async def test_a_loop_that_ran_well_for_long_begins_anew_with_short_pauses(
    works: Background, time: Time
) -> None:
    lengths = [1.0, 1.0, background.MOST_PAUSE_SECONDS + 1]
    step = Step()

    async def loop() -> None:
        if not lengths:
            await step()
        await time.sleep(lengths.pop(0))
        raise OSError("gone")

    works.keep("keeping", loop)
    await step.waits.wait()
    assert time.slept[1::2] == [1, 2, background.FIRST_PAUSE_SECONDS]


async def test_an_entry_that_raises_ends_alone(works: Background) -> None:
    other = asyncio.Event()

    async def bad() -> None:
        raise ValueError("a defect")

    async def good() -> None:
        other.set()

    with capture_logs() as logs:
        await asyncio.gather(works.once("looking up", bad()), works.once("looking up", good()))
    assert other.is_set()
    assert [(entry["work"], entry["why"]) for entry in logs] == [
        ("looking up", "ValueError('a defect')")
    ]


async def test_closing_ends_all_work_and_waits_for_it(time: Time) -> None:
    works = Background(time, time.sleep)
    ended = []

    async def loop(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    works.keep("first", lambda: loop("first"))
    works.keep("second", lambda: loop("second"))
    works.once("third", loop("third"))
    await asyncio.sleep(0)
    await works.close()
    assert ended == ["second", "first", "third"]


async def test_work_that_raises_while_it_is_ended_has_ended(time: Time) -> None:
    works = Background(time, time.sleep)
    runs = 0

    async def loop() -> None:
        nonlocal runs
        runs += 1
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("gone")

    works.keep("keeping", loop)
    works.every("stepping", 5, loop)
    works.once("looking up", loop())
    await asyncio.sleep(0)
    with capture_logs() as logs:
        await works.close()
    assert runs == 3
    assert [entry["work"] for entry in logs] == ["stepping", "keeping", "looking up"]


async def test_what_was_started_and_never_ran_is_ended_too(time: Time) -> None:
    works = Background(time, time.sleep)
    step = Step()
    works.once("looking up", step())
    await works.close()
    assert not step.waits.is_set()


async def test_an_entry_started_at_the_end_is_ended_too(time: Time) -> None:
    works = Background(time, time.sleep)
    late = Step()

    async def loop() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            works.once("saving", late())
            await late.waits.wait()

    works.keep("keeping", loop)
    await asyncio.sleep(0)
    await works.close()
    assert late.waits.is_set()
