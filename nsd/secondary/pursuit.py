"""A zone on its way to a secondary, step by step.

It takes a NOTIFY until it is answered (RFC 1996), then looks at the SOA until it shows the serial,
and a NOTIFY anew where that takes long.
"""

from typing import Final

from nsd.zone.name import WireName

FIRST_LOOK_SECONDS: Final = 0.01
MOST_LOOK_SECONDS: Final = 60.0
FIRST_RETRY_SECONDS: Final = 1.0
MOST_RETRY_SECONDS: Final = 60.0
NOTIFY_AGAIN_SECONDS: Final = 5.0
GIVE_UP_GONE_SECONDS: Final = 3600.0


class Pursuit:
    """What was done for one zone so far, and when the next step is due.

    serial: the wanted one; None for a zone that shall be gone.
    is_busy: a step is under way.

    All times are of one clock that only goes forward.
    """

    __slots__ = ("_began", "_looks", "_told_at", "_tries", "apex", "is_busy", "serial")

    def __init__(self, apex: WireName, wanted: int | None, now: float) -> None:
        self.apex = apex
        self.is_busy = False
        self.want(wanted, now)

    def want(self, wanted: int | None, now: float) -> None:
        """Begin anew for a serial."""
        self.serial = wanted
        self._began = now
        self._looks = self._tries = 0
        self._told_at: float | None = now if wanted is None else None

    @property
    def is_told(self) -> bool:
        """Whether the secondary need not be told, so that a look is next."""
        return self._told_at is not None

    def note_told(self, serial: int | None, now: float) -> None:
        """Remember that a NOTIFY was answered, unless another serial is wanted meanwhile."""
        if self.serial == serial:
            self._told_at = now

    def tell_again(self) -> None:
        """Let a NOTIFY be next."""
        self._told_at = None

    def after_silence(self) -> float:
        """Give the seconds from a NOTIFY without an answer to the next one."""
        self._tries += 1
        return min(FIRST_RETRY_SECONDS * 2.0 ** min(self._tries - 1, 10), MOST_RETRY_SECONDS)

    def after_look(self, now: float) -> float:
        """Give the seconds from a look that showed another serial to the next step."""
        age = now - self._began
        told_at = now if self._told_at is None else self._told_at
        if self.serial is not None and now - told_at > max(NOTIFY_AGAIN_SECONDS, age / 4):
            self._told_at = None
        self._looks += 1
        slowest = min(max(1.0, age / 10), MOST_LOOK_SECONDS)
        return min(FIRST_LOOK_SECONDS * 1.5 ** min(self._looks, 30), slowest)

    def is_given_up(self, now: float) -> bool:
        """Tell whether a zone that shall be gone has been looked for long enough."""
        return self.serial is None and now - self._began > GIVE_UP_GONE_SECONDS
