"""The one owner of what runs beside requests: it starts, logs, restarts and ends it.

There are three forms of work, each with a name that an operator understands:

- `keep`: a loop that is meant to run for ever. What it raises is logged, and it is started again
  after a pause that doubles with each failure.
- `every`: a step that is taken again and again. One that raises is logged and taken again after
  such a pause; one that succeeds ends the failure.
- `once`: one entry of work, such as a look-up or a transfer. What it raises is logged and ends
  that entry only.

A loop or a step that keeps failing is named by `failing`, by `/health` and by a metric.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, Final

import structlog

from nsd import metrics
from nsd.errors import NsdError

log = structlog.get_logger()

FIRST_PAUSE_SECONDS: Final = 1.0
MOST_PAUSE_SECONDS: Final = 60.0
FAILING_AFTER: Final = 3  # failures in a row

Loop = Callable[[], Coroutine[Any, Any, None]]
Sleep = Callable[[float], Awaitable[None]]


class Work:
    """One loop or step that runs until it is stopped."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failures = 0  # in a row
        self.failed_at = 0.0
        self.task: asyncio.Task[None] | None = None

    @property
    def pause(self) -> float:
        """How long to wait after the last failure, in seconds."""
        return min(FIRST_PAUSE_SECONDS * 2.0 ** min(self.failures - 1, 10), MOST_PAUSE_SECONDS)

    def is_failing(self, now: float) -> bool:
        """Tell whether it has failed again and again, until just now."""
        return self.failures >= FAILING_AFTER and now - self.failed_at < 2 * self.pause


class Background:
    """All work of one process that no request waits for.

    `clock` gives seconds that only go forward; `sleep` waits for some of them.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._works: dict[Work, None] = {}
        self._entries: set[asyncio.Task[None]] = set()

    def keep(self, name: str, loop: Loop) -> Work:
        """Run a loop until it is stopped."""
        work = Work(name)
        self._works[work] = None
        work.task = asyncio.create_task(self._keep(work, loop), name=name)
        return work

    def every(self, name: str, seconds: float, step: Loop) -> Work:
        """Take a step at once, and again `seconds` after each, until it is stopped."""
        work = Work(name)
        self._works[work] = None
        work.task = asyncio.create_task(
            self._keep(work, partial(self._repeat, work, seconds, step))
        )
        return work

    def once(self, name: str, entry: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run one entry of work to its end."""
        task = asyncio.create_task(_finish(name, entry), name=name)
        self._entries.add(task)
        task.add_done_callback(self._entries.discard)
        return task

    async def stop(self, work: Work) -> None:
        """End a loop or a step, and wait until it has ended."""
        self._works.pop(work, None)
        with contextlib.suppress(KeyError):
            metrics.BACKGROUND_FAILING.remove(work.name)
        if work.task is not None:
            await _cancel(work.task)

    async def close(self) -> None:
        """End everything, the last that was started first."""
        for work in reversed(list(self._works)):
            await self.stop(work)
        for task in list(self._entries):
            await _cancel(task)

    @property
    def failing(self) -> list[str]:
        """Name the loops and steps that keep failing."""
        now = self._clock()
        return [work.name for work in self._works if work.is_failing(now)]

    async def _keep(self, work: Work, loop: Loop) -> None:
        while True:
            began = self._clock()
            try:
                return await loop()
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is told and tried again
                if self._clock() - began > MOST_PAUSE_SECONDS:
                    work.failures = 0  # it ran well for long
                self._fail(work, error)
            await self._sleep(work.pause)

    async def _repeat(self, work: Work, seconds: float, step: Loop) -> None:
        while True:
            await step()
            self._recover(work)
            await self._sleep(seconds)

    def _fail(self, work: Work, error: Exception) -> None:
        work.failures += 1
        work.failed_at = self._clock()
        _tell("work beside requests failed and is tried again", work.name, error, work.pause)
        metrics.BACKGROUND_FAILING.labels(work.name).set(work.failures >= FAILING_AFTER)

    def _recover(self, work: Work) -> None:
        if work.failures:
            log.info("work beside requests succeeds again", work=work.name)
            metrics.BACKGROUND_FAILING.labels(work.name).set(0)
            work.failures = 0


async def _finish(name: str, entry: Coroutine[Any, Any, None]) -> None:
    try:
        await entry
    except Exception as error:  # noqa: BLE001 -- it ends this entry only
        _tell("work beside requests failed", name, error)


def _tell(event: str, name: str, error: Exception, pause: float | None = None) -> None:
    """Log an error of ours by what it says, a defect with its traceback."""
    again = {} if pause is None else {"again_in_seconds": pause}
    if isinstance(error, NsdError):
        log.warning(event, work=name, why=error.detail, **again)
    else:
        log.error(event, work=name, why=repr(error), exc_info=error, **again)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
