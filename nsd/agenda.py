"""What is due when."""

import heapq
import itertools
import math
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Agenda(Generic[T]):
    """Things, each with at most one time at which it is due. All times are of one clock."""

    def __init__(self) -> None:
        self._times: dict[T, float] = {}
        self._heap: list[tuple[float, int, T]] = []  # with outdated entries
        self._numbers = itertools.count()

    def put(self, thing: T, at: float) -> None:
        """Let a thing be due at a time, instead of the one that it had."""
        self._times[thing] = at
        heapq.heappush(self._heap, (at, next(self._numbers), thing))

    def bring_forward(self, thing: T, at: float) -> None:
        """Let a thing be due at a time, or at the earlier one that it has."""
        if at < self._times.get(thing, math.inf):
            self.put(thing, at)

    def drop(self, thing: T) -> None:
        """Let a thing never be due."""
        self._times.pop(thing, None)

    def take_due(self, now: float) -> Iterator[T]:
        """Take out what is due by now, the earliest first."""
        while (first := self.first) is not None and first <= now:
            _, _, thing = heapq.heappop(self._heap)
            del self._times[thing]
            yield thing

    @property
    def first(self) -> float | None:
        """The earliest time at which something is due."""
        heap = self._heap
        while heap and self._times.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None
