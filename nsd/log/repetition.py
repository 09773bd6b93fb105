"""How often one kind of line may stand in the log: whoever causes lines must not fill the disk."""

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog
from structlog.typing import EventDict, WrappedLogger

MOST_A_SECOND: Final = 5  # lines of a kind
MOST_KINDS: Final = 500  # all further ones are one kind together, until some fall silent
LEFT_OUT: Final = "more lines like this were left out"
WINDOW_SECONDS: Final = 1.0


class Kind(NamedTuple):
    """What makes lines alike: level, sentence, and the class of the error that they tell of.

    All that one library says at a level is of one kind, by its logger's name.
    """

    level: str
    text: str
    error: str


_OTHERS: Final = Kind("warning", "lines of many kinds", "")


@dataclass(slots=True)
class _Said:
    """The times of a kind's last lines, and how many were left out since that was told."""

    times: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_A_SECOND))
    left_out: int = 0


class Repetition:
    """Lets at most five lines of a kind through in any second, and counts the others.

    Lines may come from any thread. `clock` gives seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._said: dict[Kind, _Said] = {}
        self._lock = threading.Lock()

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Drop a line that is one too many."""
        if event["event"] == LEFT_OUT or self.admits(kind_of(event)):
            return event
        raise structlog.DropEvent

    def admits(self, kind: Kind) -> bool:
        """Tell whether one more line of a kind may be said now; count it either way."""
        now = self._clock()
        with self._lock:
            said = self._find(kind)
            if len(said.times) == MOST_A_SECOND and now - said.times[0] < WINDOW_SECONDS:
                said.left_out += 1
                return False
            said.times.append(now)
            return True

    def tell(self) -> None:
        """Say how many lines of each kind were left out since this was last said."""
        for kind, count in self._take_left_out():
            level = logging.getLevelNamesMapping()[kind.level.upper()]
            structlog.get_logger().log(level, LEFT_OUT, like=kind.text, count=count)

    def _find(self, kind: Kind) -> _Said:
        said = self._said.get(kind)
        if said is None:
            if len(self._said) >= MOST_KINDS:
                kind = _OTHERS
            said = self._said.setdefault(kind, _Said())
        return said

    def _take_left_out(self) -> list[tuple[Kind, int]]:
        with self._lock:
            return list(self._counted())

    def _counted(self) -> Iterator[tuple[Kind, int]]:
        """Give the counts and begin anew; forget the kinds of which nothing was said for long."""
        before = self._clock() - WINDOW_SECONDS
        for kind, said in list(self._said.items()):
            if said.left_out:
                yield kind, said.left_out
                said.left_out = 0
            elif said.times[-1] <= before:
                del self._said[kind]


def kind_of(event: EventDict) -> Kind:
    """Give the kind of a line."""
    return Kind(event["level"], str(event.get("logger", event["event"])), _class_of_error(event))


def _class_of_error(event: EventDict) -> str:
    """Name the class of the error in a line, as it is handed to the log."""
    error = event.get("exc_info")
    if error is True:  # the one that is being handled
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    return type(error).__name__ if isinstance(error, BaseException) else ""
