"""Who may fetch now: so many at once, and so many of them from one primary."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Slots(Generic[T]):
    """Hands slots to those who wait, one primary after another.

    However slow some primaries are, they hold no more than their own slots, so that the copies of
    the others go on.
    """

    def __init__(self, at_once: int, per_primary: int) -> None:
        self._free = at_once
        self._per_primary = per_primary
        self._held: dict[str, int] = {}
        self._waiting: dict[str, deque[T]] = {}  # by the primary's address

    def wait(self, primary: str, who: T) -> None:
        """Let somebody wait for a slot."""
        self._waiting.setdefault(primary, deque()).append(who)

    def next(self) -> tuple[str, T] | None:
        """Give a slot of a primary to one who waits; None where nobody waits who may have one."""
        if not self._free:
            return None
        for primary, waiting in self._waiting.items():
            if self._held.get(primary, 0) < self._per_primary:
                return self._give(primary, waiting)
        return None

    def give_back(self, primary: str) -> None:
        """Take a slot back."""
        self._free += 1
        self._held[primary] -= 1
        if not self._held[primary]:
            del self._held[primary]

    def _give(self, primary: str, waiting: deque[T]) -> tuple[str, T]:
        self._free -= 1
        self._held[primary] = self._held.get(primary, 0) + 1
        who = waiting.popleft()
        del self._waiting[primary]  # the others' turn
        if waiting:
            self._waiting[primary] = waiting
        return primary, who
