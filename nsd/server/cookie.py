"""DNS cookies that any server of an anycast set can check (RFC 7873, RFC 9018)."""

import hmac
from collections.abc import Callable
from typing import Final

from siphashc import siphash

CLIENT_LENGTH: Final = 8
SERVER_LENGTHS: Final = range(8, 33)  # RFC 7873, section 4
SECRET_LENGTH: Final = 16

_VERSION: Final = b"\x01\x00\x00\x00"  # version 1 and three reserved octets
_OURS: Final = 16  # version, reserved, timestamp, hash
_EXPIRES: Final = 3600  # RFC 9018, section 4.3, in seconds
_RENEWED: Final = 1800
_AHEAD: Final = 300


class Cookies:
    """Makes and checks server cookies with one secret of 16 octets.

    With `required` a client that speaks cookies must show a good one before it is answered
    over UDP (RFC 7873, section 5.2.3). `wall` gives Unix seconds.
    """

    def __init__(self, secret: bytes, *, wall: Callable[[], float], required: bool = False) -> None:
        self.required = required
        self._secret = secret
        self._wall = wall
        self._now = -1  # the second of `_head`: version and timestamp of the cookies made in it
        self._head = b""

    def check(self, option: bytes, client: bytes) -> tuple[bytes, bool]:
        """Give the cookie to answer with, and whether the client showed a good one.

        `client` is its address, 4 or 16 octets. Raises ValueError for a length that no cookie
        has (RFC 7873, section 5.2.2).
        """
        now = int(self._wall())
        if now != self._now:
            self._now = now
            self._head = _VERSION + (now & 0xFFFFFFFF).to_bytes(4, "big")
        if len(option) == CLIENT_LENGTH:
            return self._make(option, self._head, client), False
        ours, shown = option[:CLIENT_LENGTH], option[CLIENT_LENGTH:]
        if len(shown) not in SERVER_LENGTHS:
            raise ValueError("a cookie of this length cannot be")
        age = self._age(ours, shown, client, now)
        if age is None or age >= _RENEWED:
            return self._make(ours, self._head, client), age is not None
        return option, True

    def _age(self, ours: bytes, shown: bytes, client: bytes, now: int) -> int | None:
        """Tell how many seconds ago we made a server cookie; None if it is not good."""
        if len(shown) != _OURS or shown[0] != _VERSION[0]:
            return None
        made = int.from_bytes(shown[4:8], "big")
        age = (now - made + 0x80000000) % 0x100000000 - 0x80000000  # RFC 1982
        if not -_AHEAD <= age <= _EXPIRES:
            return None
        expected = self._make(ours, shown[:8], client)
        return age if hmac.compare_digest(expected, ours + shown) else None

    def _make(self, ours: bytes, head: bytes, client: bytes) -> bytes:
        """Make a whole cookie: the client's part, what the server's begins with, the hash."""
        whole = ours + head
        return whole + siphash(self._secret, whole + client).to_bytes(8, "little")
