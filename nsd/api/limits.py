"""What bounds the calls of HTTP: requests under way, bodies under way, and what a caller asks.

Calls with valid credentials are counted for their account, all others for the address that they
come from. Administrators' calls are not counted: they provision for everybody.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

from nsd.api.bucket import Buckets
from nsd.errors import Throttled, Unavailable
from nsd.settings import Http
from nsd.store.users import User

READ_COST: Final = 1.0
WRITE_COST: Final = 5.0
SMALL_BODY: Final = 64 * 1024  # octets that always find room
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LIMITS: web.AppKey["Limits"] = web.AppKey("limits")
COUNTED: web.RequestKey[int] = web.RequestKey("counted")  # the id of the account found for it
RESERVED: web.RequestKey[int] = web.RequestKey("reserved")  # octets of its body


class Limits:
    """The limits of one server. `clock` gives seconds that only go forward."""

    def __init__(self, http: Http, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._requests_left = http.requests
        self._octets_left = int(http.bodies_size)
        self._share = int(http.max_zone_file)
        self._octets_of: Counter[int | None] = Counter()
        self._accounts = Buckets(http.account_rate, http.account_burst)
        self._addresses = Buckets(http.address_rate, http.address_burst)
        self._failures = Buckets(http.failure_rate, http.failure_burst)

    def check_address(self, origin: str) -> None:
        """Refuse an address that asked too much, or failed too often. Raises Throttled."""
        now = self._clock()
        _raise_for(max(self._addresses.wait(origin, now), self._failures.wait(origin, now)))

    def count_address(self, origin: str, request: web.Request, status: int) -> None:
        """Count a call that no account was found for."""
        if status == 401:
            self._failures.take(origin, 1.0, self._clock())
        self._addresses.take(origin, _cost(request), self._clock())

    def count_account(self, user: User, request: web.Request) -> None:
        """Count a call of an account. Raises Throttled."""
        request[COUNTED] = user.id
        if not user.is_admin:
            now = self._clock()
            _raise_for(self._accounts.wait(user.id, now))
            self._accounts.take(user.id, _cost(request), now)

    @contextmanager
    def under_way(self, request: web.Request) -> Iterator[None]:
        """Hold the place of a request. Raises Unavailable where there are too many."""
        if not self._requests_left:
            raise Unavailable("too many requests are under way: try again in a moment")
        self._requests_left -= 1
        try:
            yield
        finally:
            self._requests_left += 1
            self._reserve(request, -request.get(RESERVED, 0))

    def reserve(self, request: web.Request, octets: int) -> None:
        """Reserve room for so many octets of a request's body.

        An account has room for one body of the largest size. Raises Unavailable.
        """
        more = octets - request.get(RESERVED, 0)
        if octets <= SMALL_BODY or more <= 0:
            return
        left = self._share - self._octets_of[request.get(COUNTED)]
        if more > min(left, self._octets_left):
            raise Unavailable("too many large bodies are under way: try again in a moment")
        self._reserve(request, more)

    def _reserve(self, request: web.Request, more: int) -> None:
        account = request.get(COUNTED)
        self._octets_left -= more
        self._octets_of[account] += more
        if not self._octets_of[account]:
            del self._octets_of[account]
        request[RESERVED] = request.get(RESERVED, 0) + more


def _cost(request: web.Request) -> float:
    return READ_COST if request.method in READING else WRITE_COST


def _raise_for(seconds: float) -> None:
    if seconds > 0:
        raise Throttled(seconds)
