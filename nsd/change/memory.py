"""The zones in memory, which show what was committed, and who is told of it.

Nothing here knows the database: whoever is given the effects of all changes in their order, in
whatever process, can show them.
"""

from collections.abc import Callable, Iterable, Sequence

import structlog

from nsd.change.effect import Effect, apply
from nsd.zone.name import WireName
from nsd.zone.table import ZoneTable

log = structlog.get_logger()

Listener = Callable[[Effect], None]


class Memory:
    """The zones of one process.

    `seen` is the last journal entry that they show. `listeners` are told each effect after it is
    shown, those of hidden zones too; what one of them raises is logged and harms no other.
    """

    def __init__(self, table: ZoneTable) -> None:
        self.table = table
        self.seen = 0
        self.listeners: list[Listener] = []

    def show_next(self, effects: Iterable[Effect]) -> None:
        """Show the effects of one change, those that nothing unseen stands before."""
        for effect in effects:
            if effect.journal_id == self.seen + 1:
                self._show(effect)
                self.seen = effect.journal_id

    def show_sum(self, effects: Sequence[Effect]) -> None:
        """Show effects that sum up all that was unseen, at most one for each zone."""
        for effect in effects:
            self._show(effect)
        self.seen = max([self.seen, *(effect.journal_id for effect in effects)])

    def _show(self, effect: Effect) -> None:
        apply(effect, self.table)
        for listener in list(self.listeners):
            _tell(listener, effect)


def by_apex(note: Callable[[WireName], None]) -> Listener:
    """Make a listener of what wants to know only which zone has changed."""
    return lambda effect: note(effect.apex)


def _tell(listener: Listener, effect: Effect) -> None:
    try:
        listener(effect)
    except Exception:
        log.exception("what should follow a change of a zone failed", zone=effect.apex.hex())
