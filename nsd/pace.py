"""How long work in a thread takes turns with the rest of its process.

A thread that works has the interpreter, and the event loop waits meanwhile. Work is therefore
either short, or it lets go again and again: it asks its pace whenever it can, by `check`.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol, TypeVar

from nsd.errors import NotBrief

T = TypeVar("T")

SHORT_SECONDS: Final = 0.01  # of a processor, for short work
TURN_SECONDS: Final = 0.001  # of a processor, between two rests of long work
REST_SECONDS: Final = 0.001
MOST: Final = 2  # works in a workshop at a time


class Pace(Protocol):
    """What work asks whether it may go on."""

    def check(self) -> None:
        """Return when work may go on; raise where it may not."""


class Short:
    """Ends work that is not short. It counts the processor's time, so a busy machine ends none.

    `clock` gives the seconds that this thread has had a processor.
    """

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._end = clock() + SHORT_SECONDS

    def check(self) -> None:
        """Raise NotBrief after the time of a short read."""
        if self._clock() >= self._end:
            raise NotBrief


class Long:
    """Lets everybody else have the interpreter every millisecond or so."""

    def __init__(
        self,
        clock: Callable[[], float] = time.thread_time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._end = clock() + TURN_SECONDS
        self._is_ended = False

    def check(self) -> None:
        """Rest, if it is time to. Raise NotBrief once `end` was called."""
        if self._is_ended:
            raise NotBrief
        if self._clock() >= self._end:
            self._sleep(REST_SECONDS)
            self._end = self._clock() + TURN_SECONDS

    def end(self) -> None:
        """Let the work end soon: nobody waits for it any more."""
        self._is_ended = True


class Workshop:
    """Does what is long work for the processor in threads, few at a time, none at full speed."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(MOST)

    async def gather(self, work: Callable[[], Iterable[T]]) -> list[T]:
        """Gather what work yields; each step of it takes a millisecond or less."""
        async with self._room:
            pace = Long()
            try:
                return await asyncio.to_thread(lambda: list(paced(work(), pace)))
            finally:
                pace.end()


def paced(steps: Iterable[T], pace: Pace) -> Iterator[T]:
    """Pass on steps at a pace."""
    for step in steps:
        yield step
        pace.check()
