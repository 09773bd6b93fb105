"""How much someone may ask for: so much at once, and so much a second from then on."""

from collections.abc import Hashable


class Buckets:
    """A bucket for each of many callers, full at first, that fills again as time goes by.

    `rate` is what comes back a second, `burst` what a full bucket holds. The `most` callers seen
    last are remembered; a caller that is forgotten begins with a full bucket.
    """

    def __init__(self, rate: float, burst: float, *, most: int = 10_000) -> None:
        self._rate = rate
        self._burst = burst
        self._most = most
        self._levels: dict[Hashable, tuple[float, float]] = {}  # what is left, and when it was so

    def wait(self, caller: Hashable, now: float) -> float:
        """Give the seconds until a caller may take something; 0.0 where at least 1 is left."""
        return max(0.0, (1.0 - self._level(caller, now)) / self._rate)

    def take(self, caller: Hashable, amount: float, now: float) -> None:
        """Take something out, even more than is left: the rest is owed."""
        level = self._level(caller, now) - amount
        self._levels.pop(caller, None)
        if len(self._levels) >= self._most:
            del self._levels[next(iter(self._levels))]
        self._levels[caller] = (max(level, -self._burst), now)

    def _level(self, caller: Hashable, now: float) -> float:
        level, then = self._levels.get(caller, (self._burst, now))
        return min(level + (now - then) * self._rate, self._burst)
