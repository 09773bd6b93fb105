"""The one owner of what runs beside requests: it starts, logs, restarts and ends it.

There are three forms of work, each with a name that an operator understands:

- `keep`: a loop that is meant to run for ever. What it raises is logged, and it is started again
  after a pause that doubles with each failure.
- `every`: a step that is taken again and again. One that raises is logged and taken again after
  such a pause; one that succeeds ends the failure. A step may begin by waiting for something to do.
- `once`: one entry of work, such as a look-up or a transfer. What it raises is logged and ends
  that entry only.

A loop or a step that keeps failing is named by `failing`, by `/health` and by a metric: a step
until it succeeds, a loop until it has run twice as long as its last pause.
"""

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, Coroutine
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

    def __init__(self, name: str, most_pause: float) -> None:
        self.name = name
        self.failures = 0  # in a row
        self.failing_until = 0.0
        self.task: asyncio.Task[None] | None = None
        self._most_pause = most_pause

    @property
    def pause(self) -> float:
        """How long to wait after the last failure, in seconds."""
        return min(FIRST_PAUSE_SECONDS * 2.0 ** min(self.failures - 1, 10), self._most_pause)

    def is_failing(self, now: float) -> bool:
        """Tell whether it has failed again and again, and not run well since."""
        return self.failures >= FAILING_AFTER and now < self.failing_until


class Background:
    """All work of one process that no request waits for.

    `clock` gives seconds that only go forward; `sleep` waits for some of them.
    """

    def __init__(self, clock: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._works: dict[Work, None] = {}
        self._entries: set[asyncio.Task[None]] = set()

    def keep(self, name: str, loop: Loop) -> Work:
        """Run a loop until it is stopped or returns."""
        work = self._add(Work(name, MOST_PAUSE_SECONDS))
        work.task = asyncio.create_task(self._keep(work, loop), name=name)
        return work

    def every(
        self, name: str, seconds: float, step: Loop, *, most_pause: float = MOST_PAUSE_SECONDS
    ) -> Work:
        """Take a step at once, and again `seconds` after each, until it is stopped.

        After a failure it is taken again after `most_pause` seconds at the latest.
        """
        work = self._add(Work(name, most_pause))
        work.task = asyncio.create_task(self._repeat(work, seconds, step), name=name)
        return work

    def once(self, name: str, entry: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run one entry of work to its end."""
        task = asyncio.create_task(_finish(name, entry), name=name)
        self._entries.add(task)
        task.add_done_callback(self._entries.discard)
        task.add_done_callback(lambda _: entry.close())  # it may have been ended before it began
        return task

    async def stop(self, work: Work) -> None:
        """End a loop or a step, and wait until it has ended."""
        self._forget(work)
        if work.task is not None:
            await _cancel(work.task)

    async def close(self) -> None:
        """End everything, the last that was started first, and what was started meanwhile."""
        while self._works or self._entries:
            for work in reversed(list(self._works)):
                await self.stop(work)
            for task in list(self._entries):
                await _cancel(task)

    @property
    def failing(self) -> list[str]:
        """Name the loops and steps that keep failing."""
        now = self._clock()
        return [work.name for work in self._works if work.is_failing(now)]

    def _add(self, work: Work) -> Work:
        self._works[work] = None
        shown = metrics.BACKGROUND_FAILING.labels(work.name)
        shown.set_function(lambda: work.is_failing(self._clock()))
        return work

    def _forget(self, work: Work) -> None:
        self._works.pop(work, None)
        with contextlib.suppress(KeyError):
            metrics.BACKGROUND_FAILING.remove(work.name)

    async def _keep(self, work: Work, loop: Loop) -> None:
        while True:
            began = self._clock()
            error = await _attempt(loop())
            if error is None:
                self._forget(work)
                return
            now = self._clock()
            if now - began > MOST_PAUSE_SECONDS:
                work.failures = 0  # it ran well for long
            work.failures += 1
            work.failing_until = now + 2 * work.pause
            _tell_again(work, error)
            await self._sleep(work.pause)

    async def _repeat(self, work: Work, seconds: float, step: Loop) -> None:
        work.failing_until = math.inf
        while True:
            error = await _attempt(step())
            if error is not None:
                work.failures += 1
                _tell_again(work, error)
            elif work.failures:
                work.failures = 0
                log.info("work beside requests succeeds again", work=work.name)
            await self._sleep(work.pause if work.failures else seconds)


async def _finish(name: str, entry: Coroutine[Any, Any, None]) -> None:
    error = await _attempt(entry)
    if error is not None:
        _tell("work beside requests failed", name, error)


async def _attempt(entry: Coroutine[Any, Any, None]) -> BaseException | None:
    """Await an entry; give what it raised. Where it is us who are ended, that is raised."""
    try:
        await entry
    except (Exception, asyncio.CancelledError) as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():  # otherwise something that it waited for is ended
            raise
        return error
    return None


def _tell_again(work: Work, error: BaseException) -> None:
    _tell(
        "work beside requests failed and is tried again",
        work.name,
        error,
        again_in_seconds=work.pause,
    )


def _tell(event: str, name: str, error: BaseException, **more: float) -> None:
    """Log an error of ours by what it says, a defect with its traceback."""
    if isinstance(error, NsdError):
        log.warning(event, work=name, why=error.detail, **more)
    else:
        log.error(event, work=name, why=repr(error), exc_info=error, **more)


async def _cancel(task: asyncio.Task[None]) -> None:
    """End a task and wait for its end; what it raises then concerns nobody any more."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()) is not None:
        _tell("work beside requests failed while it was ended", task.get_name(), error)
